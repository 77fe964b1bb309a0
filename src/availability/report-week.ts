import { fail } from './assert.js';
import { type LocalClock, localClock } from './local-time.js';
import type { Policy } from './policy.js';
import { DAY_US, HOUR_US } from './units.js';

/** The local dates whose windows can matter to a report, in order. */
export interface LocalDates {
  readonly clock: LocalClock;
  /** Days since 1970-01-01. */
  readonly firstDate: number;
  /** The instant of each date's 00:00 (rule 6). */
  readonly midnightsUs: readonly number[];
  /** Whether no transition lies between a date's 00:00 and 48 hours later, which is as far as its windows reach. */
  readonly plain: readonly boolean[];
}

/** What all stores of one zone share in a report: where the windows begin, and the dates that matter to them. */
export interface ReportWeek {
  readonly asOfUs: number;
  readonly mode: Policy['windows'];
  readonly hourStartUs: number;
  readonly dayStartUs: number;
  readonly weekStartUs: number;
  readonly dates: LocalDates;
}

/**
 * A window ends at most two dates after its own, a date that the zone skips as a whole (Apia, 2011-12-30) adds one:
 * these three can reach into the week, and the three before them can cut them (rule 5).
 */
const DATES_BEFORE_WEEK = 6;

const MOST_WEEKS_KEPT = 1000;
const weeks = new Map<string, ReportWeek>();

/**
 * The windows of the section "Windows" for a zone. The last answer for each name is kept, because the stores of a
 * report ask for the same few thousands of times.
 * @throws RangeError when the zone is unknown
 */
export function reportWeek(zone: string, asOfUs: number, mode: Policy['windows']): ReportWeek {
  const kept = weeks.get(zone);
  if (kept !== undefined && kept.asOfUs === asOfUs && kept.mode === mode) return kept;
  if (!Number.isSafeInteger(asOfUs)) fail(`asOf must be whole microseconds since 1970, got ${asOfUs}`);
  const week = buildWeek(localClock(zone), asOfUs, mode);
  if (weeks.size >= MOST_WEEKS_KEPT) weeks.clear();
  weeks.set(zone, week);
  return week;
}

function buildWeek(clock: LocalClock, asOfUs: number, mode: Policy['windows']): ReportWeek {
  const today = clock.dateAt(asOfUs);
  // A skipped midnight can be pushed past an asOf shortly after the gap; the window is empty then, never reversed.
  const startOf = (date: number) => Math.min(clock.instantOf(date * DAY_US), asOfUs);
  const calendar = mode === 'calendar';
  const weekStartUs = calendar ? startOf(today - 6) : asOfUs - 7 * DAY_US;
  return {
    asOfUs,
    mode,
    hourStartUs: asOfUs - HOUR_US,
    dayStartUs: calendar ? startOf(today) : asOfUs - DAY_US,
    weekStartUs,
    // Up to tomorrow: where the clock falls back over midnight, tomorrow's first minutes come before today's last.
    dates: localDates(clock, clock.dateAt(weekStartUs) - DATES_BEFORE_WEEK, today + 1),
  };
}

function localDates(clock: LocalClock, firstDate: number, lastDate: number): LocalDates {
  const midnightsUs: number[] = [];
  const plain: boolean[] = [];
  for (let date = firstDate; date <= lastDate; date++) {
    const midnightUs = clock.instantOf(date * DAY_US);
    midnightsUs.push(midnightUs);
    plain.push(clock.instantOf((date + 2) * DAY_US) - midnightUs === 2 * DAY_US);
  }
  return { clock, firstDate, midnightsUs, plain };
}

/**
 * Polls before this instant can change no figure of a report, in whatever zone, and need not be read.
 * The week begins at most seven days before asOf, and the business day that is open then at most two before that,
 * since its windows reach no further than the end of the next date: nine days by the clock on the wall. The tenth is
 * for what that clock was moved by, which since 2000 was never more than a day.
 */
export function earliestRelevantUs(asOfUs: number): number {
  return asOfUs - 10 * DAY_US;
}
