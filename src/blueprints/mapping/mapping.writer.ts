import type pg from 'pg';
import { MAPPING_LOCK } from '../../platform/database/locks.js';
import type { MappingContent } from '../mapping-content.js';
import type { KeptRevision } from './mapping.reader.js';

/** A revision to be added behind the last one. */
export interface NewRevision
  extends Pick<KeptRevision, 'storeKey' | 'revision' | 'effectiveFromUs' | 'hash' | 'action' | 'blueprint'> {
  readonly content: MappingContent;
  readonly rolledBackTo: number | null;
}

/** Keeps everybody else from changing the mappings of stores until the transaction ends. Waits for those who do. */
export async function lockMappings(client: pg.ClientBase, storeKeys: readonly number[]): Promise<void> {
  // All in the same order, so that two who want several of them never wait for each other.
  await client.query(
    'SELECT pg_advisory_xact_lock($1, wanted.key) FROM (SELECT key FROM unnest($2::int[]) AS key ORDER BY key) AS wanted',
    [MAPPING_LOCK, storeKeys],
  );
}

/** Adds revisions. The caller holds the locks of their stores. A content that many share is sent once. */
export async function addRevisions(
  client: pg.ClientBase,
  revisions: readonly NewRevision[],
  nowUs: number,
): Promise<void> {
  if (revisions.length === 0) return;
  const contents = new Map(revisions.map(({ hash, content }) => [hash, content]));
  const rows = revisions.map((one) => ({
    store_key: one.storeKey,
    revision: one.revision,
    effective_from_us: one.effectiveFromUs,
    content_hash: one.hash,
    action: one.action,
    blueprint_id: one.blueprint?.id ?? null,
    blueprint_version: one.blueprint?.version ?? null,
    rolled_back_to: one.rolledBackTo,
    // Events since then may have been worked out before this is committed, however soon that is.
    takes_up_past: one.effectiveFromUs <= nowUs,
  }));
  await client.query(
    `INSERT INTO store_mapping_revisions
       (store_key, revision, effective_from_us, content, content_hash, action, blueprint_id, blueprint_version,
        rolled_back_to, takes_up_past)
     SELECT r.store_key, r.revision, r.effective_from_us, c.content::jsonb, r.content_hash, r.action, r.blueprint_id,
            r.blueprint_version, r.rolled_back_to, r.takes_up_past
       FROM jsonb_to_recordset($1::jsonb)
              AS r (store_key int, revision int, effective_from_us bigint, content_hash text, action text,
                    blueprint_id uuid, blueprint_version int, rolled_back_to int, takes_up_past boolean)
       JOIN unnest($2::text[], $3::text[]) AS c (hash, content) ON c.hash = r.content_hash`,
    [
      JSON.stringify(rows),
      [...contents.keys()],
      [...contents.values()].map((content) => JSON.stringify(content)),
    ],
  );
}

/**
 * Withdraws a revision that is planned. The caller holds the lock of its store. Events come with times up to a day
 * ahead, and its time may come before this is committed: what was worked out with it is worked out again.
 */
export async function withdrawRevision(
  client: pg.ClientBase,
  { storeKey, revision }: Pick<KeptRevision, 'storeKey' | 'revision'>,
): Promise<void> {
  await client.query(
    `UPDATE store_mapping_revisions SET withdrawn_at = clock_timestamp(), takes_up_past = true
      WHERE store_key = $1 AND revision = $2`,
    [storeKey, revision],
  );
}

/** Notes that a version has been applied to revisions that say already what it comes to. */
export async function noteApplied(
  client: pg.ClientBase,
  heads: readonly KeptRevision[],
  blueprint: { id: string; version: number },
): Promise<void> {
  if (heads.length === 0) return;
  await client.query(
    `UPDATE store_mapping_revisions AS r SET blueprint_id = $3, blueprint_version = $4
       FROM unnest($1::int[], $2::int[]) AS h (store_key, revision)
      WHERE r.store_key = h.store_key AND r.revision = h.revision`,
    [
      heads.map(({ storeKey }) => storeKey),
      heads.map(({ revision }) => revision),
      blueprint.id,
      blueprint.version,
    ],
  );
}
