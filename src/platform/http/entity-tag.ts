import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Problem } from '../problem.js';

/**
 * The strong tag of a representation, out of what can be edited and what is shown besides.
 *
 * `If-None-Match` compares the whole tag, so that nothing old passes for new. `If-Match` compares the first half: a
 * store that is polled every minute would else have changed under everybody who edits it.
 *
 * @param facts what an edit would overwrite; JSON values, in an order that does not vary.
 * @param shown what else the representation holds, such as the newest poll.
 */
export function entityTag(facts: unknown, shown: unknown = null): string {
  return `"${digest(facts)}-${digest(shown)}"`;
}

/**
 * Takes an edit only when it was made upon what there is. To be asked inside the transaction that edits, under its
 * lock: of two edits at once made upon the same state, one is refused.
 *
 * @param ifMatch the request's `If-Match`; null: whoever edits does not mind what was there.
 * @throws Problem 412
 */
export function requireMatch(ifMatch: string | null, tag: string): void {
  if (ifMatch === null || ifMatch.trim() === '*') return;
  const known = factsOf(tag);
  if (ifMatch.split(',').some((given) => factsOf(given.trim()) === known)) return;
  throw new Problem(
    412,
    'changed_meanwhile',
    'It was changed since you read it, or the tag in If-Match is none of its. Read it again (GET), look at what is different, and send the edit with the ETag of that answer.',
  );
}

/** Puts the tag of what is answered on the answer. */
export function withTag<T>(response: Response, { view, etag }: { view: T; etag: string }): T {
  response.set('ETag', etag);
  return view;
}

/** The request's `If-Match`, null where it has none. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null =>
    context.switchToHttp().getRequest<Request>().get('if-match') ?? null,
);

/** For `ApiHeader`. */
export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description:
    'The `ETag` of what was read before; the edit is refused (412) when it was changed in the meantime',
} as const;

/** A weak tag (`W/`) has no first half that would count: it says that two things are alike, not that they are the same. */
function factsOf(tag: string): string | null {
  return /^"([\w]+)-[\w]+"$/.exec(tag)?.[1] ?? null;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
