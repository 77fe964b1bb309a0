import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problem.js';

/** No body of ours has more than two. */
const DEEPEST = 16;

const MACHINERY = new Set(['__proto__', 'constructor', 'prototype']);

/** How the addresses begin at which JSON bodies are read. */
const BODIES_READ = ['/api/v1/', '/api/logs/add-movement', '/api/blueprints'] as const;

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
  '/api/v1/movements': { types: ['application/x-ndjson'], list: true },
};

/**
 * Refuses a body of another kind under /api/v1 and on those routes of earlier clients whose bodies are read. Without it
 * such a body is left unread: a report with other rules than those that were asked for is made, a blueprint is applied
 * to another store. To their other routes the earlier clients send what they like: nobody ever read it.
 */
export function jsonOnly(request: Request, _response: Response, next: NextFunction): void {
  const types = ['application/json', ...(ruleOf(request)?.types ?? [])];
  const refused = takesJson(request.path) && hasBody(request) && request.is(types) === false;
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

/**
 * Whether somebody reads a JSON body there. Of the earlier clients' routes most take none, and their clients send what
 * they like with them.
 */
export function readsJson(message: IncomingMessage): boolean {
  const request = message as Request;
  return isJson(request) && takesJson(request.path);
}

/**
 * Refuses a body that is no object, has members that a careless merge would take for an object's own machinery, or is
 * nested so deeply that what walks through it would run out of stack.
 */
export function plainBodyOnly(request: Request, _response: Response, next: NextFunction): void {
  next(refusal(request.body, ruleOf(request)?.list ?? false) ?? undefined);
}

function refusal(body: unknown, listAllowed: boolean): Problem | null {
  // Bytes that the route reads by itself, or nothing.
  if (Buffer.isBuffer(body) || body === undefined) return null;
  if (typeof body !== 'object' || body === null || (Array.isArray(body) && !listAllowed)) {
    const given = Array.isArray(body) ? 'a list' : body === null ? 'null' : `a ${typeof body}`;
    return new Problem(
      400,
      'not_an_object',
      `The body has to be one JSON object, such as {}, and not ${given}.`,
    );
  }
  let level: object[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) {
      const detail = `The body is nested too deeply: more than ${DEEPEST} objects and lists are in each other.`;
      return new Problem(400, 'too_deep', detail);
    }
    const forbidden = level.flatMap((value) => Object.keys(value).filter((name) => MACHINERY.has(name)))[0];
    if (forbidden !== undefined) return forbiddenMember(forbidden);
    level = level.flatMap((value) =>
      Object.values(value).filter(
        (member): member is object => typeof member === 'object' && member !== null,
      ),
    );
  }
  return null;
}

function forbiddenMember(name: string): Problem {
  const detail = `The body has a member '${name}'. No object is to have one: leave it out.`;
  return new Problem(400, 'unknown_member', detail);
}

function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(?:;|$)/i.test(headers['content-type']?.trim() ?? '');
}

function ruleOf({ method, path }: Request): BodyRule | undefined {
  return method === 'POST' ? BODIES[path.toLowerCase().replace(/\/$/, '')] : undefined;
}

/** Whether bodies are read at an address at all, and only as what they are declared to be. */
export function takesJson(path: string): boolean {
  const lower = path.toLowerCase();
  return BODIES_READ.some((start) => lower.startsWith(start));
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
