import { ApiProperty } from '@nestjs/swagger';
import { ReportOptionsView } from '../requests/report.view.js';
import { SegmentView, SPANS, type SpanView } from '../../stores/timeline/segment.view.js';
import { HoursVersionView } from '../../stores/calendar/store-hours.view.js';
import type { ZoneSource } from '../../stores/store.view.js';
import { IGNORED_REASONS, type IgnoredReason } from './ignored-polls.js';

/** Open time of a window with one status: one of the pieces that add up to it. */
export class PieceView extends SegmentView {
  duration_us: number;
}

/** What of the figures differs from the report's. */
export class DifferenceView {
  /** As the row's column is called: `week_uptime_us`. */
  figure: string;
  /** In the report. */
  report: number;
  /** From the facts as they are now. */
  now: number;
}

/** A window of the report with the pieces that add up to it, to the microsecond. */
export class ExplainedWindowView {
  start: string;
  /** As-of, excluded. */
  end: string;
  /** Of `uptime` and `downtime`, as in the report's file. */
  unit: 'minutes' | 'hours';
  /** With two decimals, rounded half up once, from the exact sum. */
  uptime: string;
  downtime: string;
  /** Exact microseconds; always uptime_us + downtime_us + excluded_us = open_us. */
  open_us: number;
  uptime_us: number;
  downtime_us: number;
  /** Unobserved time that counts as neither. */
  excluded_us: number;
  unobserved_us: number;
  /** Between two polls that say active; what of uptime_us is proved. */
  uptime_min_us: number;
  downtime_min_us: number;
  /** What the store would have been open outside its active dates; no part of open_us. */
  inactive_us: number;
  /** How much of unobserved_us lies in collector outages. */
  unobserved_in_collector_outages_us: number;
  /** That count, and that lie outside open time. */
  polls: number;
  polls_outside: number;
  /** In order of business day and time. */
  pieces: PieceView[];
}

export class ExplainedWindowsView {
  last_hour: ExplainedWindowView;
  last_day: ExplainedWindowView;
  last_week: ExplainedWindowView;
}

/** A poll and what it says. */
export class ExplainedPollView {
  at: string;
  status: 'active' | 'inactive';
}

/** A poll that decides nothing. */
export class IgnoredPollView extends ExplainedPollView {
  /** The number of the rule by which it is ignored. */
  rule: '4a' | '7' | '8';
  /** `before_week`: it lies before the week, and counts for no business day that reaches into it. */
  @ApiProperty({ enum: IGNORED_REASONS })
  reason: IgnoredReason;
}

/** How many polls are ignored, by why. */
export class IgnoredCountsView {
  after_as_of: number;
  outside_hours: number;
  inactive_dates: number;
  /** Of those read, which are the ones of about four days before the week. */
  before_week: number;
}

/** A business day that reaches into the week. */
export class ExplainedDayView {
  @ApiProperty({ type: String, format: 'date' })
  date: string;
  /** From UTC at the first opening, and at the last closing. */
  offset: string;
  offset_at_end: string;
  /** `weekly` hours, those of an `exception` for the date, or `around_the_clock`. */
  hours: 'weekly' | 'exception' | 'around_the_clock';
  /** Not cut by as-of. */
  @ApiProperty({ ...SPANS })
  open: SpanView[];
  /** Up to as-of. */
  segments: SegmentView[];
  /** Those that count for it. */
  polls: ExplainedPollView[];
}

/** A run of down time within one business day. */
export class ExplainedOutageView {
  start: string;
  /** Null: it reaches as-of, within open time. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  end: string | null;
  open_us: number;
  /** False: no poll says so; the day is unobserved, and counts as down. */
  observed: boolean;
}

/** The weekly hours of the date that holds as-of. */
export class HoursInForceView extends HoursVersionView {
  /** Rows of hours came in a file and every one was rejected. */
  rejected: boolean;
}

/** Why the numbers of a store in a report are what they are: by the facts as they are now. */
export class ExplanationView {
  report_id: string;
  store_id: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  as_of: string;
  options: ReportOptionsView;
  /** In force at as-of; the default one where nobody named one for the store. */
  zone: string;
  zone_source: ZoneSource;
  /** The default zone holds on some date of the week. */
  assumed_zone: boolean;
  /** Open around the clock on some date of the week, because no hours are known. */
  assumed_hours: boolean;
  hours: HoursInForceView;
  /** False: facts that matter have changed since the report was made. */
  matches_report: boolean;
  /** Where it does not match, what differs. */
  differences: DifferenceView[];
  /** The same in words; null where it matches. */
  @ApiProperty({ type: String, nullable: true })
  note: string | null;
  windows: ExplainedWindowsView;
  days: ExplainedDayView[];
  /** Of the week, by start. */
  outages: ExplainedOutageView[];
  longest_outage_us: number;
  ignored: IgnoredCountsView;
  /** At most 500 of each reason, those nearest to the week; `ignored` counts all. */
  ignored_polls: IgnoredPollView[];
  /** What the store would have been open outside its active dates (rule 4a). */
  @ApiProperty({ ...SPANS })
  inactive: SpanView[];
  /** When polls stopped for nearly all stores at once, as the report knew it. */
  @ApiProperty({ ...SPANS })
  collector_outages: SpanView[];
}
