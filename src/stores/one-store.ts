import type pg from 'pg';
import { earliestRelevantUs } from '../availability/index.js';
import { copyOut } from '../platform/database/copy-binary-reader.js';
import { DAY_US, dateOfInstant } from '../platform/instant.js';
import {
  DATES_AHEAD,
  DATES_BACK_BESIDE_DAYS,
  datedWindows,
  weeklyWindows,
} from './calendar/store-calendar.reader.js';
import { DATES_REPORTED, isInForce, type StoreRecord, type StoreScope } from './store-facts.reader.js';
import type { StoreState } from './store-state.js';

/** Of a store's record what explains it. */
export type OneStore = Pick<StoreRecord, 'facts' | 'assumedZone' | 'assumedHours'>;

/**
 * What is known of one store, polled or not: the same facts that a report reads with those of thousands, in two
 * questions instead of seven.
 * @param store read on the same connection, in the same snapshot
 */
export async function readOneStore(
  client: pg.PoolClient,
  store: StoreState,
  scope: Pick<StoreScope, 'asOfUs' | 'defaultZone'> & { days: number },
): Promise<OneStore> {
  const { asOfUs, defaultZone, days } = scope;
  const first = Math.floor(asOfUs / DAY_US) - DATES_REPORTED;
  return {
    facts: {
      zone: store.zone ?? defaultZone,
      hours: store.hours && weeklyWindows(store.hours),
      calendar: {
        activeFrom: store.activeFrom,
        activeUntil: store.activeUntil,
        zoneChanges: store.zoneChanges,
        hoursChanges: store.hoursChanges.map(({ fromDate, windows }) => ({
          fromDate,
          hours: windows && weeklyWindows(windows),
        })),
        exceptions: await readExceptions(client, store.key, asOfUs, days),
      },
      polls: await readPolls(client, store.key, earliestRelevantUs(asOfUs, days), asOfUs),
    },
    assumedZone: store.zone === null && !isInForce(store.zoneChanges, first),
    assumedHours: store.hours === null && !isInForce(store.hoursChanges, first),
  };
}

async function readExceptions(
  client: pg.PoolClient,
  key: number,
  asOfUs: number,
  days: number,
): Promise<ReadonlyMap<number, ReturnType<typeof datedWindows>>> {
  const today = Math.floor(asOfUs / DAY_US);
  const { rows } = await client.query<{ date: number; windows: number[] }>(
    `SELECT date - date '1970-01-01' AS date, windows FROM store_exceptions
      WHERE store_key = $1 AND date BETWEEN date '1970-01-01' + $2::int AND date '1970-01-01' + $3::int`,
    [key, today - DATES_BACK_BESIDE_DAYS - days, today + DATES_AHEAD],
  );
  return new Map(rows.map(({ date, windows }) => [date, datedWindows(windows)]));
}

/** All of the UTC days from that of one instant to that of the other. */
async function readPolls(
  client: pg.PoolClient,
  key: number,
  fromUs: number,
  toUs: number,
): Promise<Float64Array> {
  const rows = await copyOut(
    client,
    `SELECT polls FROM store_day_polls
      WHERE store_key = ${key} AND day BETWEEN '${dateOfInstant(fromUs)}' AND '${dateOfInstant(toUs)}' ORDER BY day`,
  );
  const days: Float64Array[] = [];
  while (rows.next()) {
    const polls = new Float64Array(rows.peekElements());
    rows.int8ArrayInto(polls, 0);
    days.push(polls);
  }
  const all = new Float64Array(days.reduce((sum, { length }) => sum + length, 0));
  let used = 0;
  for (const polls of days) {
    all.set(polls, used);
    used += polls.length;
  }
  return all;
}
