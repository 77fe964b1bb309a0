import { businessDays, timeOfInactiveDays } from './business-days.js';
import { sortOutPolls } from './counting-polls.js';
import type { StoreFacts } from './facts.js';
import type { Interval } from './intervals.js';
import type { LocalClock } from './local-time.js';
import type { Policy } from './policy.js';
import { recentDates } from './recent-dates.js';
import { scheduleOf } from './schedule.js';
import { type DayTimeline, explainedDays } from './timeline.js';

/** A date on the store's wall. */
export interface LocalDate {
  /** Days since 1970-01-01. */
  readonly date: number;
  /** The instants of its 00:00 and of the next date's (rule 6): 23, 24 or 25 hours apart, or something else. */
  readonly startUs: number;
  readonly endUs: number;
}

/** A store's last local dates as known at asOf: the figures of no report, but laid out by the same rules. */
export interface DatesTimeline {
  readonly clock: LocalClock;
  readonly startUs: number;
  readonly asOfUs: number;
  /** In order, the last of them holds asOf. */
  readonly dates: readonly LocalDate[];
  /**
   * The business days with open time after the start, in order of date. Those before the first date reach into it;
   * the last one may begin after asOf.
   */
  readonly days: readonly DayTimeline[];
  /** The polls since the start at no open time. */
  readonly pollsOutsideHours: readonly number[];
  /** As in the timeline of a report's week (rule 4a). */
  readonly inactive: readonly Interval[];
}

/**
 * Rules 1 to 10 for the last local dates up to the one that holds asOf.
 * @param days how many dates, 1 or more; the polls since `earliestRelevantUs(asOfUs, days)` are needed
 * @throws RangeError when a zone is unknown
 */
export function timelineOfDates(
  facts: StoreFacts,
  asOfUs: number,
  policy: Pick<Policy, 'estimator' | 'unobserved'>,
  days: number,
): DatesTimeline {
  const { dates, startUs, today } = recentDates(facts.zone, asOfUs, days, facts.calendar?.zoneChanges);
  const schedule = scheduleOf(facts, dates.firstDate, dates.firstDate + dates.midnightsUs.length - 1);
  const open = businessDays(schedule.windowsOf, dates).filter(
    (day) => day.open.at(-1)!.endUs > startUs && (day.date <= today || day.open[0]!.startUs <= asOfUs),
  );
  const inactive = schedule.inactiveWindowsOf && businessDays(schedule.inactiveWindowsOf, dates);
  const polls = sortOutPolls(open, facts.polls, startUs, asOfUs);
  return {
    clock: dates.clock,
    startUs,
    asOfUs,
    dates: Array.from({ length: days }, (_, i) => localDate(dates, today - days + 1 + i)),
    days: explainedDays(open, polls, asOfUs, { ...policy, windows: 'calendar' }),
    pollsOutsideHours: polls.outside,
    inactive: inactive === null ? [] : timeOfInactiveDays(inactive, open, startUs, asOfUs),
  };
}

function localDate(dates: ReturnType<typeof recentDates>['dates'], date: number): LocalDate {
  const place = date - dates.firstDate;
  return { date, startUs: dates.midnightsUs[place]!, endUs: dates.midnightsUs[place + 1]! };
}
