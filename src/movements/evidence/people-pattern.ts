import type { Interval, LocalClock } from '../../availability/index.js';
import { QUARTER_US } from '../meaning/pieces.js';
import { DAYS_REMEMBERED, quarterOf, type StorePresence } from './store-presence.js';

const HOUR_US = 3_600_000_000;
const HOURS_OF_A_DAY = 24;
const DAYS_OF_A_WEEK = 7;
const LEAST_DAYS = 3;

/** Whether people are to be expected: null while too few earlier days tell. */
export type Expectation = boolean | null;

/** When a store has people, by its own last four weeks (docs/evidence.md, rules 9 and 10). */
export class PeoplePattern {
  /** By local hour, counted from 1970, whether there were people in the open time of it. */
  private readonly hours = new Map<number, boolean>();
  private readonly answers = new Map<number, Expectation>();

  /** @param open the store's open time, the four weeks before included */
  constructor(
    private readonly clock: LocalClock,
    open: readonly Interval[],
    presence: Pick<StorePresence, 'withPeople' | 'sent'>,
  ) {
    const watched = new Set<number>();
    for (const quarters of presence.sent.values())
      for (const quarter of quarters) watched.add(clock.dateAt(quarter * QUARTER_US));
    for (const { startUs, endUs } of open) {
      for (let quarter = quarterOf(startUs); quarter * QUARTER_US < endUs; quarter++) {
        const hour = this.hourOf(quarter);
        if (!watched.has(Math.floor(hour / HOURS_OF_A_DAY))) continue;
        this.hours.set(hour, (this.hours.get(hour) ?? false) || presence.withPeople.has(quarter));
      }
    }
  }

  expectsPeople(quarter: number): Expectation {
    const hour = this.hourOf(quarter);
    const known = this.answers.get(hour);
    if (known !== undefined) return known;
    const answer = this.look(hour, DAYS_OF_A_WEEK) ?? this.look(hour, 1);
    this.answers.set(hour, answer);
    return answer;
  }

  /** Among the same hour of earlier dates, every so many days back. */
  private look(hour: number, everyDays: number): Expectation {
    let days = 0;
    let withPeople = 0;
    for (let back = everyDays; back <= DAYS_REMEMBERED; back += everyDays) {
      const people = this.hours.get(hour - back * HOURS_OF_A_DAY);
      if (people === undefined) continue;
      days += 1;
      if (people) withPeople += 1;
    }
    return days < LEAST_DAYS ? null : withPeople * 2 > days;
  }

  private hourOf(quarter: number): number {
    return Math.floor(this.clock.wallAt(quarter * QUARTER_US) / HOUR_US);
  }
}
