import { type BusinessDay, businessDays, timeOfInactiveDays } from './business-days.js';
import { type SortedPolls, sortOutPolls } from './counting-polls.js';
import type { StoreFacts } from './facts.js';
import { type Interval, mustBeApart } from './intervals.js';
import type { Policy } from './policy.js';
import { type LocalDates, type ReportWeek, reportWeek } from './report-week.js';
import { scheduleOf } from './schedule.js';
import { type Segment, segmentsOf } from './segments.js';

/** A business day with what is known about it at asOf. */
export interface DayTimeline extends BusinessDay {
  /** The codes of the polls that count for it (rule 8). */
  readonly polls: readonly number[];
  /** Its open time up to asOf. */
  readonly segments: readonly Segment[];
}

/** Everything from which a store's figures follow, and with which they are explained. */
export interface Timeline {
  readonly week: ReportWeek;
  /** The business days with open time after the week's start, in order of date. */
  readonly days: readonly DayTimeline[];
  /** All counting polls of these days, in order of time. */
  readonly countingPolls: readonly number[];
  /** The polls of the week at no open time. */
  readonly pollsOutsideHours: readonly number[];
  /** What business days outside the active dates alone cover of the week, up to asOf (rule 4a). Sorted and apart. */
  readonly inactive: readonly Interval[];
  /** As given (rule 10a). */
  readonly collectorOutages: readonly Interval[];
}

/** What segments are laid from: the days and their polls. */
export interface StoreWeek {
  readonly week: ReportWeek;
  /** As in a timeline. */
  readonly days: readonly BusinessDay[];
  readonly inactive: readonly Interval[];
  readonly polls: SortedPolls;
}

/**
 * What holds on each date becomes business days (rules 1 to 6), and these find their counting polls (rules 7 and 8).
 * @throws RangeError when a zone is unknown
 */
export function storeWeekOf(facts: StoreFacts, asOfUs: number, policy: Policy): StoreWeek {
  const week = reportWeek(facts.zone, asOfUs, policy.windows, facts.calendar?.zoneChanges);
  return { week, ...storeSpanOf(facts, week.dates, week.weekStartUs, asOfUs) };
}

/** The business days with open time after an instant that begin at or before asOf, and the polls of that time. */
export function storeSpanOf(
  facts: StoreFacts,
  dates: LocalDates,
  startUs: number,
  asOfUs: number,
): Omit<StoreWeek, 'week'> {
  const schedule = scheduleOf(facts, dates.firstDate, dates.firstDate + dates.midnightsUs.length - 1);
  const days = businessDays(schedule.windowsOf, dates).filter(
    ({ open }) => open.at(-1)!.endUs > startUs && open[0]!.startUs <= asOfUs,
  );
  const { inactiveWindowsOf } = schedule;
  const inactive =
    inactiveWindowsOf === null
      ? []
      : timeOfInactiveDays(businessDays(inactiveWindowsOf, dates), days, startUs, asOfUs);
  return { days, inactive, polls: sortOutPolls(days, facts.polls, startUs, asOfUs) };
}

/**
 * The days and polls of `storeWeekOf`, and the segments they become (rules 9 and 10).
 * @param collectorOutages as `assess` takes them
 * @throws RangeError when a zone is unknown
 */
export function timelineOf(
  facts: StoreFacts,
  asOfUs: number,
  policy: Policy,
  collectorOutages: readonly Interval[] = [],
): Timeline {
  const { week, days, inactive, polls } = storeWeekOf(facts, asOfUs, policy);
  return {
    week,
    days: explainedDays(days, polls, asOfUs, policy),
    countingPolls: polls.counting,
    pollsOutsideHours: polls.outside,
    inactive,
    collectorOutages: mustBeApart(collectorOutages),
  };
}

/** The days with their own polls, and the segments that follow. */
export function explainedDays(
  days: readonly BusinessDay[],
  polls: SortedPolls,
  asOfUs: number,
  policy: Policy,
): DayTimeline[] {
  return days.map(({ date, open }, i) => {
    const run = polls.byDay[i]!;
    const counting = run.polls.slice(run.from, run.to);
    return { date, open, polls: counting, segments: segmentsOf(open, run, asOfUs, policy) };
  });
}
