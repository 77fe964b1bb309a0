import type pg from 'pg';
import { dateOfDay } from './poll-partitions.js';

export const SLOTS_A_DAY = 288;
export const SLOT_US = 300_000_000;

/** How many of all stores' polls fall into each five minutes of a UTC day. */
export interface DayActivity {
  /** Days since 1970-01-01. */
  day: number;
  polls: readonly number[];
  /** Instants of each slot's oldest and newest poll, microseconds after the slot's start; 0 where there is none. */
  firstUs: readonly number[];
  lastUs: readonly number[];
}

/**
 * Marks days to which polls come, within the transaction that adds them: what was counted of them holds no more. A
 * day that is marked already is written all the same, so that who counts it at the moment learns that it has changed.
 *
 * @param days days since 1970-01-01.
 */
export async function markDaysChanged(client: pg.ClientBase, days: Iterable<number>): Promise<void> {
  await client.query(
    `INSERT INTO poll_day_activity (day)
     SELECT given.day FROM unnest($1::date[]) AS given (day) ORDER BY given.day
     ON CONFLICT ON CONSTRAINT poll_day_activity_pkey DO UPDATE SET stale = true`,
    [Array.from(days, dateOfDay)],
  );
}

/** Keeps what was counted of days that held no polls before, within the transaction that fills them. */
export async function keepCounted(client: pg.ClientBase, days: readonly DayActivity[]): Promise<void> {
  for (const { day, polls, firstUs, lastUs } of days) {
    await client.query(
      `UPDATE poll_day_activity SET stale = false, polls = $2, first_us = $3, last_us = $4 WHERE day = $1`,
      [dateOfDay(day), polls, firstUs, lastUs],
    );
  }
}

/** The slots of one day, which is a parameter, so that one partition is read. */
const COUNTED_DAY = `
  SELECT array_agg(coalesce(n, 0) ORDER BY slot) AS polls, array_agg(coalesce(first_us, 0) ORDER BY slot) AS first_us,
         array_agg(coalesce(last_us, 0) ORDER BY slot) AS last_us
    FROM generate_series(0, ${SLOTS_A_DAY - 1}) AS slots (slot)
    LEFT JOIN (SELECT us / ${SLOT_US} AS slot, count(*)::int AS n,
                      min(us % ${SLOT_US})::int AS first_us, max(us % ${SLOT_US})::int AS last_us
                 FROM (SELECT (p.poll >> 1) - extract(epoch FROM $1::date)::bigint * 1000000 AS us
                         FROM store_day_polls AS d CROSS JOIN LATERAL unnest(d.polls) AS p (poll)
                        WHERE d.day = $1::date) AS polls
                GROUP BY 1) AS counted USING (slot)`;

/** The newest days whose counts hold no more. */
export async function staleDays(client: pg.ClientBase, limit: number): Promise<string[]> {
  const { rows } = await client.query<{ day: string }>(
    'SELECT day::text FROM poll_day_activity WHERE stale ORDER BY day DESC LIMIT $1',
    [limit],
  );
  return rows.map((row) => row.day);
}

/** So long a recount waits for who is changing the day, before it leaves the day to the next time. */
const PATIENCE = '100ms';
const LOCK_NOT_AVAILABLE = '55P03';
const SERIALIZATION_FAILURE = '40001';

/**
 * Counts a day again, within a transaction of the caller's (REPEATABLE READ) that does nothing else. Nobody waits for
 * it: the day's row is locked when all is counted, and where it was marked since the count began, or is being marked,
 * the count is thrown away.
 *
 * @param day such as `2023-01-24`.
 * @throws the database's error, which `isChangedMeanwhile` knows.
 */
export async function recountDay(client: pg.ClientBase, day: string): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = '${PATIENCE}'`);
  await client.query(
    `UPDATE poll_day_activity AS a
        SET stale = false, polls = c.polls, first_us = c.first_us, last_us = c.last_us
       FROM (${COUNTED_DAY}) AS c WHERE a.day = $1::date AND a.stale`,
    [day],
  );
}

/** Whether a recount failed for no other reason than that the day is changed by somebody else. */
export function isChangedMeanwhile(error: unknown): boolean {
  return [LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE].includes((error as { code?: string }).code ?? '');
}

interface Row {
  day: number;
  date: string;
  stale: boolean;
  polls: number[];
  first_us: number[];
  last_us: number[];
}

/**
 * The days in [fromDay, toDay] (days since 1970-01-01) that hold polls, as the client's snapshot has them: one whose
 * kept counts hold no more is counted here and now.
 */
export async function readActivity(
  client: pg.ClientBase,
  fromDay: number,
  toDay: number,
): Promise<DayActivity[]> {
  const { rows } = await client.query<Row>(
    `SELECT day - date '1970-01-01' AS day, day::text AS date, stale, polls, first_us, last_us
       FROM poll_day_activity WHERE day BETWEEN $1::date AND $2::date ORDER BY day`,
    [dateOfDay(fromDay), dateOfDay(toDay)],
  );
  const days: DayActivity[] = [];
  for (const row of rows) {
    const counted = row.stale ? (await client.query<Row>(COUNTED_DAY, [row.date])).rows[0]! : row;
    days.push({ day: row.day, polls: counted.polls, firstUs: counted.first_us, lastUs: counted.last_us });
  }
  return days;
}
