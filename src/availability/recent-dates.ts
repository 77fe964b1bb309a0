import { fail } from './assert.js';
import type { ZoneChange } from './facts.js';
import { localClock } from './local-time.js';
import { DATES_BEFORE_SPAN, lastDateOf, type LocalDates, localDates } from './report-week.js';
import { DAY_US } from './units.js';
import { changingClock, zonesInForce } from './zone-changes.js';

/** The last local dates up to the one that holds asOf. */
export interface RecentDates {
  readonly asOfUs: number;
  /** The local 00:00 of the first of them; asOf where none is asked for. */
  readonly startUs: number;
  /** The date that the clock shows at asOf, in days since 1970-01-01. */
  readonly today: number;
  /** These dates, and those around them that can matter to them. */
  readonly dates: LocalDates;
}

const MOST_KEPT = 1000;

/** Of no days, by zone: who asks for the state of every store asks for the same few zones. */
const moments = new Map<string, RecentDates>();

/**
 * As the week of a report in calendar mode, of any number of dates.
 * @param days 0: asOf alone
 * @param changes of the zone, in order of date (rule 6a)
 * @throws RangeError when a zone is unknown
 */
export function recentDates(
  zone: string,
  asOfUs: number,
  days: number,
  changes: readonly ZoneChange[] = [],
): RecentDates {
  if (!Number.isSafeInteger(asOfUs)) fail(`asOf must be whole microseconds since 1970, got ${asOfUs}`);
  if (!Number.isInteger(days) || days < 0) fail(`a number of days must be whole, 0 or more, got ${days}`);
  const zones = zonesInForce(zone, changes, asOfUs, days);
  if (days > 0 || zones.changes.length > 0) return build(zones, asOfUs, days);
  const kept = moments.get(zones.zone);
  if (kept?.asOfUs === asOfUs) return kept;
  if (moments.size >= MOST_KEPT) moments.clear();
  const moment = build(zones, asOfUs, days);
  moments.set(zones.zone, moment);
  return moment;
}

function build(zones: ReturnType<typeof zonesInForce>, asOfUs: number, days: number): RecentDates {
  const zoneChanges = zones.changes.length > 0;
  const clock = zoneChanges ? changingClock(zones) : localClock(zones.zone);
  const today = clock.dateAt(asOfUs);
  // A skipped midnight can be pushed past an asOf shortly after the gap; the time is empty then, never reversed.
  const startUs = days === 0 ? asOfUs : Math.min(clock.instantOf((today - days + 1) * DAY_US), asOfUs);
  const firstDate = clock.dateAt(startUs) - DATES_BEFORE_SPAN;
  return {
    asOfUs,
    startUs,
    today,
    dates: localDates(clock, firstDate, lastDateOf(today, zoneChanges), zoneChanges),
  };
}
