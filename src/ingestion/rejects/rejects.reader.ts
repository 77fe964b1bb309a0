import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { badCursor, cursorOf, placeOfCursor } from '../../platform/http/cursor.js';
import { Problem } from '../../platform/problem.js';
import type { FileKind } from '../file-kind.js';
import { importNotFound } from '../imports/import-not-found.js';
import { shown } from '../rows/problems.js';
import { RejectCsv } from './reject-csv.js';
import type { RejectListView, RejectReasonListView, RejectReasonView, RejectView } from './reject.view.js';

/** Rows of at most 4 KB, and what is said about them: two megabytes at the most. */
const CSV_PAGE = 500;

export interface RejectFilter {
  limit: number;
  cursor?: string | undefined;
  /** Position or name. */
  file?: string | undefined;
  code?: string | undefined;
  /** '' asks for rows that are wrong as a whole. */
  column?: string | undefined;
}

/** A file of rejects on its way to a client. */
export interface RejectDownload {
  fileName: string;
  /** Rows of which only the first 4 KB are there. */
  truncatedRows: number;
  /** Text of the file, piece by piece, each read when it is asked for. */
  content: AsyncGenerator<string>;
}

interface FileRow {
  position: number;
  name: string;
  kind: FileKind;
  header: string | null;
  delimiter: string | null;
}

/** Numbers of type int8 come as text from the driver. */
type Row<T> = { [K in keyof T]: T[K] extends number ? string : T[K] };

/** Answers what was set aside: row by row, by reason, and as a file to mend. */
@Injectable()
export class RejectsReader {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Rejects file by file, line by line.
   *
   * @throws Problem 404 when there is no such import, or no such file in it; 400 when the cursor is none.
   */
  async list(id: string, { limit, cursor, file, code, column }: RejectFilter): Promise<RejectListView> {
    const [position, line] = cursor === undefined ? [-1, 0] : placeOf(cursor);
    const files = await this.filesOf(id);
    const only = file === undefined ? null : fileNamed(files, file).position;
    const rows: (Row<RejectView> & { position: number })[] = await this.dataSource.query(
      `SELECT position, line, column_name AS column, code, detail, raw, suggestion
         FROM import_rejects
        WHERE import_id = $1 AND (position, line) > ($2::int, $3::bigint)
          AND ($4::int IS NULL OR position = $4) AND ($5::text IS NULL OR code = $5)
          AND ($6::text IS NULL OR column_name IS NOT DISTINCT FROM nullif($6, ''))
        ORDER BY position, line LIMIT $7`,
      [id, position, line, only, code ?? null, column ?? null, limit + 1],
    );
    const shownRows = rows.slice(0, limit);
    const last = shownRows.at(-1);
    return {
      data: shownRows.map(({ position: of, ...row }) => ({
        file: nameOf(files, of),
        line: Number(row.line),
        column: row.column,
        code: row.code,
        detail: row.detail,
        raw: row.raw,
        suggestion: row.suggestion,
      })),
      next_cursor:
        rows.length > limit && last !== undefined ? cursorOf(`${last.position}.${last.line}`) : null,
    };
  }

  /**
   * Rejects by file, code and column; of each file the most frequent first.
   *
   * @throws Problem 404 when there is no such import, or no such file in it.
   */
  async reasons(id: string, file: string | undefined): Promise<RejectReasonListView> {
    const files = await this.filesOf(id);
    const only = file === undefined ? null : fileNamed(files, file).position;
    const rows: Row<Omit<RejectReasonView, 'example'> & { raw: string; detail: string }>[] =
      await this.dataSource.query(REASONS, [id, only]);
    return {
      data: rows.map((row) => ({
        file: nameOf(files, Number(row.position)),
        position: Number(row.position),
        column: row.column,
        code: row.code,
        count: Number(row.count),
        first_line: Number(row.first_line),
        last_line: Number(row.last_line),
        suggested: Number(row.suggested),
        example: { raw: row.raw, detail: row.detail },
        suggestion: row.suggestion,
      })),
    };
  }

  /**
   * The rejects of one file as a file of the same form: its own header, then the rows in order.
   *
   * @throws Problem 404 when there is no such import, or no such file in it; 400 when several files have rejects and
   *   none is named.
   */
  async download(id: string, file: string | undefined, withReasons: boolean): Promise<RejectDownload> {
    const files = await this.filesOf(id);
    const chosen = file === undefined ? await this.onlyFile(id, files) : fileNamed(files, file);
    const { position, kind, header, delimiter } = chosen;
    const [counted] = await this.dataSource.query(
      'SELECT count(*)::int AS rows FROM import_rejects WHERE import_id = $1 AND position = $2 AND truncated',
      [id, position],
    );
    return {
      fileName: `rejects-${id.toLowerCase()}-${position}.csv`,
      truncatedRows: (counted as { rows: number }).rows,
      content: this.lines(id, position, new RejectCsv(kind, header, delimiter, withReasons)),
    };
  }

