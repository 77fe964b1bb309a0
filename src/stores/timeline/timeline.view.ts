import { ApiProperty } from '@nestjs/swagger';
import {
  type DatesTimeline,
  type Interval,
  isActive,
  type LocalClock,
  type LocalDate,
  pollInstantUs,
} from '../../availability/index.js';
import { formatInstantUs } from '../../platform/instant.js';
import { formatDate } from '../../platform/wall-time.js';
import type { ZoneSource } from '../store.view.js';
import { formatOffset, SegmentView, segmentView, SPANS, spanView, type SpanView } from './segment.view.js';

const HOUR_US = 3_600_000_000;

/** A poll: its instant, and 1 for active or 0 for inactive. */
export type PollView = [instant: string, active: 0 | 1];

const POLLS = { type: 'array', items: { type: 'array', items: {}, minItems: 2, maxItems: 2 } } as const;

/** A date on the store's wall. */
export class LocalDateView {
  /** From 00:00 of the date to 00:00 of the next. */
  starts: string;
  ends: string;
  @ApiProperty({ type: String, format: 'date' })
  date: string;
  /** 24; where the clocks change, 23 or 25 or something else. */
  hours: number;
  /** From UTC, at its start and at its end: `-06:00`. */
  offset: string;
  offset_at_end: string;
  /** The open intervals of its business day, which can reach past its end, and are not cut by as-of. */
  @ApiProperty({ ...SPANS })
  open: SpanView[];
}

/** What is known of a store's last days, laid out by the rules of reports. */
export class TimelineView {
  store_id: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  /** In force at as-of. */
  zone: string;
  zone_source: ZoneSource;
  /** Open around the clock on some date, because no hours are known. */
  assumed_hours: boolean;
  as_of: string;
  estimator: string;
  unobserved: string;
  /** Local dates in order; the last one holds as-of. */
  days: LocalDateView[];
  /** What business days before the first date are open in it: the night before. */
  @ApiProperty({ ...SPANS })
  open_before: SpanView[];
  /** All open time from the first date up to as-of, in order of business day. */
  segments: SegmentView[];
  /** Polls since the first date's start that count, each with 1 for active and 0 for inactive. */
  @ApiProperty({ ...POLLS })
  polls: PollView[];
  /** Those that do not, because they lie outside open time (rule 8). */
  @ApiProperty({ ...POLLS })
  polls_outside_hours: PollView[];
  /** What the store would have been open outside its active dates (rule 4a). */
  @ApiProperty({ ...SPANS })
  inactive: SpanView[];
  /** When polls stopped for nearly all stores at once. */
  @ApiProperty({ ...SPANS })
  collector_outages: SpanView[];
}

/** What of a timeline does not follow from it. */
export type TimelineSubject = Pick<
  TimelineView,
  'store_id' | 'name' | 'zone' | 'zone_source' | 'assumed_hours' | 'estimator' | 'unobserved'
>;

export function timelineView(
  subject: TimelineSubject,
  timeline: DatesTimeline,
  collectorOutages: readonly Interval[],
): TimelineView {
  const { clock, startUs, asOfUs, dates, days } = timeline;
  const openOf = new Map(days.map(({ date, open }) => [date, open]));
  const since = (polls: readonly number[]): PollView[] =>
    polls
      .filter((poll) => pollInstantUs(poll) >= startUs)
      .map((poll) => [formatInstantUs(pollInstantUs(poll)), isActive(poll) ? 1 : 0]);
  const from = (spans: readonly Interval[]): SpanView[] =>
    spans
      .filter(({ endUs }) => endUs > startUs)
      .map((span) => spanView({ startUs: Math.max(span.startUs, startUs), endUs: span.endUs }));
  return {
    ...subject,
    as_of: formatInstantUs(asOfUs),
    days: dates.map((date) => localDateView(clock, date, openOf.get(date.date) ?? [])),
    open_before: from(days.filter(({ date }) => date < dates[0]!.date).flatMap(({ open }) => open)),
    segments: days.flatMap(({ date, segments }) =>
      segments
        .filter((segment) => segment.endUs > startUs)
        .map((segment) => segmentView({ ...segment, startUs: Math.max(segment.startUs, startUs) }, date)),
    ),
    polls: since(days.flatMap(({ polls }) => polls)),
    polls_outside_hours: since(timeline.pollsOutsideHours),
    inactive: from(timeline.inactive),
    collector_outages: from(collectorOutages),
  };
}

function localDateView(clock: LocalClock, day: LocalDate, open: readonly Interval[]): LocalDateView {
  const { date, startUs, endUs } = day;
  const offsetAt = (us: number): string => formatOffset(clock.wallAt(us) - us);
  return {
    date: formatDate(date),
    starts: formatInstantUs(startUs),
    ends: formatInstantUs(endUs),
    hours: (endUs - startUs) / HOUR_US,
    offset: offsetAt(startUs),
    offset_at_end: offsetAt(endUs),
    open: open.map(spanView),
  };
}
