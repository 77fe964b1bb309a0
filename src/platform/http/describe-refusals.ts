import type { OpenAPIObject } from '@nestjs/swagger';
import { takesJson } from './json-only.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
/** Where parameters are looked at before a route is; the routes of earlier clients take what they are sent. */
const OURS = '/api/v1/';

const PROBLEM = {
  type: 'object',
  description: 'What was wrong, where, what is allowed, and what to do (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'instance', 'request_id', 'error'],
  properties: {
    type: {
      type: 'string',
      description: 'The kind of problem, for programs',
      examples: ['urn:storewatch:problem:invalid'],
    },
    title: { type: 'string', description: 'The same for every problem of this status' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was wrong, for people' },
    instance: { type: 'string', description: 'The path that was asked for' },
    request_id: { type: 'string', description: 'Under which the log tells of it' },
    error: { type: 'string', description: 'As `title`, for earlier clients' },
    errors: {
      type: 'array',
      description: 'Each thing that is wrong with the request, where there may be several',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'Where in the body or the query (RFC 6901)' },
          code: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
};

/**
 * Adds to every operation how it may be refused before it is begun, which no decorator tells of, and what a refusal
 * consists of, which none would have to repeat.
 */
export function describeRefusals(document: OpenAPIObject): void {
  document.components ??= {};
  document.components.schemas ??= {};
  document.components.schemas['Problem'] = PROBLEM;
  for (const [route, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      for (const [status, description] of refusalsOf(operation, route)) {
        operation.responses[status] ??= { description };
      }
      showProblems(operation);
    }
  }
}

function refusalsOf(operation: Operation, route: string): [string, string][] {
  const refusals: [string, string][] = [
    ['403', 'The Host header names another machine, or a page of another origin would change something'],
  ];
  if (operation.requestBody !== undefined && takesJson(route))
    refusals.push(
      ['413', 'The body is longer than is taken here'],
      [
        '415',
        'The body is not declared as a kind of content that is taken here, or is packed in an unknown way',
      ],
    );
  if (!route.startsWith(OURS)) return refusals;
  refusals.push(['400', 'A parameter is unknown or has a value that is not allowed; `errors` says which']);
  if (takesKey(operation))
    refusals.push(
      [
        '409',
        'The first request with this `Idempotency-Key` is still at work; `Retry-After` says when to ask again',
      ],
      ['422', 'The `Idempotency-Key` was sent before with another request'],
    );
  return refusals;
}

function takesKey({ parameters = [] }: Operation): boolean {
  return parameters.some((parameter) => 'name' in parameter && parameter.name === 'Idempotency-Key');
}

function showProblems({ responses }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    // 412 and the like of a download have no content.
    if (!/^[45]/.test(status) || status === '416' || response === undefined || '$ref' in response) continue;
    response.content ??= { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  }
}
