import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, LessThan, type Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { Problem } from '../platform/problem.js';
import { waitFor } from '../platform/wait.js';
import { ImportFile } from './import-file.entity.js';
import { Import, type ImportStatus } from './import.entity.js';
import {
  type ImportListView,
  type ImportView,
  presentImport,
  type RejectListView,
  type RejectView,
} from './import.view.js';

const UNDER_WAY: ReadonlySet<ImportStatus> = new Set(['pending', 'running']);

interface RejectRow extends Omit<RejectView, 'line'> {
  position: number;
  line: string;
}

/** Answers what was loaded, what is being loaded, and what was set aside. */
@Injectable()
export class ImportsReader {
  constructor(
    @InjectRepository(Import) private readonly imports: Repository<Import>,
    @InjectRepository(ImportFile) private readonly files: Repository<ImportFile>,
    private readonly dataSource: DataSource,
  ) {}

  /** @throws Problem 404 when there is no such import; an id that cannot be one is none. */
  async find(id: string): Promise<ImportView> {
    return presentImport(await this.require(id), await this.filesOf([id]));
  }

  /** As `find`, but only when the import has ended, or when `seconds` are over. */
  async findEnded(id: string, seconds: number): Promise<ImportView> {
    await waitFor(async () => (UNDER_WAY.has((await this.require(id)).status) ? null : true), seconds * 1000);
    return this.find(id);
  }

  /** Newest first. */
  async list(limit: number, cursor: string | undefined): Promise<ImportListView> {
    const page = await this.imports.find({
      // Ids are made in order of time.
      where: cursor === undefined ? {} : { id: LessThan(cursor) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const shown = page.slice(0, limit);
    const files = await this.filesOf(shown.map((row) => row.id));
    return {
      data: shown.map((row) =>
        presentImport(
          row,
          files.filter((file) => file.importId === row.id),
        ),
      ),
      next_cursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  /** Rows that were set aside, file by file, line by line. @param cursor `position.line` of the last one seen. */
  async rejects(id: string, limit: number, cursor: string | undefined): Promise<RejectListView> {
    await this.require(id);
    const [position, line] = cursor?.split('.').map(Number) ?? [-1, 0];
    const rows: RejectRow[] = await this.dataSource.query(
      `SELECT r.position, f.name AS file, r.line, r.column_name AS column, r.code, r.detail, r.raw, r.suggestion
         FROM import_rejects AS r JOIN import_files AS f USING (import_id, position)
        WHERE r.import_id = $1 AND (r.position, r.line) > ($2::int, $3::bigint)
        ORDER BY r.position, r.line LIMIT $4`,
      [id, position, line, limit + 1],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      data: shown.map((row) => ({
        file: row.file,
        line: Number(row.line),
        column: row.column,
        code: row.code,
        detail: row.detail,
        raw: row.raw,
        suggestion: row.suggestion,
      })),
      next_cursor: rows.length > limit && last !== undefined ? `${last.position}.${last.line}` : null,
    };
  }

  private async require(id: string): Promise<Import> {
    const row = isUuid(id) ? await this.imports.findOneBy({ id }) : null;
    if (row === null) {
      throw new Problem(
        404,
        'import_not_found',
        `There is no import '${id.slice(0, 100)}'. GET /api/v1/imports lists those that exist.`,
      );
    }
    return row;
  }

  private filesOf(ids: readonly string[]): Promise<ImportFile[]> {
    return this.files.find({ where: { importId: In([...ids]) }, order: { position: 'ASC' } });
  }
}
