import { Problem } from '../../platform/problem.js';

/** Events that are stored together, at most. */
export const BATCH = 500;

/** @param limit how many may wait. */
export function bufferFull(limit: number): Problem {
  return new Problem(
    429,
    'too_many_waiting',
    `${limit.toLocaleString('en')} events may wait to be stored, and these would be more; nothing of the request was kept. ` +
      'Send it again in some seconds. If it stays so, no worker takes them, or the database is away.',
  );
}
