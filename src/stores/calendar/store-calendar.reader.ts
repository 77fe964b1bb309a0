import type pg from 'pg';
import type { DatedWindow, StoreCalendar, WeeklyWindow } from '../../availability/index.js';
import { DAY_US } from '../../platform/instant.js';

/** Dates around the days that are looked at which these can meet, in whatever zone: what lies outside changes nothing. */
export const DATES_BACK_BESIDE_DAYS = 13;
export const DATES_AHEAD = 8;

/**
 * What differs from date to date, for the stores where anything does: nearly none. The tables are asked one by one,
 * because a join would be paid for by every store.
 *
 * @param ours which stores, as a condition on `store_key`; only numbers of our own may be written into it.
 * @param days how many up to as-of are looked at.
 * @returns by store key.
 */
export async function readCalendars(
  client: pg.ClientBase,
  ours: string,
  asOfUs: number,
  days = 7,
): Promise<Map<number, StoreCalendar>> {
  const today = Math.floor(asOfUs / DAY_US);
  const calendars = new Calendars();
  await calendars.addActiveDates(client, ours);
  await calendars.addZoneChanges(client, ours, today + DATES_AHEAD);
  await calendars.addHoursChanges(client, ours, today + DATES_AHEAD);
  await calendars.addExceptions(client, ours, today - DATES_BACK_BESIDE_DAYS - days, today + DATES_AHEAD);
  return calendars.byStore;
}

/** Weekly windows of (weekday, start, end) triples. */
export function weeklyWindows(triples: ArrayLike<number>): WeeklyWindow[] {
  const windows: WeeklyWindow[] = [];
  for (let i = 0; i < triples.length; i += 3) {
    windows.push({ weekday: triples[i]!, startSecond: triples[i + 1]!, endSecond: triples[i + 2]! });
  }
  return windows;
}

interface Calendar extends StoreCalendar {
  zoneChanges: StoreCalendar['zoneChanges'][number][];
  hoursChanges: StoreCalendar['hoursChanges'][number][];
  exceptions: Map<number, readonly DatedWindow[]>;
  activeFrom: number | null;
  activeUntil: number | null;
}

class Calendars {
  readonly byStore = new Map<number, Calendar>();

  async addActiveDates(client: pg.ClientBase, ours: string): Promise<void> {
    const { rows } = await client.query<{ key: number; from: number | null; until: number | null }>(
      `SELECT store_key AS key, active_from - date '1970-01-01' AS from, active_until - date '1970-01-01' AS until
         FROM stores WHERE ${ours} AND (active_from IS NOT NULL OR active_until IS NOT NULL)`,
    );
    for (const { key, from, until } of rows)
      Object.assign(this.of(key), { activeFrom: from, activeUntil: until });
  }

  async addZoneChanges(client: pg.ClientBase, ours: string, lastDate: number): Promise<void> {
    const { rows } = await client.query<{ key: number; from: number; zone: string }>(
      `SELECT store_key AS key, effective_from - date '1970-01-01' AS from, zone FROM store_zone_changes
        WHERE ${ours} AND effective_from <= date '1970-01-01' + $1::int ORDER BY effective_from`,
      [lastDate],
    );
    for (const { key, from, zone } of rows) this.of(key).zoneChanges.push({ fromDate: from, zone });
  }

  async addHoursChanges(client: pg.ClientBase, ours: string, lastDate: number): Promise<void> {
    const { rows } = await client.query<{ key: number; from: number; windows: number[] | null }>(
      `SELECT store_key AS key, effective_from - date '1970-01-01' AS from, windows FROM store_hours_changes
        WHERE ${ours} AND effective_from <= date '1970-01-01' + $1::int ORDER BY effective_from`,
      [lastDate],
    );
    for (const { key, from, windows } of rows)
      this.of(key).hoursChanges.push({ fromDate: from, hours: windows && weeklyWindows(windows) });
  }

  async addExceptions(
    client: pg.ClientBase,
    ours: string,
    firstDate: number,
    lastDate: number,
  ): Promise<void> {
    const { rows } = await client.query<{ key: number; day: number; windows: number[] }>(
      `SELECT store_key AS key, date - date '1970-01-01' AS day, windows FROM store_exceptions
        WHERE ${ours} AND date BETWEEN date '1970-01-01' + $1::int AND date '1970-01-01' + $2::int`,
      [firstDate, lastDate],
    );
    for (const { key, day, windows } of rows) this.of(key).exceptions.set(day, datedWindows(windows));
  }

  private of(key: number): Calendar {
    let calendar = this.byStore.get(key);
    if (calendar === undefined) {
      calendar = {
        zoneChanges: [],
        hoursChanges: [],
        exceptions: new Map(),
        activeFrom: null,
        activeUntil: null,
      };
      this.byStore.set(key, calendar);
    }
    return calendar;
  }
}

/** Windows of one date, of (start, end) pairs. */
export function datedWindows(pairs: readonly number[]): DatedWindow[] {
  const windows: DatedWindow[] = [];
  for (let i = 0; i < pairs.length; i += 2)
    windows.push({ startSecond: pairs[i]!, endSecond: pairs[i + 1]! });
  return windows;
}
