import type pg from 'pg';
import { countRows, type RowCount } from '../../platform/database/row-count.js';
import { dateOfDay, partitionOfWeek, weekOfDay } from './poll-partitions.js';

/**
 * How many polls there are: by the counts that are kept of each day. Only the days that have changed since are looked
 * at, all of their polls where they are few, else a sample of them.
 */
export async function countPolls(client: pg.ClientBase): Promise<RowCount> {
  const { rows } = await client.query<{ counted: string; stale: number[] }>(
    `SELECT coalesce(sum((SELECT sum(n) FROM unnest(polls) AS slot (n))) FILTER (WHERE NOT stale), 0) AS counted,
            coalesce(array_agg(day - date '1970-01-01') FILTER (WHERE stale), '{}') AS stale
       FROM poll_day_activity`,
  );
  const { counted, stale } = rows[0]!;
  if (stale.length === 0) return { rows: Number(counted), estimated: false };
  const changed = await countDays(client, stale);
  return { rows: Number(counted) + changed.rows, estimated: changed.estimated };
}

/** @param days days since 1970-01-01. */
async function countDays(client: pg.ClientBase, days: readonly number[]): Promise<RowCount> {
  const partitions = new Set(days.map((day) => partitionOfWeek(weekOfDay(day)).name));
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT coalesce(sum(pg_table_size(to_regclass(name))), 0) AS bytes FROM unnest($1::text[]) AS given (name)',
    [[...partitions]],
  );
  return countRows(
    client,
    { table: 'store_day_polls', each: 'cardinality(polls)' },
    {
      where: 'day = ANY ($1::date[])',
      parameters: [days.map(dateOfDay)],
      bytes: Number(rows[0]!.bytes),
    },
  );
}
