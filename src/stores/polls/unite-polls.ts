/** Two lists of polls made one. */
export interface UnitedPolls {
  /** Codes sorted, one for each instant; where both lists know an instant, the later list's. */
  polls: Float64Array;
  /** How many polls stand in both lists, instant and status alike. */
  equal: number;
}

/** Unites two sorted lists of poll codes, each with one for each instant; the later list wins. */
export function unitePolls(earlier: Float64Array, later: Float64Array): UnitedPolls {
  const united = new Float64Array(earlier.length + later.length);
  let count = 0;
  let equal = 0;
  let e = 0;
  let l = 0;
  while (e < earlier.length && l < later.length) {
    const difference = Math.floor(earlier[e]! / 2) - Math.floor(later[l]! / 2);
    if (difference === 0) {
      if (earlier[e] === later[l]) equal++;
      e++;
    }
    united[count++] = difference < 0 ? earlier[e++]! : later[l++]!;
  }
  while (e < earlier.length) united[count++] = earlier[e++]!;
  while (l < later.length) united[count++] = later[l++]!;
  return { polls: united.subarray(0, count), equal };
}

/** More polls than seconds: nothing that polls a store does that, and no store-day holds more. */
export const MOST_POLLS_A_DAY = 86_400;

/** Two lists of polls made one that is no longer than allowed. */
export interface BoundedPolls {
  polls: Float64Array;
  /** Polls of the later list at instants of their own for which there was no room: the latest of them. */
  surplus: Float64Array;
  /** Whether `polls` says anything else than the earlier list. */
  changes: boolean;
}

/** As `unitePolls`, but of the later list's new instants only as many as there is room for. */
export function uniteWithin(earlier: Float64Array, later: Float64Array, most: number): BoundedPolls {
  const united = unitePolls(earlier, later);
  const over = united.polls.length - most;
  if (over <= 0)
    return { polls: united.polls, surplus: new Float64Array(0), changes: united.equal < later.length };
  const known = new Set(Array.from(earlier, instantOf));
  const fresh = later.filter((poll) => !known.has(instantOf(poll)));
  const surplus = fresh.slice(fresh.length - over);
  const refused = new Set(surplus);
  const polls = united.polls.filter((poll) => !refused.has(poll));
  return { polls, surplus, changes: united.equal < later.length - over };
}

function instantOf(poll: number): number {
  return Math.floor(poll / 2);
}
