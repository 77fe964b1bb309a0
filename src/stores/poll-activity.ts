import type pg from 'pg';
import { dateOfDay } from './poll-partitions.js';

/**
 * Marks days whose polls change, within the transaction that changes them: what was counted of them holds no more.
 *
 * @param days days since 1970-01-01.
 */
export async function markDaysChanged(client: pg.ClientBase, days: Iterable<number>): Promise<void> {
  await client.query(
    `INSERT INTO poll_day_activity AS a (day)
     SELECT given.day FROM unnest($1::date[]) AS given (day) ORDER BY given.day
     ON CONFLICT ON CONSTRAINT poll_day_activity_pkey DO UPDATE SET stale = true WHERE NOT a.stale`,
    [Array.from(days, dateOfDay)],
  );
}
