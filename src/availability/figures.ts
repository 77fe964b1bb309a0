import { type Interval, coveredUs } from './intervals.js';
import { firstPollAtOrAfter } from './polls.js';
import { type Segment, type SegmentSink, replay } from './segments.js';

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
  /** What business days outside the store's active dates would have been open, up to asOf (rule 4a). No part of openUs. */
  readonly inactiveUs: number;
  /** How much of unobservedUs lies in stretches in which the collector delivered nothing (rule 10a). */
  readonly unobservedInOutageUs: number;
}

/** Sums what of the segments it is given lies in [startUs, endUs). A window's edge cuts time, never evidence. */
export class WindowSums implements SegmentSink {
  private uptimeUs = 0;
  private downtimeUs = 0;
  private excludedUs = 0;
  private unobservedUs = 0;
  private uptimeMinUs = 0;
  private downtimeMinUs = 0;
  private unobservedInOutageUs = 0;

  /** @param collectorOutages sorted and apart (rule 10a) */
  constructor(
    private readonly startUs: number,
    private readonly endUs: number,
    private readonly collectorOutages: readonly Interval[] = [],
  ) {}

  segment(
    startUs: number,
    endUs: number,
    status: Segment['status'],
    poll: number | null,
    _reason: Segment['reason'],
    proved: boolean,
  ): void {
    if (endUs <= this.startUs || startUs >= this.endUs) return;
    const durationUs = Math.min(endUs, this.endUs) - Math.max(startUs, this.startUs);
    if (poll === null) {
      this.unobservedUs += durationUs;
      if (this.collectorOutages.length > 0) this.findOutages(startUs, endUs);
    }
    if (status === 'up') {
      this.uptimeUs += durationUs;
      if (proved) this.uptimeMinUs += durationUs;
    } else if (status === 'down') {
      this.downtimeUs += durationUs;
      if (proved) this.downtimeMinUs += durationUs;
    } else {
      this.excludedUs += durationUs;
    }
  }

  private findOutages(startUs: number, endUs: number): void {
    const fromUs = Math.max(startUs, this.startUs);
    this.unobservedInOutageUs += coveredUs(this.collectorOutages, fromUs, Math.min(endUs, this.endUs));
  }

  durations(): Durations {
    const { uptimeUs, downtimeUs, excludedUs, unobservedUs, uptimeMinUs, downtimeMinUs } = this;
    const openUs = uptimeUs + downtimeUs + excludedUs;
    return { openUs, uptimeUs, downtimeUs, excludedUs, unobservedUs, uptimeMinUs, downtimeMinUs };
  }

  /**
   * The figures of the window.
   * @param counting all polls that count, up to asOf, in order of time
   * @param outside those of the week outside open time, likewise
   * @param inactive what business days outside the active dates cover alone (rule 4a)
   */
  figures(
    counting: readonly number[],
    outside: readonly number[],
    inactive: readonly Interval[],
  ): WindowFigures {
    const { startUs, endUs } = this;
    const sums = this.durations();
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
      polls: countSince(counting, startUs),
      pollsOutsideHours: countSince(outside, startUs),
      inactiveUs: inactive.length === 0 ? 0 : coveredUs(inactive, startUs, endUs),
      unobservedInOutageUs: this.unobservedInOutageUs,
    };
  }
}

/** What of the days' segments lies in [startUs, endUs). */
export function foldSegments(
  days: readonly { readonly segments: readonly Segment[] }[],
  startUs: number,
  endUs: number,
): Durations {
  const sums = new WindowSums(startUs, endUs);
  for (const { segments } of days) replay(segments, sums);
  return sums.durations();
}

function countSince(polls: readonly number[], startUs: number): number {
  return polls.length - firstPollAtOrAfter(polls, startUs);
}
