import { firstPollAtOrAfter } from './polls.js';
import type { DayTimeline, Timeline } from './timeline.js';

/** Sums over a stretch of time. Always: uptimeUs + downtimeUs + excludedUs = openUs. */
export interface Durations {
  readonly openUs: number;
  readonly uptimeUs: number;
  readonly downtimeUs: number;
  /** Unobserved open time under the policy `exclude` (rule 10). */
  readonly excludedUs: number;
  /** Open time of business days without a counting poll, however the policy counts it. */
  readonly unobservedUs: number;
  /** Open time between two consecutive counting polls that both say active. */
  readonly uptimeMinUs: number;
  /** Likewise for inactive. */
  readonly downtimeMinUs: number;
}

/** What one window holds. */
export interface WindowFigures extends Durations {
  readonly startUs: number;
  readonly endUs: number;
  /** Polls that count (rule 8) with startUs <= t <= asOf. */
  readonly polls: number;
  /** Polls outside open time with startUs <= t <= asOf. */
  readonly pollsOutsideHours: number;
}

/** The figures of the window from `startUs` to asOf. */
export function figuresSince(timeline: Timeline, startUs: number): WindowFigures {
  const endUs = timeline.week.asOfUs;
  const sums = foldSegments(timeline.days, startUs, endUs);
  return {
    startUs,
    endUs,
    openUs: sums.openUs,
    uptimeUs: sums.uptimeUs,
    downtimeUs: sums.downtimeUs,
    excludedUs: sums.excludedUs,
    unobservedUs: sums.unobservedUs,
    uptimeMinUs: sums.uptimeMinUs,
    downtimeMinUs: sums.downtimeMinUs,
    polls: countSince(timeline.countingPolls, startUs),
    pollsOutsideHours: countSince(timeline.pollsOutsideHours, startUs),
  };
}

/** What of the days' segments lies in [startUs, endUs). A window's edge cuts time, never evidence. */
export function foldSegments(days: readonly DayTimeline[], startUs: number, endUs: number): Durations {
  let uptimeUs = 0;
  let downtimeUs = 0;
  let excludedUs = 0;
  let unobservedUs = 0;
  let uptimeMinUs = 0;
  let downtimeMinUs = 0;
  for (const { open, segments } of days) {
    if (open.at(-1)!.endUs <= startUs) continue;
    for (const segment of segments) {
      const durationUs = Math.min(segment.endUs, endUs) - Math.max(segment.startUs, startUs);
      if (durationUs <= 0) continue;
      if (segment.poll === null) unobservedUs += durationUs;
      if (segment.status === 'up') {
        uptimeUs += durationUs;
        if (segment.proved) uptimeMinUs += durationUs;
      } else if (segment.status === 'down') {
        downtimeUs += durationUs;
        if (segment.proved) downtimeMinUs += durationUs;
      } else {
        excludedUs += durationUs;
      }
    }
  }
  const openUs = uptimeUs + downtimeUs + excludedUs;
  return { openUs, uptimeUs, downtimeUs, excludedUs, unobservedUs, uptimeMinUs, downtimeMinUs };
}

function countSince(polls: readonly number[], startUs: number): number {
  return polls.length - firstPollAtOrAfter(polls, startUs);
}