  /** Page by page, and not with a cursor of the server: a slow client would keep a connection and a transaction. */
  private async *lines(id: string, position: number, csv: RejectCsv): AsyncGenerator<string> {
    yield csv.headerLine();
    for (let after = '0', more = true; more; ) {
      const rows: Row<RejectView>[] = await this.dataSource.query(
        `SELECT line, column_name AS column, code, detail, raw, suggestion FROM import_rejects
          WHERE import_id = $1 AND position = $2 AND line > $3 ORDER BY line LIMIT $4`,
        [id, position, after, CSV_PAGE],
      );
      more = rows.length === CSV_PAGE;
      after = rows.at(-1)?.line ?? after;
      if (rows.length > 0)
        yield rows.map((row) => csv.rowLine(row.raw, { ...row, line: Number(row.line) })).join('');
    }
  }

  private async filesOf(id: string): Promise<FileRow[]> {
    const rows: (FileRow | { position: null })[] = isUuid(id)
      ? await this.dataSource.query(
          `SELECT f.position, f.name, f.kind, f.header, f.delimiter
             FROM imports AS i LEFT JOIN import_files AS f USING (import_id)
            WHERE i.import_id = $1 ORDER BY f.position`,
          [id],
        )
      : [];
    if (rows.length === 0) throw importNotFound(id);
    return rows.filter((row): row is FileRow => row.position !== null);
  }

  private async onlyFile(id: string, files: readonly FileRow[]): Promise<FileRow> {
    const rows: { position: number }[] = await this.dataSource.query(
      `SELECT position FROM import_files AS f
        WHERE import_id = $1
          AND EXISTS (SELECT FROM import_rejects AS r WHERE r.import_id = $1 AND r.position = f.position)`,
      [id],
    );
    const withRejects = files.filter((file) => rows.some(({ position }) => position === file.position));
    if (withRejects.length > 1) {
      throw new Problem(
        400,
        'file_needed',
        `Several files of this import have rejects: ${listed(withRejects)}. Choose one by its position or its name, such as ?file=${withRejects[0]!.position}.`,
        [{ pointer: '/file', code: 'file_needed', detail: 'The file has to be named.' }],
      );
    }
    const only = withRejects[0] ?? files[0];
    if (only === undefined) throw new Problem(404, 'file_not_found', 'This import has no files.');
    return only;
  }
}

/**
 * What differs in digits and dots alone has one shape. That is dear to find out for a million rows, so it is left out
 * where the code says it: the suggestion for a missing zone is always the same text with UTC behind, and those for
 * words hold no digits.
 */
const SHAPE = `(CASE WHEN code = 'no_zone' THEN '' WHEN code IN ('bad_status', 'unknown_zone') THEN suggestion
                     ELSE translate(suggestion, '0123456789.', '') END COLLATE "C")`;

/** One pass over the import's rejects; an index on code and column would not help, since every row is counted. */
const REASONS = `
  WITH reasons AS (
    SELECT position, code, column_name, count(*) AS count, min(line) AS first_line, max(line) AS last_line,
           count(suggestion) AS suggested,
           count(*) = count(suggestion) AND min${SHAPE} = max${SHAPE} AS alike
      FROM import_rejects WHERE import_id = $1 AND ($2::int IS NULL OR position = $2)
     GROUP BY position, code, column_name
  )
  SELECT position, g.code, g.column_name AS column, count, first_line, last_line, suggested, r.raw, r.detail,
         CASE WHEN alike THEN r.suggestion END AS suggestion
    FROM reasons AS g JOIN import_rejects AS r USING (position)
   WHERE r.import_id = $1 AND r.line = g.first_line
   ORDER BY position, count DESC, first_line`;

/** By name first: a file may be called 1. @throws Problem */
function fileNamed(files: readonly FileRow[], wanted: string): FileRow {
  const named = files.filter(({ name }) => name === wanted);
  if (named.length > 1) {
    throw new Problem(
      400,
      'file_ambiguous',
      `Several files of this import have the name ${shown(wanted)}: ${listed(named)}. Choose one by its position, such as ?file=${named[0]!.position}.`,
    );
  }
  const found = named[0] ?? files.find(({ position }) => String(position) === wanted);
  if (found !== undefined) return found;
  throw new Problem(
    404,
    'file_not_found',
    `This import has no file ${shown(wanted)}. It has ${listed(files)}; choose by position or name.`,
  );
}

function listed(files: readonly FileRow[]): string {
  const names = files.slice(0, 50).map(({ position, name }) => `${position} (${shown(name)})`);
  return names.join(', ') + (files.length > 50 ? ', …' : '');
}

function nameOf(files: readonly FileRow[], position: number): string {
  return files.find((file) => file.position === position)?.name ?? '';
}

/** @throws Problem 400 */
function placeOf(cursor: string): [number, number] {
  const [, position, line] = /^(\d{1,5})\.(\d{1,15})$/.exec(placeOfCursor(cursor) ?? '') ?? [];
  if (position === undefined || line === undefined) throw badCursor();
  return [Number(position), Number(line)];
}
