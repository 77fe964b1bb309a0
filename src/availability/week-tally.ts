import { WindowSums, type WindowFigures } from './figures.js';
import type { Interval } from './intervals.js';
import { type Outage, OutageRuns } from './outages.js';
import type { ReportWeek } from './report-week.js';
import type { Segment, SegmentSink } from './segments.js';

/** What a report says about one store. */
export interface Availability {
  readonly lastHour: WindowFigures;
  readonly lastDay: WindowFigures;
  readonly lastWeek: WindowFigures;
  /** Of the last week, by start. */
  readonly outages: readonly Outage[];
  /** The largest openUs of the outages, 0 when there is none. */
  readonly longestOutageUs: number;
}

/** Takes the segments of a store's week, day by day, and sums up all three windows and the outages in one pass. */
export class WeekTally implements SegmentSink {
  private readonly hour: WindowSums;
  private readonly day: WindowSums;
  private readonly week: WindowSums;
  private readonly outages: OutageRuns;

  /** Six of seven days lie before it, and need not be shown to the two short windows. */
  private readonly shortWindowsStartUs: number;

  /** @param collectorOutages sorted and apart (rule 10a) */
  constructor(
    { hourStartUs, dayStartUs, weekStartUs, asOfUs }: ReportWeek,
    collectorOutages: readonly Interval[],
  ) {
    this.shortWindowsStartUs = Math.min(hourStartUs, dayStartUs);
    this.hour = new WindowSums(hourStartUs, asOfUs, collectorOutages);
    this.day = new WindowSums(dayStartUs, asOfUs, collectorOutages);
    this.week = new WindowSums(weekStartUs, asOfUs, collectorOutages);
    this.outages = new OutageRuns(weekStartUs, asOfUs);
  }

  segment(
    startUs: number,
    endUs: number,
    status: Segment['status'],
    poll: number | null,
    reason: Segment['reason'],
    proved: boolean,
  ): void {
    this.week.segment(startUs, endUs, status, poll, reason, proved);
    this.outages.segment(startUs, endUs, status, poll);
    if (endUs <= this.shortWindowsStartUs) return;
    this.day.segment(startUs, endUs, status, poll, reason, proved);
    this.hour.segment(startUs, endUs, status, poll, reason, proved);
  }

  /** After a day's last segment. */
  endDay(open: readonly Interval[]): void {
    this.outages.endDay(open);
  }

  /** Once all days are in; what it is given is as `WindowSums.figures` takes it. */
  availability(
    counting: readonly number[],
    outside: readonly number[],
    inactive: readonly Interval[],
  ): Availability {
    const outages = this.outages.byStart();
    let longestOutageUs = 0;
    for (const { openUs } of outages) longestOutageUs = Math.max(longestOutageUs, openUs);
    return {
      lastHour: this.hour.figures(counting, outside, inactive),
      lastDay: this.day.figures(counting, outside, inactive),
      lastWeek: this.week.figures(counting, outside, inactive),
      outages,
      longestOutageUs,
    };
  }
}
