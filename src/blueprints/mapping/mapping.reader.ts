import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Queryable, rowsOf } from '../../platform/database/queryable.js';
import type { MappingContent, MappingRevision } from '../mapping-content.js';

/** A revision with all that is known of it. */
export interface KeptRevision extends MappingRevision {
  readonly hash: string;
  readonly action: 'apply' | 'rollback' | 'replace';
  /** The version last applied, and what a merge compares with. */
  readonly blueprint: { readonly id: string; readonly version: number } | null;
  readonly rolledBackTo: number | null;
  readonly createdAt: Date;
  /** It was planned, and never holds. Null: it holds in its time. */
  readonly withdrawnAt: Date | null;
}

interface RevisionRow {
  store_key: number;
  revision: number;
  effective_from_us: string;
  content: MappingContent;
  content_hash: string;
  action: KeptRevision['action'];
  blueprint_id: string | null;
  blueprint_version: number | null;
  rolled_back_to: number | null;
  created_at: Date;
  withdrawn_at: Date | null;
}

const COLUMNS = `store_key, revision, effective_from_us, content, content_hash, action, blueprint_id, blueprint_version,
                 rolled_back_to, created_at, withdrawn_at`;

/** Tells what holds, held and will hold for stores. Key 0 is the mapping of clients that name no store. */
@Injectable()
export class MappingReader {
  constructor(private readonly dataSource: DataSource) {}

  /** What holds at an instant; null before the first revision. */
  async inForce(db: Queryable, storeKey: number, atUs: number): Promise<KeptRevision | null> {
    const rows = await rowsOf<RevisionRow>(
      db,
      `SELECT ${COLUMNS} FROM store_mapping_revisions
        WHERE store_key = $1 AND effective_from_us <= $2 AND withdrawn_at IS NULL ORDER BY revision DESC LIMIT 1`,
      [storeKey, atUs],
    );
    return rows[0] === undefined ? null : revisionOf(rows[0]);
  }

  /** What holds at any instant of a range, its end excluded; in order. */
  async revisions(
    storeKey: number,
    fromUs: number,
    toUs: number,
    db: Queryable = this.dataSource,
  ): Promise<KeptRevision[]> {
    const rows = await rowsOf<RevisionRow>(
      db,
      `SELECT ${COLUMNS} FROM store_mapping_revisions
        WHERE store_key = $1 AND effective_from_us < $3 AND withdrawn_at IS NULL
          AND revision >= coalesce((SELECT max(revision) FROM store_mapping_revisions
                                     WHERE store_key = $1 AND effective_from_us <= $2
                                       AND withdrawn_at IS NULL), 1)
        ORDER BY revision`,
      [storeKey, fromUs, toUs],
    );
    return rows.map(revisionOf);
  }

  /** The last revisions of stores that were not withdrawn, by key; they may hold only later. */
  async heads(db: Queryable, storeKeys: readonly number[]): Promise<Map<number, KeptRevision>> {
    const rows = await rowsOf<RevisionRow>(
      db,
      `SELECT ${COLUMNS.replaceAll(/(\w+)/g, 'r.$1')}
         FROM unnest($1::int[]) AS wanted (key)
        CROSS JOIN LATERAL (SELECT * FROM store_mapping_revisions WHERE store_key = wanted.key AND withdrawn_at IS NULL
                             ORDER BY revision DESC LIMIT 1) AS r`,
      [storeKeys],
    );
    return new Map(rows.map((row) => [row.store_key, revisionOf(row)]));
  }

  /** The greatest numbers that revisions of stores have, withdrawn ones among them, by key: none is given twice. */
  async lastNumbers(db: Queryable, storeKeys: readonly number[]): Promise<Map<number, number>> {
    const rows = await rowsOf<{ key: number; last: number }>(
      db,
      `SELECT wanted.key, coalesce((SELECT max(revision) FROM store_mapping_revisions WHERE store_key = wanted.key), 0) AS last
         FROM unnest($1::int[]) AS wanted (key)`,
      [storeKeys],
    );
    return new Map(rows.map(({ key, last }) => [key, last]));
  }

  /** Whichever it is, a withdrawn one too. */
  async revision(db: Queryable, storeKey: number, revision: number): Promise<KeptRevision | null> {
    const rows = await rowsOf<RevisionRow>(
      db,
      `SELECT ${COLUMNS} FROM store_mapping_revisions WHERE store_key = $1 AND revision = $2`,
      [storeKey, revision],
    );
    return rows[0] === undefined ? null : revisionOf(rows[0]);
  }

  /** Newest first, withdrawn ones among them. @param before revisions below this one */
  async page(db: Queryable, storeKey: number, before: number | null, limit: number): Promise<KeptRevision[]> {
    const rows = await rowsOf<RevisionRow>(
      db,
      `SELECT ${COLUMNS} FROM store_mapping_revisions
        WHERE store_key = $1 AND ($2::int IS NULL OR revision < $2) ORDER BY revision DESC LIMIT $3`,
      [storeKey, before, limit],
    );
    return rows.map(revisionOf);
  }
}

function revisionOf(row: RevisionRow): KeptRevision {
  return {
    storeKey: row.store_key,
    revision: row.revision,
    effectiveFromUs: Number(row.effective_from_us),
    content: row.content,
    hash: row.content_hash,
    action: row.action,
    blueprint: row.blueprint_id === null ? null : { id: row.blueprint_id, version: row.blueprint_version! },
    rolledBackTo: row.rolled_back_to,
    createdAt: row.created_at,
    withdrawnAt: row.withdrawn_at,
  };
}
