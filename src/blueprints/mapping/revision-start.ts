import { DAY_US, formatInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import type { MappingRevision } from '../mapping-content.js';
import type { TargetStore } from './target-stores.reader.js';

/** So far may the clocks of two processes be apart. */
const CLOCKS_APART_US = 5_000_000;

const MOST_DAYS_AHEAD = 366;

/** What `effective_from` has to be, as the rest of a sentence that begins with its name. Null: nothing is wrong with it. */
export function startProblem(wantedUs: number | null, nowUs: number): string | null {
  const latestUs = nowUs + MOST_DAYS_AHEAD * DAY_US;
  return wantedUs === null || wantedUs <= latestUs
    ? null
    : `has to be at most ${MOST_DAYS_AHEAD} days ahead, ${formatInstantUs(latestUs)} at the latest`;
}

/** Whether what a revision says holds already at the instant from which it is wanted. @param wantedUs null: now */
export function holdsAt(head: MappingRevision, wantedUs: number | null, nowUs: number): boolean {
  return head.effectiveFromUs <= (wantedUs ?? nowUs + CLOCKS_APART_US);
}

/**
 * From when on a new revision is effective. It may lie in the past only where there was no mapping before: figures of
 * the past have been told by the one that held then.
 *
 * @param head the last revision of the store.
 * @param wantedUs null: from now on.
 * @throws Problem 409
 */
export function startOfRevision(
  store: TargetStore,
  head: MappingRevision | null,
  wantedUs: number | null,
  nowUs: number,
): number {
  if (head === null) return wantedUs ?? nowUs;
  if (wantedUs !== null && wantedUs < nowUs)
    throw new Problem(
      409,
      'past_is_told',
      `effective_from lies in the past (${formatInstantUs(wantedUs)}), for which the store has a mapping already: figures that were told would change. Leave it out for "from now on".`,
    );
  if (holdsAt(head, wantedUs, nowUs)) return Math.max(wantedUs ?? nowUs, head.effectiveFromUs);
  const path = `/api/v1/stores/${encodeURIComponent(store.id)}/mapping/revisions/${head.revision}`;
  throw new Problem(
    409,
    'later_revision_planned',
    `Revision ${head.revision} of the mapping is planned: it holds from ${formatInstantUs(head.effectiveFromUs)} on, and the one after it can't begin before that. Withdraw it first (DELETE ${path}), or give an effective_from that is not before.`,
  );
}
