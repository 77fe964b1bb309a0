import type pg from 'pg';
import { foldName } from '../stores/store-text.js';
import type { BlueprintDraft } from './blueprint.body.js';

/** Adds a blueprint with its first version. */
export async function insertBlueprint(
  client: pg.PoolClient,
  id: string,
  draft: BlueprintDraft,
  hash: string,
): Promise<void> {
  await client.query(
    `INSERT INTO blueprints (blueprint_id, name, folded_name, description, is_active, version)
     VALUES ($1, $2, $3, $4, $5, 1)`,
    [id, draft.name, foldName(draft.name), draft.description, draft.isActive],
  );
  await addVersion(client, id, 1, draft, hash);
}

/** Makes a version the newest one. The caller holds the lock of the blueprint. */
export async function updateBlueprint(
  client: pg.PoolClient,
  id: string,
  version: number,
  draft: BlueprintDraft,
  hash: string,
): Promise<void> {
  await client.query(
    `UPDATE blueprints SET name = $2, folded_name = $3, description = $4, is_active = $5, version = $6,
            updated_at = clock_timestamp()
      WHERE blueprint_id = $1`,
    [id, draft.name, foldName(draft.name), draft.description, draft.isActive, version],
  );
  await addVersion(client, id, version, draft, hash);
}

/** Once more, it changes nothing. */
export async function archiveBlueprint(client: pg.PoolClient, id: string): Promise<void> {
  await client.query(
    'UPDATE blueprints SET archived_at = coalesce(archived_at, clock_timestamp()) WHERE blueprint_id = $1',
    [id],
  );
}

async function addVersion(
  client: pg.PoolClient,
  id: string,
  version: number,
  draft: BlueprintDraft,
  hash: string,
): Promise<void> {
  await client.query(
    `INSERT INTO blueprint_versions (blueprint_id, version, name, description, is_active, content, content_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, version, draft.name, draft.description, draft.isActive, JSON.stringify(draft.content), hash],
  );
}
