import type pg from 'pg';
import { noteFactChange } from '../fact-versions.js';
import type { ChangePlan } from './dated-changes.js';

/** Tables of what holds from a date on, and their column for it. */
const VALUE_OF = { store_zone_changes: 'zone', store_hours_changes: 'windows' } as const;

/** Carries out a plan, within the transaction of the edit. `date` in days since 1970-01-01. */
export async function carryOut(
  client: pg.ClientBase,
  table: keyof typeof VALUE_OF,
  { remove, insert }: ChangePlan,
  storeKey: number,
  { date, value }: { date: number; value: unknown },
): Promise<void> {
  if (remove)
    await client.query(
      `DELETE FROM ${table} WHERE store_key = $1 AND effective_from = date '1970-01-01' + $2::int`,
      [storeKey, date],
    );
  if (insert)
    await client.query(
      `INSERT INTO ${table} (store_key, effective_from, ${VALUE_OF[table]})
       VALUES ($1, date '1970-01-01' + $2::int, $3)`,
      [storeKey, date, value],
    );
  await noteFactChange(client, { calendar: remove || insert });
}
