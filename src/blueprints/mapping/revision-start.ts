import { formatInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import type { MappingRevision } from '../mapping-content.js';

/** So far may the clocks of two processes be apart. */
const CLOCKS_APART_US = 5_000_000;

/**
 * From when on a new revision is effective. It may lie in the past only where there was no mapping before: figures of
 * the past have been told by the one that held then.
 *
 * @param head the last revision of the store.
 * @param wantedUs null: from now on.
 * @throws Problem 409
 */
export function startOfRevision(
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
  const start = wantedUs ?? nowUs;
  if (start >= head.effectiveFromUs) return start;
  if (wantedUs === null && head.effectiveFromUs - nowUs <= CLOCKS_APART_US) return head.effectiveFromUs;
  throw new Problem(
    409,
    'later_revision_planned',
    `Revision ${head.revision} of the mapping is effective from ${formatInstantUs(head.effectiveFromUs)} on, and the one after it can't begin before that. Give an effective_from that is not before.`,
  );
}
