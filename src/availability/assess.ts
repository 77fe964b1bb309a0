import type { StoreFacts } from './facts.js';
import { figuresSince, type WindowFigures } from './figures.js';
import { type Outage, outagesOf } from './outages.js';
import type { Policy } from './policy.js';
import { type Timeline, timelineOf } from './timeline.js';

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

/**
 * A store's uptime and downtime as known at an instant.
 * @param asOfUs microseconds since 1970
 * @throws RangeError when the store's zone is unknown
 */
export function assess(facts: StoreFacts, asOfUs: number, policy: Policy): Availability {
  return availabilityOf(timelineOf(facts, asOfUs, policy));
}

/** The figures of a timeline that is needed for more, such as an explanation. */
export function availabilityOf(timeline: Timeline): Availability {
  const { hourStartUs, dayStartUs, weekStartUs } = timeline.week;
  const outages = outagesOf(timeline);
  let longestOutageUs = 0;
  for (const { openUs } of outages) longestOutageUs = Math.max(longestOutageUs, openUs);
  return {
    lastHour: figuresSince(timeline, hourStartUs),
    lastDay: figuresSince(timeline, dayStartUs),
    lastWeek: figuresSince(timeline, weekStartUs),
    outages,
    longestOutageUs,
  };
}
