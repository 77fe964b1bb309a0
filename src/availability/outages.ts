import type { Interval } from './intervals.js';
import { type Segment, type SegmentSink, replay } from './segments.js';
import type { Timeline } from './timeline.js';

/** A maximal run of down status in the open time of one business day, clipped to the last week. */
export interface Outage {
  readonly startUs: number;
  /** null: it reaches asOf, and asOf lies in the open time of the same business day. */
  readonly endUs: number | null;
  /** Less than the distance from start to end when the run crosses a closed gap. */
  readonly openUs: number;
  /** false: no poll says so, the day is unobserved and the policy counts it as down. */
  readonly observed: boolean;
}

/** The outages of the last week, by start. */
export function outagesOf(timeline: Timeline): readonly Outage[] {
  const outages = new OutageRuns(timeline.week.weekStartUs, timeline.week.asOfUs);
  for (const { open, segments } of timeline.days) {
    replay(segments, outages);
    outages.endDay(open);
  }
  return outages.byStart();
}

/** Joins the down segments it is given into outages, day by day. */
export class OutageRuns implements SegmentSink {
  private readonly outages: Outage[] = [];
  /** The outage that the next segment may continue; none while its open time is 0. */
  private openUs = 0;
  private startUs = 0;
  private endUs = 0;
  private observed = true;

  constructor(
    private readonly fromUs: number,
    private readonly asOfUs: number,
  ) {}

  segment(startUs: number, endUs: number, status: Segment['status'], poll: number | null): void {
    if (status !== 'down') {
      if (this.openUs > 0) this.close(this.endUs);
    } else if (endUs > this.fromUs) {
      const clippedStartUs = Math.max(startUs, this.fromUs);
      if (this.openUs === 0) this.startUs = clippedStartUs;
      this.endUs = endUs;
      this.openUs += endUs - clippedStartUs;
      this.observed = poll !== null;
    }
  }

  /** After a day's last segment: an outage is never continued on another business day. */
  endDay(open: readonly Interval[]): void {
    if (this.openUs === 0) return;
    const goesOn = this.endUs === this.asOfUs && isOpenAt(open, this.asOfUs);
    this.close(goesOn ? null : this.endUs);
  }

  byStart(): readonly Outage[] {
    return this.outages.sort((a, b) => a.startUs - b.startUs);
  }

  private close(endUs: number | null): void {
    this.outages.push({ startUs: this.startUs, endUs, openUs: this.openUs, observed: this.observed });
    this.openUs = 0;
  }
}

function isOpenAt(open: readonly Interval[], instantUs: number): boolean {
  return open.some(({ startUs, endUs }) => startUs <= instantUs && instantUs < endUs);
}
