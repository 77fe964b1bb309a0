import { fail } from './assert.js';
import type { BusinessDay } from './business-days.js';
import type { Interval } from './intervals.js';
import { firstPollAtOrAfter, pollInstantUs } from './polls.js';

/** Consecutive polls of a list, from index `from` up to but without `to`: those of a day, without a copy of them. */
export interface PollRun {
  readonly polls: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** A store's polls, sorted out by rule 8. All are poll codes in order of time. */
export interface SortedPolls {
  /** For each business day, the polls that count for it. */
  readonly byDay: readonly PollRun[];
  /** The same polls in one list. */
  readonly counting: readonly number[];
  /** Polls at no open time, since `fromUs`. */
  readonly outside: readonly number[];
}

const NEVER: Interval = { startUs: Infinity, endUs: Infinity };

/**
 * Rule 8: which polls count, and for which business day. A poll at exactly asOf counts, even where a day opens at
 * that very instant.
 * @param fromUs polls before it and before the first opening are left out
 */
export function sortOutPolls(
  days: readonly BusinessDay[],
  polls: Float64Array | readonly number[],
  fromUs: number,
  asOfUs: number,
): SortedPolls {
  const openings: Interval[] = [];
  for (const { open } of days) for (const opening of open) openings.push(opening);
  const inOrder = areInOrder(openings);
  if (!inOrder) openings.sort((a, b) => a.startUs - b.startUs);
  const counting: number[] = [];
  const outside: number[] = [];
  // For each opening that is over, how many polls had counted by its end.
  const countedByEnd: number[] = [];
  let { startUs, endUs } = openings[0] ?? NEVER;
  let formerUs = -Infinity;
  for (let i = firstPollAtOrAfter(polls, Math.min(fromUs, startUs)); i < polls.length; i++) {
    const poll = polls[i]!;
    const instantUs = pollInstantUs(poll);
    if (instantUs > asOfUs) break;
    if (instantUs <= formerUs)
      fail(`polls must be sorted and one for each instant, at ${instantUs} they are not`);
    formerUs = instantUs;
    while (endUs <= instantUs) {
      countedByEnd.push(counting.length);
      ({ startUs, endUs } = openings[countedByEnd.length] ?? NEVER);
    }
    if (startUs <= instantUs) counting.push(poll);
    else if (instantUs >= fromUs) outside.push(poll);
  }
  // Days that lie within one another are a matter of one night in decades: each then looks for its own.
  const byDay = inOrder
    ? runsOfDays(days, counting, countedByEnd)
    : days.map((day) => sortOutPolls([day], polls, fromUs, asOfUs).byDay[0]!);
  return { byDay, counting, outside };
}

/** Whether each opening is over before the next begins. */
function areInOrder(openings: readonly Interval[]): boolean {
  for (let i = 1; i < openings.length; i++) {
    if (openings[i]!.startUs < openings[i - 1]!.endUs) return false;
  }
  return true;
}

function runsOfDays(
  days: readonly BusinessDay[],
  counting: readonly number[],
  countedByEnd: readonly number[],
): PollRun[] {
  const runs: PollRun[] = [];
  let openings = 0;
  let from = 0;
  for (const { open } of days) {
    openings += open.length;
    const to = openings <= countedByEnd.length ? countedByEnd[openings - 1]! : counting.length;
    runs.push({ polls: counting, from, to });
    from = to;
  }
  return runs;
}
