import {
  type Availability,
  type DayTimeline,
  formatDuration,
  type LocalClock,
  type Outage,
  type Piece,
  piecesOf,
  pollInstantUs,
  type StoreCalendar,
  type Timeline,
  type WindowFigures,
} from '../../availability/index.js';
import { formatInstantUs } from '../../platform/instant.js';
import { formatDate } from '../../platform/wall-time.js';
import { formatOffset, segmentView, spanView, statusWord } from '../../stores/timeline/segment.view.js';
import type {
  ExplainedDayView,
  ExplainedOutageView,
  ExplainedPollView,
  ExplainedWindowsView,
  ExplainedWindowView,
  IgnoredCountsView,
  IgnoredPollView,
  PieceView,
} from './explanation.view.js';
import { type IgnoredPoll, type IgnoredReason, IGNORED_REASONS } from './ignored-polls.js';

const MOST_SHOWN_OF_A_REASON = 500;
const RULES = { after_as_of: '7', outside_hours: '8', inactive_dates: '4a', before_week: '8' } as const;

export function windowsView(timeline: Timeline, availability: Availability): ExplainedWindowsView {
  return {
    last_hour: windowView(timeline, availability.lastHour, 'minutes'),
    last_day: windowView(timeline, availability.lastDay, 'hours'),
    last_week: windowView(timeline, availability.lastWeek, 'hours'),
  };
}

function windowView(
  { days }: Timeline,
  figures: WindowFigures,
  unit: ExplainedWindowView['unit'],
): ExplainedWindowView {
  const { startUs, endUs } = figures;
  return {
    start: formatInstantUs(startUs),
    end: formatInstantUs(endUs),
    unit,
    uptime: formatDuration(figures.uptimeUs, unit),
    downtime: formatDuration(figures.downtimeUs, unit),
    open_us: figures.openUs,
    uptime_us: figures.uptimeUs,
    downtime_us: figures.downtimeUs,
    excluded_us: figures.excludedUs,
    unobserved_us: figures.unobservedUs,
    uptime_min_us: figures.uptimeMinUs,
    downtime_min_us: figures.downtimeMinUs,
    inactive_us: figures.inactiveUs,
    unobserved_in_collector_outages_us: figures.unobservedInOutageUs,
    polls: figures.polls,
    polls_outside: figures.pollsOutsideHours,
    pieces: piecesOf(days, startUs, endUs).map(pieceView),
  };
}

function pieceView(piece: Piece): PieceView {
  return { ...segmentView(piece, piece.date), duration_us: piece.endUs - piece.startUs };
}

export function dayView(
  { date, open, segments, polls }: DayTimeline,
  clock: LocalClock,
  calendar: StoreCalendar | null,
  aroundTheClock: boolean,
): ExplainedDayView {
  const offsetAt = (us: number): string => formatOffset(clock.wallAt(us) - us);
  return {
    date: formatDate(date),
    offset: offsetAt(open[0]!.startUs),
    offset_at_end: offsetAt(open.at(-1)!.endUs),
    hours:
      calendar?.exceptions.has(date) === true ? 'exception' : aroundTheClock ? 'around_the_clock' : 'weekly',
    open: open.map(spanView),
    segments: segments.map((segment) => segmentView(segment, date)),
    polls: polls.map(pollView),
  };
}

export function outageView({ startUs, endUs, openUs, observed }: Outage): ExplainedOutageView {
  return {
    start: formatInstantUs(startUs),
    end: endUs === null ? null : formatInstantUs(endUs),
    open_us: openUs,
    observed,
  };
}

/**
 * @param ignored in order of time
 * @param later how many polls after those came since
 */
export function ignoredView(
  ignored: readonly IgnoredPoll[],
  later: number,
): { ignored: IgnoredCountsView; ignored_polls: IgnoredPollView[] } {
  const of = (reason: IgnoredReason): IgnoredPoll[] => ignored.filter((poll) => poll.reason === reason);
  const shown = IGNORED_REASONS.flatMap((reason) =>
    // Those nearest to the week: after it the first ones, else the last.
    reason === 'after_as_of'
      ? of(reason).slice(0, MOST_SHOWN_OF_A_REASON)
      : of(reason).slice(-MOST_SHOWN_OF_A_REASON),
  );
  return {
    ignored: {
      after_as_of: of('after_as_of').length + later,
      outside_hours: of('outside_hours').length,
      inactive_dates: of('inactive_dates').length,
      before_week: of('before_week').length,
    },
    ignored_polls: shown.toSorted((one, other) => one.poll - other.poll).map(ignoredPollView),
  };
}

function ignoredPollView({ poll, reason }: IgnoredPoll): IgnoredPollView {
  return { ...pollView(poll), rule: RULES[reason], reason };
}

function pollView(poll: number): ExplainedPollView {
  return { at: formatInstantUs(pollInstantUs(poll)), status: statusWord(poll) };
}
