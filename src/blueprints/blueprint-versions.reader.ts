import { type Queryable, rowsOf } from '../platform/database/queryable.js';
import type { MappingContent } from './mapping-content.js';

/** A blueprint as it was once. */
export interface KeptVersion {
  /** Of the blueprint. */
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly description: string | null;
  readonly isActive: boolean;
  readonly content: MappingContent;
  readonly hash: string;
  readonly createdAt: Date;
}

const COLUMNS = `v.blueprint_id AS id, v.version, v.name, v.description, v.is_active AS "isActive", v.content,
                 v.content_hash AS hash, v.created_at AS "createdAt"`;

export function readVersions(
  db: Queryable,
  wanted: readonly { readonly id: string; readonly version: number }[],
): Promise<KeptVersion[]> {
  if (wanted.length === 0) return Promise.resolve([]);
  return rowsOf(
    db,
    `SELECT ${COLUMNS} FROM blueprint_versions AS v
       JOIN unnest($1::uuid[], $2::int[]) AS w (blueprint_id, version)
         ON w.blueprint_id = v.blueprint_id AND w.version = v.version`,
    [wanted.map(({ id }) => id), wanted.map(({ version }) => version)],
  );
}

/** Newest first. @param before versions below this one; null: all */
export function readVersionsOf(
  db: Queryable,
  id: string,
  before: number | null,
  limit: number,
): Promise<KeptVersion[]> {
  return rowsOf(
    db,
    `SELECT ${COLUMNS} FROM blueprint_versions AS v
      WHERE v.blueprint_id = $1 AND ($2::int IS NULL OR v.version < $2) ORDER BY v.version DESC LIMIT $3`,
    [id, before, limit],
  );
}
