import { type BusinessDay, businessDays } from './business-days.js';
import { sortOutPolls } from './counting-polls.js';
import type { StoreFacts } from './facts.js';
import type { Policy } from './policy.js';
import { type ReportWeek, reportWeek } from './report-week.js';
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
}

/**
 * Weekly hours become business days (rules 1 to 6), these find their counting polls (rules 7 and 8), and both become
 * segments (rules 9 and 10).
 * @throws RangeError when the zone is unknown
 */
export function timelineOf(facts: StoreFacts, asOfUs: number, policy: Policy): Timeline {
  const week = reportWeek(facts.zone, asOfUs, policy.windows);
  const days = businessDays(facts.hours, week.dates).filter(
    ({ open }) => open.at(-1)!.endUs > week.weekStartUs && open[0]!.startUs <= asOfUs,
  );
  const polls = sortOutPolls(days, facts.polls, week.weekStartUs, asOfUs);
  return {
    week,
    days: days.map(({ date, open }, i) => {
      const counting = polls.byDay[i]!;
      return { date, open, polls: counting, segments: segmentsOf(open, counting, asOfUs, policy) };
    }),
    countingPolls: polls.counting,
    pollsOutsideHours: polls.outside,
  };
}
