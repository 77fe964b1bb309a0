/** So many polls have to be missing: of fewer, none may come by chance. */
export const LEAST_EXPECTED_POLLS = 20;
/** "Nearly all" have stopped when less than this share of the expected polls came. */
export const QUIET_SHARE = 0.05;
/** Pieces in which so many polls were expected: small enough for a short stop, large enough to overlook a straggler. */
const SCALES = [LEAST_EXPECTED_POLLS, 5 * LEAST_EXPECTED_POLLS];

/** A run of slots, counted from the collection's first; the end is excluded. */
export interface Run {
  from: number;
  to: number;
}

/**
 * The stretches of [from, to) that are covered by pieces which hold less than a twentieth of the polls that were
 * expected in them. The polls are those `shift` slots later.
 */
export function quietRuns(
  expected: Float64Array,
  polls: Float64Array,
  from: number,
  to: number,
  shift = 0,
): Run[] {
  const covered = new Int32Array(to - from + 1);
  for (const scale of SCALES) {
    for (let start = from, end = from; start < to; start++) {
      while (end < to && between(expected, start, end) < scale) end += 1;
      const wanted = between(expected, start, end);
      if (wanted < scale) break;
      if (between(polls, start + shift, end + shift) >= QUIET_SHARE * wanted) continue;
      covered[start - from]! += 1;
      covered[end - from]! -= 1;
    }
  }
  const runs: Run[] = [];
  let depth = 0;
  for (let i = 0; i < covered.length; i++) {
    const before = depth;
    depth += covered[i]!;
    if (before === 0 && depth > 0) runs.push({ from: from + i, to });
    if (before > 0 && depth === 0) runs.at(-1)!.to = from + i;
  }
  return runs;
}

/** The sums of the values before each, and of all. */
export function sumsBefore(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  return sums;
}

/** The sum over [from, to). */
export function between(sums: Float64Array, from: number, to: number): number {
  return sums[to]! - sums[from]!;
}
