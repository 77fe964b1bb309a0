import type { StoreFacts } from './facts.js';
import { type Interval, mustBeApart } from './intervals.js';
import type { Policy } from './policy.js';
import { laySegments, replay } from './segments.js';
import { storeWeekOf, type Timeline } from './timeline.js';
import { type Availability, WeekTally } from './week-tally.js';

/**
 * A store's uptime and downtime as known at an instant: the figures of its timeline, without making one.
 * @param asOfUs microseconds since 1970
 * @param collectorOutages when the collector delivered nothing for any store: sorted and apart (rule 10a)
 * @throws RangeError when the store's zone is unknown
 */
export function assess(
  facts: StoreFacts,
  asOfUs: number,
  policy: Policy,
  collectorOutages: readonly Interval[] = [],
): Availability {
  const { week, days, inactive, polls } = storeWeekOf(facts, asOfUs, policy);
  const tally = new WeekTally(week, mustBeApart(collectorOutages));
  for (let i = 0; i < days.length; i++) {
    const { open } = days[i]!;
    laySegments(open, polls.byDay[i]!, asOfUs, policy, tally);
    tally.endDay(open);
  }
  return tally.availability(polls.counting, polls.outside, inactive);
}

/** The figures of a timeline that is needed for more, such as an explanation. */
export function availabilityOf(timeline: Timeline): Availability {
  const tally = new WeekTally(timeline.week, timeline.collectorOutages);
  for (const { open, segments } of timeline.days) {
    replay(segments, tally);
    tally.endDay(open);
  }
  return tally.availability(timeline.countingPolls, timeline.pollsOutsideHours, timeline.inactive);
}
