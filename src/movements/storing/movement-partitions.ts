import type pg from 'pg';
import { MOVEMENT_PARTITIONS_LOCK } from '../../platform/database/locks.js';
import { attachPartitions, type Partition } from '../../platform/database/partitions.js';
import { DAY_US } from '../../platform/instant.js';

export const MOVEMENT_TABLE = 'movement_events';

/**
 * Makes the partitions of UTC days that have none. The caller's transaction holds a lock on the table that keeps
 * everybody from dropping one.
 *
 * @param days since 1970-01-01.
 */
export async function ensureMovementPartitions(
  client: pg.ClientBase,
  days: readonly number[],
): Promise<void> {
  if ((await missing(client, days)).length === 0) return;
  await lockMovementPartitions(client);
  // Somebody else may have made them while this waited.
  await attachPartitions(client, MOVEMENT_TABLE, await missing(client, days));
}

/** Keeps everybody else from making or dropping partitions until the transaction ends. */
export async function lockMovementPartitions(client: pg.ClientBase): Promise<void> {
  // Where events lie in shards: a transaction that has used several at once may make no partition any more.
  await client.query(
    `SELECT pg_advisory_xact_lock($1), set_config('citus.multi_shard_modify_mode', 'sequential', true)`,
    [MOVEMENT_PARTITIONS_LOCK],
  );
}

/** A UTC day's partition, named after its date: `movement_events_20260131`. */
export function partitionOfDay(day: number): Partition {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  return {
    name: `${MOVEMENT_TABLE}_${date.replaceAll('-', '')}`,
    from: String(day * DAY_US),
    to: String((day + 1) * DAY_US),
  };
}

/** The day of a partition that `partitionOfDay` names; null for any other name. */
export function dayOfPartition(name: string): number | null {
  const [, year, month, date] = /^movement_events_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  if (year === undefined) return null;
  return Date.UTC(Number(year), Number(month) - 1, Number(date)) / 86_400_000;
}

async function missing(client: pg.ClientBase, days: readonly number[]): Promise<Partition[]> {
  const wanted = [...new Set(days)].sort((a, b) => a - b).map(partitionOfDay);
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS given (name) WHERE to_regclass(name) IS NULL',
    [wanted.map(({ name }) => name)],
  );
  const absent = new Set(rows.map(({ name }) => name));
  return wanted.filter(({ name }) => absent.has(name));
}
