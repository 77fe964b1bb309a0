import type pg from 'pg';
import { lockAllFloors } from './floor-lock.js';
import { countPresence } from './presence.writer.js';

/**
 * Erases all that was worked out of a person, and counts again who was there without them. Within the transaction that
 * erases the person's events. It keeps everybody from working out figures until that ends: they may have read the
 * events already.
 *
 * @param userIds of that one person, as they are kept: hashed, unless hashing was off
 * @returns how many sessions there were
 */
export async function forgetPerson(client: pg.ClientBase, ...userIds: readonly string[]): Promise<number> {
  await lockAllFloors(client);
  await client.query('DELETE FROM movement_touched WHERE user_id = ANY ($1::text[])', [userIds]);
  const { rowCount } = await client.query('DELETE FROM movement_sessions WHERE user_id = ANY ($1::text[])', [
    userIds,
  ]);
  await client.query('DELETE FROM zone_visits WHERE user_id = ANY ($1::text[])', [userIds]);
  await client.query('DELETE FROM line_crossings WHERE user_id = ANY ($1::text[])', [userIds]);
  const { rows } = await client.query<{ key: number; quarters: number[] }>(
    `WITH gone AS (DELETE FROM session_heat WHERE user_id = ANY ($1::text[]) RETURNING store_key, quarter)
     SELECT store_key AS key, array_agg(DISTINCT quarter) AS quarters FROM gone GROUP BY store_key ORDER BY store_key`,
    [userIds],
  );
  for (const { key, quarters } of rows) await countPresence(client, key, new Set(quarters));
  return rowCount ?? 0;
}
