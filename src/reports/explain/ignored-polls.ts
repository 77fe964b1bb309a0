import { type Interval, pollInstantUs } from '../../availability/index.js';

/** Why a poll decides nothing: after as-of (rule 7), outside open time (8), in inactive time (4a), before the week. */
export const IGNORED_REASONS = ['after_as_of', 'outside_hours', 'inactive_dates', 'before_week'] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

export interface IgnoredPoll {
  poll: number;
  reason: IgnoredReason;
}

/** What decides which of a store's polls count. */
export interface CountingContext {
  weekStartUs: number;
  asOfUs: number;
  countingPolls: readonly number[];
  /** Rule 4a. */
  inactive: readonly Interval[];
}

/** Which of the polls count for no business day of the week, and why; in order of time. */
export function ignoredPolls(polls: ArrayLike<number>, context: CountingContext): IgnoredPoll[] {
  const counting = new Set(context.countingPolls);
  return Array.from(polls)
    .filter((poll) => !counting.has(poll))
    .map((poll) => ({ poll, reason: reasonOf(pollInstantUs(poll), context) }));
}

function reasonOf(us: number, { weekStartUs, asOfUs, inactive }: CountingContext): IgnoredReason {
  if (us > asOfUs) return 'after_as_of';
  if (us < weekStartUs) return 'before_week';
  const isInactive = inactive.some(({ startUs, endUs }) => startUs <= us && us < endUs);
  return isInactive ? 'inactive_dates' : 'outside_hours';
}
