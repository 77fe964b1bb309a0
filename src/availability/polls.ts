import { fail } from './assert.js';

/**
 * A poll in one number: `instantUs * 2 + (active ? 1 : 0)`, exact until the year 2112.
 * Codes sort by instant, and a status is one bit, so that a week of polls is a plain array of numbers.
 */
export function pollCode(instantUs: number, active: boolean): number {
  const code = instantUs * 2 + (active ? 1 : 0);
  if (!Number.isInteger(instantUs) || !Number.isSafeInteger(code))
    fail(`a poll's instant must be whole microseconds before 2112, got ${instantUs}`);
  return code;
}

export function pollInstantUs(code: number): number {
  return Math.floor(code / 2);
}

export function isActive(code: number): boolean {
  return code - Math.floor(code / 2) * 2 === 1;
}

/** Poll codes in any order become sorted ones, one for each instant: the later in the list replaces the earlier. */
export function sortPolls(codes: Iterable<number>): Float64Array {
  const byInstant = new Map<number, number>();
  for (const code of codes) byInstant.set(pollInstantUs(code), code);
  return Float64Array.from(byInstant.values()).sort();
}

/** Index of the first poll at or after the instant; the length when there is none. */
export function firstPollAtOrAfter(polls: Float64Array | readonly number[], instantUs: number): number {
  let low = 0;
  let high = polls.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pollInstantUs(polls[middle]!) < instantUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
