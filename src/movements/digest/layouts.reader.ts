import type pg from 'pg';
import type { MappingContent } from '../../blueprints/index.js';
import { Layouts } from '../meaning/layouts.js';

/** All layouts that ever held or will hold for a store: they are few, and their number grows only when somebody edits them. */
export async function readLayouts(client: pg.ClientBase, storeKey: number): Promise<Layouts> {
  const { rows } = await client.query<{ revision: number; from_us: string; content: MappingContent }>(
    `SELECT revision, effective_from_us AS from_us, content FROM store_mapping_revisions
      WHERE store_key = $1 AND withdrawn_at IS NULL ORDER BY revision`,
    [storeKey],
  );
  return new Layouts(
    rows.map(({ revision, from_us, content }) => ({
      storeKey,
      revision,
      effectiveFromUs: Number(from_us),
      content,
    })),
  );
}

/**
 * Where a layout came to hold for a time that had passed already, or was withdrawn, has the store's sessions since then
 * worked out again. Not at once: they may be a month's, and are taken in pieces like those that new events touch.
 */
export async function takeUpPast(client: pg.ClientBase, storeKey: number): Promise<void> {
  await client.query(
    `WITH taken AS (UPDATE store_mapping_revisions SET takes_up_past = false
                     WHERE store_key = $1 AND takes_up_past RETURNING effective_from_us)
     INSERT INTO movement_touched (store_key, camera_id, track_id, user_id, from_us, to_us)
     SELECT s.store_key, s.camera_id, s.track_id, s.user_id, s.started_us, s.ended_us
       FROM movement_sessions AS s
      WHERE s.store_key = $1 AND s.ended_us >= (SELECT min(effective_from_us) FROM taken)
      ORDER BY s.started_us`,
    [storeKey],
  );
}
