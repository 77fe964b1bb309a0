import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problem.js';

/** No body of ours has more than two. */
const DEEPEST = 16;

/** What a route takes besides one JSON object. */
interface BodyRule {
  /** Content types that the route reads by itself. */
  types: readonly string[];
  /** Whether a JSON list is taken too. */
  list: boolean;
}

/** The routes (of POST) whose bodies are more than one JSON object. Any other route takes that alone. */
const BODIES: Readonly<Record<string, BodyRule>> = {
  '/api/v1/imports': { types: ['multipart/form-data'], list: false },
  '/api/v1/polls': { types: ['application/x-ndjson'], list: true },
};

/**
 * Refuses a body of another kind under /api/v1. Without it such a body is left unread, and a report with other rules
 * than those that were asked for is made. The earlier clients send what they like: theirs was never read.
 */
export function jsonOnly(request: Request, _response: Response, next: NextFunction): void {
  const types = ['application/json', ...(ruleOf(request)?.types ?? [])];
  const refused = isOurs(request) && hasBody(request) && request.is(types) === false;
  next(
    refused
      ? new Problem(
          415,
          'not_json',
          `The body is not read, because it is not declared as ${types.length === 1 ? 'JSON' : types.join(' or ')}. ` +
            'Send it with the header `Content-Type: application/json`' +
            `${types
              .slice(1)
              .map((type) => ` or \`${type}\``)
              .join('')}.`,
        )
      : undefined,
  );
}

/** Refuses a body that is no object, or nested so deeply that what walks through it would run out of stack. */
export function plainBodyOnly(request: Request, _response: Response, next: NextFunction): void {
  next(isOurs(request) ? (refusal(request.body, ruleOf(request)?.list ?? false) ?? undefined) : undefined);
}

/** The parser's own running out of stack, told as what it comes from. Express knows such a handler by its four parameters. */
export function parserOverflow(
  error: unknown,
  _request: Request,
  _response: Response,
  next: NextFunction,
): void {
  next((error as Error).name === 'RangeError' ? nestedTooDeeply() : error);
}

function nestedTooDeeply(): Problem {
  return new Problem(400, 'too_deep', 'The body is nested too deeply: no member has more than a list in it.');
}

function refusal(body: unknown, listAllowed: boolean): Problem | null {
  // Bytes that the route reads by itself.
  if (Buffer.isBuffer(body)) return null;
  if (Array.isArray(body) && !listAllowed) {
    return new Problem(
      400,
      'not_an_object',
      'The body has to be one JSON object, such as {}, and not a list.',
    );
  }
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return nestedTooDeeply();
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return null;
}

function ruleOf({ method, path }: Request): BodyRule | undefined {
  return method === 'POST' ? BODIES[path.toLowerCase().replace(/\/$/, '')] : undefined;
}

function isOurs({ path }: Request): boolean {
  return path.toLowerCase().startsWith('/api/v1/');
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
