import type { StoreFacts } from './facts.js';
import type { Policy } from './policy.js';
import { laySegments, replay } from './segments.js';
import { storeWeekOf, type Timeline } from './timeline.js';
import { type Availability, WeekTally } from './week-tally.js';

/**
 * A store's uptime and downtime as known at an instant: the figures of its timeline, without making one.
 * @param asOfUs microseconds since 1970
 * @throws RangeError when the store's zone is unknown
 */
export function assess(facts: StoreFacts, asOfUs: number, policy: Policy): Availability {
  const { week, days, polls } = storeWeekOf(facts, asOfUs, policy);
  const tally = new WeekTally(week);
  for (let i = 0; i < days.length; i++) {
    const { open } = days[i]!;
    laySegments(open, polls.byDay[i]!, asOfUs, policy, tally);
    tally.endDay(open);
  }
  return tally.availability(polls.counting, polls.outside);
}

/** The figures of a timeline that is needed for more, such as an explanation. */
export function availabilityOf(timeline: Timeline): Availability {
  const tally = new WeekTally(timeline.week);
  for (const { open, segments } of timeline.days) {
    replay(segments, tally);
    tally.endDay(open);
  }
  return tally.availability(timeline.countingPolls, timeline.pollsOutsideHours);
}
