import type pg from 'pg';
import { notePresenceChange } from '../evidence/presence-versions.js';

/**
 * Counts again who was in a store in some quarters of an hour (M10), from what its sessions left there, and leaves word
 * where that changed anything.
 */
export async function countPresence(
  client: pg.ClientBase,
  storeKey: number,
  quarters: ReadonlySet<number>,
): Promise<void> {
  if (quarters.size === 0) return;
  const parameters = [storeKey, [...quarters]];
  const counted = await client.query<{ quarter: number }>(
    `INSERT INTO store_presence AS p (store_key, quarter, people, anybody, cameras)
     SELECT store_key, quarter, count(DISTINCT user_id) FILTER (WHERE evidence), count(DISTINCT user_id),
            array_agg(DISTINCT camera_id)
       FROM session_heat
      WHERE store_key = $1 AND quarter = ANY ($2::int[]) AND observations > 0
      GROUP BY store_key, quarter
     ON CONFLICT ON CONSTRAINT store_presence_pkey DO UPDATE
        SET people = excluded.people, anybody = excluded.anybody, cameras = excluded.cameras
      WHERE (p.people, p.anybody, p.cameras) IS DISTINCT FROM (excluded.people, excluded.anybody, excluded.cameras)
     RETURNING p.quarter`,
    parameters,
  );
  const emptied = await client.query<{ quarter: number }>(
    `DELETE FROM store_presence AS p
      WHERE p.store_key = $1 AND p.quarter = ANY ($2::int[])
        AND NOT EXISTS (SELECT FROM session_heat AS h
                         WHERE h.store_key = p.store_key AND h.quarter = p.quarter AND h.observations > 0)
     RETURNING p.quarter`,
    parameters,
  );
  await notePresenceChange(
    client,
    [...counted.rows, ...emptied.rows].map(({ quarter }) => quarter),
  );
}
