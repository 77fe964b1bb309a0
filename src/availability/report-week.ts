import { fail } from './assert.js';
import type { ZoneChange } from './facts.js';
import { type LocalClock, localClock } from './local-time.js';
import type { Policy } from './policy.js';
import { DAY_US, HOUR_US } from './units.js';
import { changingClock, zonesInForce } from './zone-changes.js';

/** The local dates whose windows can matter to a report, in order. */
export interface LocalDates {
  readonly clock: LocalClock;
  /** Days since 1970-01-01. */
  readonly firstDate: number;
  /** The instant of each date's 00:00 (rule 6). */
  readonly midnightsUs: readonly number[];
  /**
   * Whether a date's 00:00 and the 48 hours after it, which is as far as its windows reach, are known to be without a
   * transition.
   */
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
 * A window ends at most two dates after its own, and no two offsets are more than 26 hours apart: what ends after the
 * week's start began on one of the three dates before that or later, and what can cut it (rule 5), and so decide which
 * polls count for it, at most three dates before that.
 */
export const DATES_BEFORE_SPAN = 6;

const MOST_WEEKS_KEPT = 1000;

/** By zone; and apart from them, so that many different stores drive out no zone, by zone and its changes. */
const weeks = new Map<string, ReportWeek>();
const weeksOfChanges = new Map<string, ReportWeek>();

/**
 * The windows of the section "Windows" for a zone. The last answer for each name is kept, because the stores of a
 * report ask for the same few thousands of times.
 * @param changes of the zone, in order of date (rule 6a)
 * @throws RangeError when a zone is unknown
 */
export function reportWeek(
  zone: string,
  asOfUs: number,
  mode: Policy['windows'],
  changes: readonly ZoneChange[] = [],
): ReportWeek {
  if (changes.length > 0) return weekOfChanges(zone, changes, asOfUs, mode);
  const kept = weeks.get(zone);
  if (kept !== undefined && kept.asOfUs === asOfUs && kept.mode === mode) return kept;
  return keep(weeks, zone, buildWeek(localClock(zone), asOfUs, mode, false));
}

function weekOfChanges(
  zone: string,
  changes: readonly ZoneChange[],
  asOfUs: number,
  mode: Policy['windows'],
): ReportWeek {
  const zones = zonesInForce(zone, changes, asOfUs);
  if (zones.changes.length === 0) return reportWeek(zones.zone, asOfUs, mode);
  const key = [zones.zone, ...zones.changes.flatMap((change) => [change.fromDate, change.zone])].join();
  const kept = weeksOfChanges.get(key);
  if (kept !== undefined && kept.asOfUs === asOfUs && kept.mode === mode) return kept;
  return keep(weeksOfChanges, key, buildWeek(changingClock(zones), asOfUs, mode, true));
}

function keep(kept: Map<string, ReportWeek>, key: string, week: ReportWeek): ReportWeek {
  if (kept.size >= MOST_WEEKS_KEPT) kept.clear();
  kept.set(key, week);
  return week;
}

function buildWeek(
  clock: LocalClock,
  asOfUs: number,
  mode: Policy['windows'],
  zoneChanges: boolean,
): ReportWeek {
  if (!Number.isSafeInteger(asOfUs)) fail(`asOf must be whole microseconds since 1970, got ${asOfUs}`);
  const today = clock.dateAt(asOfUs);
  // A skipped midnight can be pushed past an asOf shortly after the gap; the window is empty then, never reversed.
  const startOf = (date: number) => Math.min(clock.instantOf(date * DAY_US), asOfUs);
  const calendar = mode === 'calendar';
  const weekStartUs = calendar ? startOf(today - 6) : asOfUs - 7 * DAY_US;
  const firstDate = clock.dateAt(weekStartUs) - DATES_BEFORE_SPAN;
  return {
    asOfUs,
    mode,
    hourStartUs: asOfUs - HOUR_US,
    dayStartUs: calendar ? startOf(today) : asOfUs - DAY_US,
    weekStartUs,
    dates: localDates(clock, firstDate, lastDateOf(today, zoneChanges), zoneChanges),
  };
}

/**
 * Up to tomorrow: where the clock falls back over midnight, tomorrow's first minutes come before today's last. A zone
 * that is changed can take it back by more than a day.
 */
export function lastDateOf(today: number, zoneChanges: boolean): number {
  return today + (zoneChanges ? 2 : 1);
}

export function localDates(
  clock: LocalClock,
  firstDate: number,
  lastDate: number,
  zoneChanges: boolean,
): LocalDates {
  const midnightsUs: number[] = [];
  const plain: boolean[] = [];
  for (let date = firstDate; date <= lastDate; date++) {
    const midnightUs = clock.instantOf(date * DAY_US);
    midnightsUs.push(midnightUs);
    // Two changes of the zone within two days can undo each other, and show these hours without being plain.
    plain.push(!zoneChanges && clock.instantOf((date + 2) * DAY_US) - midnightUs === 2 * DAY_US);
  }
  return { clock, firstDate, midnightsUs, plain };
}

/**
 * Polls before this instant can change no figure of a report, in whatever zone and however it is changed, and need not
 * be read. The evidence that reaches furthest back is of a business day that is still open when the week begins.
 *
 * Since 1972 offsets lie from -12 to +14 hours. So two instants are never further apart than their wall times and 26
 * hours, and less only by as much. A business day's windows end within two dates of its 00:00: it lasts 74 hours at
 * most, and a rolling week that begins in it is over after 74 + 168 hours, 10 days and 2 hours. A calendar week begins
 * at the 00:00 of the sixth date before today's. A day of the eighth or a later date before today's began within nine
 * dates and 26 hours, which is the same. An older one would have to end at an earlier 00:00 than the week's and yet
 * after it. Only a clock set forward by more than a day does that, which stood at -10 hours or less before: it was no
 * more than two hours behind at any time since that day's 00:00, which began within ten dates and these two hours.
 * With more or fewer days than seven all of it lies as much further back or less far.
 *
 * @param days up to asOf; 0: only asOf itself matters
 */
export function earliestRelevantUs(asOfUs: number, days = 7): number {
  return asOfUs - (days + 4) * DAY_US;
}
