import { fail } from './assert.js';

/** A stretch of time, start included, end excluded. Never empty. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

export function interval(startUs: number, endUs: number): Interval {
  if (!(startUs < endUs)) fail(`an interval must end after its start, got [${startUs}, ${endUs})`);
  return { startUs, endUs };
}

/** Intervals in any order become sorted ones; those that overlap or touch become one, a gap is never bridged. */
export function mergeTouching(intervals: readonly Interval[]): readonly Interval[] {
  if (isApart(intervals)) return intervals;
  const sorted = intervals.toSorted((a, b) => a.startUs - b.startUs);
  const merged: Interval[] = [];
  let current = sorted[0]!;
  for (let i = 1; i < sorted.length; i++) {
    const next = sorted[i]!;
    if (next.startUs > current.endUs) {
      merged.push(current);
      current = next;
    } else if (next.endUs > current.endUs) {
      current = interval(current.startUs, next.endUs);
    }
  }
  merged.push(current);
  return merged;
}

/** Whether the intervals are already sorted, none touching another: nearly every day of every store. */
function isApart(intervals: readonly Interval[]): boolean {
  for (let i = 1; i < intervals.length; i++) {
    if (intervals[i]!.startUs <= intervals[i - 1]!.endUs) return false;
  }
  return true;
}

/** Passes on intervals that must be sorted, none touching another. */
export function mustBeApart(intervals: readonly Interval[]): readonly Interval[] {
  if (!intervals.every(({ startUs, endUs }) => startUs < endUs) || !isApart(intervals))
    fail('these intervals must be sorted and apart, each with its end after its start');
  return intervals;
}

/** What of the intervals lies outside `hole`; a hole in the middle of one leaves two. */
export function subtract(intervals: readonly Interval[], hole: Interval): readonly Interval[] {
  const rest: Interval[] = [];
  for (const piece of intervals) {
    if (hole.endUs <= piece.startUs || piece.endUs <= hole.startUs) {
      rest.push(piece);
      continue;
    }
    if (piece.startUs < hole.startUs) rest.push(interval(piece.startUs, hole.startUs));
    if (hole.endUs < piece.endUs) rest.push(interval(hole.endUs, piece.endUs));
  }
  return rest;
}

/** How much of [startUs, endUs) the intervals cover; they are sorted and apart. */
export function coveredUs(intervals: readonly Interval[], startUs: number, endUs: number): number {
  let sumUs = 0;
  for (let i = firstEndingAfter(intervals, startUs); i < intervals.length; i++) {
    const piece = intervals[i]!;
    if (piece.startUs >= endUs) break;
    sumUs += Math.min(piece.endUs, endUs) - Math.max(piece.startUs, startUs);
  }
  return sumUs;
}

function firstEndingAfter(intervals: readonly Interval[], instantUs: number): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (intervals[middle]!.endUs <= instantUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
