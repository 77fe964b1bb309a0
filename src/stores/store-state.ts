import { localClock } from '../availability/index.js';
import { DAY_US } from '../platform/instant.js';
import { lastUpTo } from './calendar/dated-changes.js';

/** Everything that is known of one store but its polls and exceptions, as it is kept. Dates are days since 1970-01-01. */
export interface StoreState {
  key: number;
  id: string;
  /** Before the first of the changes; null: the default zone. */
  zone: string | null;
  zoneSource: 'file' | 'edited' | null;
  zoneChanges: readonly { fromDate: number; zone: string }[];
  /** Before the first of the changes; null: none known, so open around the clock. */
  hours: readonly number[] | null;
  /** `windows` null: open around the clock. */
  hoursChanges: readonly { fromDate: number; windows: readonly number[] | null }[];
  /** Rows of hours came and every one was rejected. */
  hoursRejected: boolean;
  name: string | null;
  aliases: readonly string[];
  activeFrom: number | null;
  activeUntil: number | null;
  archivedAt: Date | null;
  /** Microseconds since 1970; null: never polled. */
  firstPollUs: number | null;
  lastPollUs: number | null;
}

/** What a store's clocks show at an instant. */
export interface StoreToday {
  zone: string;
  /** Place in `zoneChanges` of the change that is in force; -1 before the first. */
  change: number;
  /** The local date. */
  date: number;
  /** Where nobody named a zone. */
  defaultZone: string;
}

/** A change of zone is in force from 00:00 of its date on, by the zone that held before (rule 6a). */
export function todayOf(store: StoreState, defaultZone: string, nowUs: number): StoreToday {
  let zone = store.zone ?? defaultZone;
  let change = -1;
  for (const [place, { fromDate, zone: next }] of store.zoneChanges.entries()) {
    if (nowUs < localClock(zone).instantOf(fromDate * DAY_US)) break;
    zone = next;
    change = place;
  }
  return { zone, change, date: localClock(zone).dateAt(nowUs), defaultZone };
}

/** Whether a store does business: `active` on the dates from its first to its last. */
export type BusinessState = 'active' | 'inactive' | 'archived';

export function businessStateOf(store: StoreState, today: number): BusinessState {
  if (store.archivedAt !== null) return 'archived';
  return today >= (store.activeFrom ?? -Infinity) && today <= (store.activeUntil ?? Infinity)
    ? 'active'
    : 'inactive';
}

/** The weekly windows of a date's business day, null for around the clock, and since when they hold. */
export function hoursOn(
  store: StoreState,
  date: number,
): { windows: readonly number[] | null; fromDate: number | null } {
  return lastUpTo(store.hoursChanges, date) ?? { windows: store.hours, fromDate: null };
}
