import { type Queryable, rowsOf } from '../platform/database/queryable.js';
import type { KeptVersion } from './blueprint-versions.reader.js';

/** A blueprint at its newest version. */
export interface KeptBlueprint extends KeptVersion {
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

export type ListedBlueprint = Omit<KeptBlueprint, 'content' | 'hash'>;

const LISTED = `b.blueprint_id AS id, b.version, b.name, b.description, b.is_active AS "isActive",
                b.created_at AS "createdAt", b.updated_at AS "updatedAt", b.archived_at AS "archivedAt"`;
const WHOLE = `${LISTED}, v.content, v.content_hash AS hash`;
const WITH_VERSION = `blueprints AS b
  JOIN blueprint_versions AS v ON v.blueprint_id = b.blueprint_id AND v.version = b.version`;

/** @param lock keeps it from being changed until the transaction ends. */
export async function readBlueprintRow(
  db: Queryable,
  id: string,
  lock = false,
): Promise<KeptBlueprint | null> {
  const rows = await rowsOf<KeptBlueprint>(
    db,
    `SELECT ${WHOLE} FROM ${WITH_VERSION} WHERE b.blueprint_id = $1 ${lock ? 'FOR UPDATE OF b' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

export interface ListFilter {
  readonly archived: boolean;
  readonly isActive: boolean | null;
  /** Folded part of a name. */
  readonly search: string | null;
}

/** Newest first. @param after the last one of the page before */
export function listBlueprintRows(
  db: Queryable,
  { archived, isActive, search }: ListFilter,
  after: string | null,
  limit: number,
): Promise<ListedBlueprint[]> {
  return rowsOf(
    db,
    `SELECT ${LISTED} FROM blueprints AS b
      WHERE ($1 OR b.archived_at IS NULL) AND ($2::boolean IS NULL OR b.is_active = $2)
        AND ($3::text IS NULL OR position($3 IN b.folded_name) > 0)
        AND ($4::uuid IS NULL OR b.blueprint_id < $4)
      ORDER BY b.blueprint_id DESC LIMIT $5`,
    [archived, isActive, search, after, limit],
  );
}

/** Whole ones that are not archived, newest first, for lists that page by number. */
export async function pageBlueprintRows(
  db: Queryable,
  offset: number,
  limit: number,
): Promise<{ total: number; blueprints: KeptBlueprint[] }> {
  const [count] = await rowsOf<{ total: number }>(
    db,
    'SELECT count(*)::int AS total FROM blueprints WHERE archived_at IS NULL',
  );
  const blueprints = await rowsOf<KeptBlueprint>(
    db,
    `SELECT ${WHOLE} FROM ${WITH_VERSION}
      WHERE b.archived_at IS NULL ORDER BY b.blueprint_id DESC OFFSET $1 LIMIT $2`,
    [offset, limit],
  );
  return { total: count!.total, blueprints };
}
