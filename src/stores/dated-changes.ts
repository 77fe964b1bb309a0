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
 * is in force on the eve needs no change of its own.
 *
 * @param changes in order of date.
 * @param before the value before the first change.
 */
export function planChange<V>(
  changes: readonly { fromDate: number; value: V }[],
  before: V,
  from: { date: number; value: V },
  same: (one: V, other: V) => boolean,
): ChangePlan {
  const present = changes.find((change) => change.fromDate === from.date);
  if (present !== undefined && same(present.value, from.value)) return { remove: false, insert: false };
  const eve = lastUpTo(changes, from.date - 1);
  return {
    remove: present !== undefined,
    insert: !same(eve === null ? before : eve.value, from.value),
  };
}
