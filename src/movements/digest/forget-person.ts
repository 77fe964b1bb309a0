import type pg from 'pg';
import { lockAllFloors } from './floor-lock.js';
import { countPresence } from './presence.writer.js';

/**
 * Erases all that was worked out of a person, and counts again who was there without them. Within the transaction that
 * erases the person's events. It keeps everybody from working out figures until that ends: they may have read the
 * events already.
 *
 * @param userId as it is kept: hashed, unless hashing is off
 * @returns how many sessions there were
 */
export async function forgetPerson(client: pg.ClientBase, userId: string): Promise<number> {
  await lockAllFloors(client);
  await client.query('DELETE FROM movement_touched WHERE user_id = $1', [userId]);
  const { rowCount } = await client.query('DELETE FROM movement_sessions WHERE user_id = $1', [userId]);
  await client.query('DELETE FROM zone_visits WHERE user_id = $1', [userId]);
  await client.query('DELETE FROM line_crossings WHERE user_id = $1', [userId]);
  const { rows } = await client.query<{ key: number; quarters: number[] }>(
    `WITH gone AS (DELETE FROM session_heat WHERE user_id = $1 RETURNING store_key, quarter)
     SELECT store_key AS key, array_agg(DISTINCT quarter) AS quarters FROM gone GROUP BY store_key ORDER BY store_key`,
    [userId],
  );
  for (const { key, quarters } of rows) await countPresence(client, key, new Set(quarters));
  return rowCount ?? 0;
}
