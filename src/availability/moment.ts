import type { StoreFacts } from './facts.js';
import type { Interval } from './intervals.js';
import type { Policy } from './policy.js';
import { recentDates } from './recent-dates.js';
import { laySegments, type Segment, type SegmentSink } from './segments.js';
import { storeSpanOf } from './timeline.js';

/** A store at an instant outside its open time: `inactive` where its local date is none of business (rule 4a). */
export interface ClosedMoment {
  readonly state: 'closed' | 'inactive';
}

/** A store at an instant of its open time. */
export interface OpenMoment {
  readonly state: 'up' | 'down' | 'unobserved';
  /** The business day, in days since 1970-01-01. */
  readonly date: number;
  /** Since when it has been so within its business day, as open time tells: a closed gap does not end it. */
  readonly sinceUs: number;
  /** The code of the poll that decides; null when unobserved. */
  readonly poll: number | null;
  /** How much of the business day's open time so far was down; 0 when unobserved. */
  readonly downUs: number;
  /** How much open time of the business day is to come. */
  readonly leftUs: number;
}

export type Moment = ClosedMoment | OpenMoment;

/**
 * What a store is at an instant of which everything up to itself is known: the status that a report with this as-of
 * would go on with (rule 10b). Unobserved is told as such, whatever it would count as.
 * @param facts the polls since `earliestRelevantUs(atUs, 0)` are needed
 * @throws RangeError when a zone is unknown
 */
export function momentOf(facts: StoreFacts, atUs: number, estimator: Policy['estimator']): Moment {
  const { dates, today } = recentDates(facts.zone, atUs, 0, facts.calendar?.zoneChanges);
  const { days, polls } = storeSpanOf(facts, dates, atUs, atUs);
  const place = days.findIndex(({ open }) => isOpen(open, atUs));
  const day = days[place];
  if (day === undefined) return { state: isInactive(facts, today) ? 'inactive' : 'closed' };
  const run = new LastRun();
  // One microsecond further than is known: so the instant itself, which no interval up to it holds, has a status too.
  laySegments(
    day.open,
    polls.byDay[place]!,
    atUs + 1,
    { estimator, unobserved: 'exclude', windows: 'rolling' },
    run,
  );
  return { date: day.date, leftUs: openAfter(day.open, atUs), ...run.result(atUs) };
}

/** Keeps of a day's segments the last run of one status. */
class LastRun implements SegmentSink {
  private status: Segment['status'] | null = null;
  private startUs = 0;
  private downUs = 0;
  private poll: number | null = null;

  segment(startUs: number, endUs: number, status: Segment['status'], poll: number | null): void {
    if (status !== this.status) this.startUs = startUs;
    this.status = status;
    this.poll = poll;
    if (status === 'down') this.downUs += endUs - startUs;
  }

  result(atUs: number): Pick<OpenMoment, 'state' | 'sinceUs' | 'poll' | 'downUs'> {
    const state = this.status === 'excluded' ? 'unobserved' : this.status!;
    // The microsecond that the instant itself stands for has not passed yet.
    const downUs = state === 'down' ? this.downUs - 1 : this.downUs;
    return { state, sinceUs: Math.min(this.startUs, atUs), poll: this.poll, downUs };
  }
}

function isOpen(open: readonly Interval[], atUs: number): boolean {
  for (const { startUs, endUs } of open) if (startUs <= atUs && atUs < endUs) return true;
  return false;
}

function openAfter(open: readonly Interval[], atUs: number): number {
  let us = 0;
  for (const { startUs, endUs } of open) if (endUs > atUs) us += endUs - Math.max(startUs, atUs);
  return us;
}

function isInactive({ calendar }: StoreFacts, today: number): boolean {
  if (calendar === undefined || calendar === null) return false;
  return today < (calendar.activeFrom ?? -Infinity) || today > (calendar.activeUntil ?? Infinity);
}
