import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { Problem } from '../problem.js';
import { type FirstUse, isOther, type KeptAnswer } from './idempotency-key.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { canonicalJson } from './canonical-json.js';
import { digestOfForm, isForm, passOverForm, passOverRest } from './multipart.js';

/** How long a second request waits for the first one's answer. */
const PATIENCE_MS = 3_000;
/** Headers of an answer that belong to it as much as its body. */
const KEPT_HEADERS = ['location', 'retry-after', 'etag'] as const;

/** Lets a route be called again with the same `Idempotency-Key` without doing again what it did. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const key = request.get('idempotency-key');
    if (key === undefined) return next.handle();
    try {
      refuseBadKey(key);
      const fingerprint = isForm(request) ? null : fingerprintOf(request);
      const found = await this.keys.take({ scope: scopeOf(request), key, fingerprint }, PATIENCE_MS);
      if (found.state === 'first') return of(await first(found.use, request, response, next));
      if (found.state === 'answered') return of(await again(found.answer, fingerprint, request, response));
      if (isOther(fingerprint, found.fingerprint)) throw otherRequest();
      response.set('Retry-After', '1');
      throw stillRunning();
    } catch (error) {
      // A form that nobody has read would hold the client up, which waits for it to be taken.
      if (isForm(request)) passOverRest(request);
      throw error;
    }
  }
}

/** Takes `Idempotency-Key` on a POST that creates or enqueues something. The handler has to return its answer. */
export function Idempotent(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Any text of yours, 1 to 255 characters. The same request with the same key within 24 hours is done once, and answered the same again, with `Idempotent-Replayed: true`',
    }),
  );
}

/** Does what is asked for, and keeps the answer. What is refused has done nothing: the key is free again. */
async function first(
  use: FirstUse,
  request: Request,
  response: Response,
  next: CallHandler,
): Promise<unknown> {
  let result: unknown;
  try {
    result = await lastValueFrom(next.handle(), { defaultValue: undefined });
  } catch (error) {
    await use.free();
    throw error;
  }
  await use.keep({
    fingerprint: use.sent.fingerprint ?? fingerprintOf(request, digestOfForm(request)),
    status: response.statusCode,
    headers: Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (response.get(name) === undefined ? [] : [[name, response.get(name)!]])),
    ),
    body: result === undefined ? null : JSON.stringify(result),
  });
  return result;
}

/** Answers what was answered before. */
async function again(
  answer: KeptAnswer,
  known: string | null,
  request: Request,
  response: Response,
): Promise<unknown> {
  const fingerprint = known ?? fingerprintOf(request, await passOverForm(request));
  if (isOther(fingerprint, answer.fingerprint)) throw otherRequest();
  response.status(answer.status).set({ ...answer.headers, 'Idempotent-Replayed': 'true' });
  return answer.body === null ? undefined : (JSON.parse(answer.body) as unknown);
}

function refuseBadKey(key: string): void {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return;
  throw new Problem(
    400,
    'bad_idempotency_key',
    'The header Idempotency-Key has to be 1 to 255 printable ASCII characters, such as a UUID. Nothing was done.',
  );
}

/** The same route for all its ids: which one was meant is part of what was sent. */
function scopeOf(request: Request): string {
  const { path } = request.route as { path: string };
  return `${request.method} ${path}`;
}

/** SHA-256 of what a request asks for: its address and its body. @param form digest of a body that is a form. */
function fingerprintOf(request: Request, form?: string): string {
  const body: unknown = request.body;
  const hash = createHash('sha256').update(`${request.originalUrl}\n`);
  if (form !== undefined) return hash.update(form).digest('hex');
  // To leave a body out is to send an empty one.
  return hash.update(Buffer.isBuffer(body) ? sameForEqual(body) : canonicalJson(body ?? {})).digest('hex');
}

/** Bytes that the route reads by itself: as JSON where they are it, else (lines of it, or nothing good) as they are. */
function sameForEqual(body: Buffer): Buffer | string {
  try {
    return canonicalJson(JSON.parse(body.toString()));
  } catch {
    return body;
  }
}

function otherRequest(): Problem {
  return new Problem(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key was sent before with another body or for another address, so nothing was done. Send a key of its own with every request that is not a repetition.',
  );
}

function stillRunning(): Problem {
  return new Problem(
    409,
    'idempotency_key_in_use',
    'The first request with this Idempotency-Key is still at work. Send the same again in a moment to get its answer.',
  );
}
