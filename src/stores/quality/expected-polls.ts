import { SLOTS_A_DAY } from '../polls/poll-activity.js';

/** What is usual is asked of so many of the nearest days, and fewer than the second number can't tell. */
export const MOST_DAYS_COMPARED = 28;
export const LEAST_DAYS_COMPARED = 3;
/** An hour and a slot: the pauses between rounds that come every hour vanish in it. */
const SMOOTHED_SLOTS = 13;

/**
 * How many polls each slot would hold if it were like the days around it: the median of what the hour around the
 * same time of day held on the nearest other days with polls, which a stop on some of them doesn't move. Zero where
 * too few days can tell. Smoothed, since the rounds of a poller begin earlier on one day and later on another.
 *
 * @param sums polls before each slot.
 * @param polledDays days with polls, counted from the first slot, in order.
 * @param from the slots in [from, to) are known.
 */
export function expectedPolls(
  sums: Float64Array,
  polledDays: readonly number[],
  from: number,
  to: number,
): Float64Array {
  const expected = new Float64Array(to);
  const reach = (SMOOTHED_SLOTS - 1) / 2;
  const values = new Float64Array(MOST_DAYS_COMPARED);
  for (let day = 0; day * SLOTS_A_DAY < to; day++) {
    const others = nearest(polledDays, day);
    for (let within = 0; within < SLOTS_A_DAY && day * SLOTS_A_DAY + within < to; within++) {
      let known = 0;
      for (const other of others) {
        const first = other * SLOTS_A_DAY + within - reach;
        if (first < from || first + SMOOTHED_SLOTS > to) continue;
        values[known++] = (sums[first + SMOOTHED_SLOTS]! - sums[first]!) / SMOOTHED_SLOTS;
        if (known === MOST_DAYS_COMPARED) break;
      }
      if (known < LEAST_DAYS_COMPARED) continue;
      // Of an even number the lower of the two in the middle: in doubt fewer are expected, and no outage is found.
      expected[day * SLOTS_A_DAY + within] = values.subarray(0, known).sort()[(known - 1) >> 1]!;
    }
  }
  return expected;
}

/**
 * The days nearest to one, itself left out, the earlier of two that are as near first; two more than are compared, since
 * the ends of the line are cut.
 *
 * @param days in order.
 */
function nearest(days: readonly number[], to: number): number[] {
  const found: number[] = [];
  let after = firstNotBefore(days, to);
  let before = after - 1;
  if (days[after] === to) after += 1;
  while (found.length < MOST_DAYS_COMPARED + 2 && (before >= 0 || after < days.length)) {
    const back = before < 0 ? Infinity : to - days[before]!;
    const ahead = after >= days.length ? Infinity : days[after]! - to;
    found.push(back <= ahead ? days[before--]! : days[after++]!);
  }
  return found;
}

/** The place of the first day that is not before another one, among days in order. */
function firstNotBefore(days: readonly number[], day: number): number {
  let from = 0;
  let to = days.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (days[middle]! < day) from = middle + 1;
    else to = middle;
  }
  return from;
}
