import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Queryable, rowsOf } from '../../platform/database/queryable.js';
import type { FileKind } from '../file-kind.js';
import type { ImportFile } from './import-file.entity.js';

/** What became of the rows of a file when it was loaded. */
export interface LoadedCounts {
  read: number;
  rejected: number;
}

/** Knows which files were loaded before: the same bytes, as the same kind. */
@Injectable()
export class Duplicates {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The import that loaded the same bytes as the same kind last; null where there is none. Data that are cleared take
   * the history of loads with them, so what was cleared away is not known.
   *
   * Polls add up. Hours, zones and exceptions replace each other: a file of them that was followed by another one, or
   * by an edit, says something new when it is sent again, and is loaded.
   */
  async originalOf(
    sha256: string,
    kind: FileKind,
    connection: Queryable = this.dataSource,
  ): Promise<string | null> {
    const [row] = await rowsOf<{ id: string }>(
      connection,
      `SELECT f.import_id AS id
         FROM import_files AS f JOIN imports AS i USING (import_id)
        WHERE f.sha256 = $1 AND f.kind = $2 AND f.status = 'completed'
          AND (f.kind = 'polls' OR NOT EXISTS (
                 SELECT FROM import_files AS other
                  WHERE other.kind = f.kind AND other.sha256 IS DISTINCT FROM f.sha256
                    AND (other.status IN ('pending', 'running')
                         OR other.status = 'completed' AND other.completed_at > f.completed_at)
               ) AND NOT EXISTS (SELECT FROM last_store_edit WHERE edited_at > f.completed_at))
        ORDER BY coalesce(f.completed_at, i.completed_at, i.started_at) DESC LIMIT 1`,
      [sha256, kind],
    );
    return row?.id ?? null;
  }

  /** A sentence for each file that was not loaded again, by the import's id and the file's position. */
  async notes(files: readonly ImportFile[]): Promise<Map<string, Map<number, string>>> {
    const notes = new Map<string, Map<number, string>>();
    const duplicates = files.filter(({ status }) => status === 'duplicate');
    if (duplicates.length === 0) return notes;
    const rows: { import_id: string; position: number; since: number }[] = await this.dataSource.query(
      `SELECT d.import_id, d.position,
              (SELECT count(*)::int FROM import_files AS later
                WHERE later.kind = d.kind AND later.status = 'completed' AND later.sha256 <> d.sha256
                  AND later.completed_at > original.completed_at) AS since
         FROM import_files AS d
         JOIN import_files AS original
           ON original.import_id = d.duplicate_of AND original.sha256 = d.sha256 AND original.kind = d.kind
              AND original.status = 'completed'
        WHERE d.status = 'duplicate' AND d.import_id = ANY ($1::uuid[])`,
      [[...new Set(duplicates.map(({ importId }) => importId))]],
    );
    for (const { import_id: id, position, since } of rows)
      notes.set(id, (notes.get(id) ?? new Map<number, string>()).set(position, sentence(since)));
    return notes;
  }

  /** What became of a file's rows when its original was loaded; null where nothing tells it any more. */
  async countsOfOriginal(original: string, sha256: string, kind: FileKind): Promise<LoadedCounts | null> {
    const rows: { read: string; rejected: string }[] = await this.dataSource.query(
      `SELECT read, rejected FROM import_files
        WHERE import_id = $1 AND sha256 = $2 AND kind = $3 AND status = 'completed' LIMIT 1`,
      [original, sha256, kind],
    );
    const [row] = rows;
    return row === undefined ? null : { read: Number(row.read), rejected: Number(row.rejected) };
  }
}

function sentence(since: number): string {
  const others =
    since === 0
      ? 'No other file of this kind was loaded since.'
      : `Since then ${since} other file${since === 1 ? '' : 's'} of this kind ${since === 1 ? 'was' : 'were'} loaded, which may have changed what it says.`;
  return `The same bytes were loaded before, so the file was not loaded again. ${others} Send it with force=true to load it again.`;
}
