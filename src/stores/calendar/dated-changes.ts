import { Problem } from '../../platform/problem.js';

/** Changes that a list may hold: every answer about a store tells all of its own, and every report reads them. */
const MOST_CHANGES = 200;

/** What an edit does to a store's list of dated changes. */
export interface ChangePlan {
  /** The change of the same date goes. */
  remove: boolean;
  insert: boolean;
}

/** The last change of a list in order of date that is in force on a date; null before the first. */
export function lastUpTo<T extends { fromDate: number }>(changes: readonly T[], date: number): T | null {
  return changes.findLast((change) => change.fromDate <= date) ?? null;
}

/**
 * Lets a value hold from a date on. Later changes stay: they are announced, and hold from their dates on. A value that
 * is in force on the eve needs no change of its own, unless it is only assumed there.
 *
 * @param changes in order of date.
 * @param before the value before the first change; null: nobody named one.
 * @throws Problem 409 when there are too many changes already.
 */
export function planChange<V>(
  changes: readonly { fromDate: number; value: V }[],
  before: V | null,
  from: { date: number; value: V },
  same: (one: V, other: V) => boolean,
): ChangePlan {
  const present = changes.find((change) => change.fromDate === from.date);
  if (present !== undefined && same(present.value, from.value)) return { remove: false, insert: false };
  const eve = lastUpTo(changes, from.date - 1);
  const insert = eve === null ? before === null || !same(before, from.value) : !same(eve.value, from.value);
  if (insert && present === undefined && changes.length >= MOST_CHANGES) throw tooManyChanges();
  return { remove: present !== undefined, insert };
}

function tooManyChanges(): Problem {
  return new Problem(
    409,
    'too_many_changes',
    `The store has ${MOST_CHANGES} changes of this kind already, the most that are kept. Set what holds with "effective_from": "always", which takes them away, and announce again what is still to come.`,
  );
}
