import { fail } from './assert.js';
import type { BusinessDay } from './business-days.js';
import type { Interval } from './intervals.js';
import { firstPollAtOrAfter, pollInstantUs } from './polls.js';

/** A store's polls, sorted out by rule 8. All are poll codes in order of time. */
export interface SortedPolls {
  /** For each business day, the polls that count for it. */
  readonly byDay: readonly (readonly number[])[];
  /** The same polls in one list. */
  readonly counting: readonly number[];
  /** Polls at no open time, since `fromUs`. */
  readonly outside: readonly number[];
}

interface Opening extends Interval {
  readonly day: number;
}

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
  const openings = openingsInOrder(days);
  const byDay: number[][] = days.map(() => []);
  const counting: number[] = [];
  const outside: number[] = [];
  const firstOpening = openings[0]?.startUs ?? Infinity;
  let next = 0;
  let formerUs = -Infinity;
  for (let i = firstPollAtOrAfter(polls, Math.min(fromUs, firstOpening)); i < polls.length; i++) {
    const poll = polls[i]!;
    const instantUs = pollInstantUs(poll);
    if (instantUs > asOfUs) break;
    if (instantUs <= formerUs)
      fail(`polls must be sorted and one for each instant, at ${instantUs} they are not`);
    formerUs = instantUs;
    while (next < openings.length && openings[next]!.endUs <= instantUs) next++;
    const opening = openings[next];
    if (opening !== undefined && opening.startUs <= instantUs) {
      byDay[opening.day]!.push(poll);
      counting.push(poll);
    } else if (instantUs >= fromUs) {
      outside.push(poll);
    }
  }
  return { byDay, counting, outside };
}

function openingsInOrder(days: readonly BusinessDay[]): Opening[] {
  const openings: Opening[] = [];
  let inOrder = true;
  for (let day = 0; day < days.length; day++) {
    for (const { startUs, endUs } of days[day]!.open) {
      if (openings.length > 0 && openings.at(-1)!.endUs > startUs) inOrder = false;
      openings.push({ startUs, endUs, day });
    }
  }
  return inOrder ? openings : openings.sort((a, b) => a.startUs - b.startUs);
}
