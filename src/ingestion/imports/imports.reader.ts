import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, type Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { Clock } from '../../platform/clock.js';
import { waitFor } from '../../platform/wait.js';
import { Duplicates } from './duplicates.js';
import { ImportFile } from './import-file.entity.js';
import { Import, type ImportStatus } from './import.entity.js';
import { importNotFound } from './import-not-found.js';
import { type ImportListView, type ImportView, presentImport } from './import.view.js';

/** Imports of which is told that one waits for them. */
const MOST_WAITED_FOR = 100;
const UNDER_WAY: ReadonlySet<ImportStatus> = new Set(['pending', 'running']);

/** Answers what was loaded, and what is being loaded. */
@Injectable()
export class ImportsReader {
  constructor(
    @InjectRepository(Import) private readonly imports: Repository<Import>,
    @InjectRepository(ImportFile) private readonly files: Repository<ImportFile>,
    private readonly duplicates: Duplicates,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 404 when there is no such import; an id that cannot be one is none. */
  async find(id: string): Promise<ImportView> {
    const [view] = await this.present([await this.require(id)]);
    return view!;
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
    return {
      data: await this.present(shown),
      next_cursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  private async present(rows: readonly Import[]): Promise<ImportView[]> {
    const files = await this.filesOf(rows.map((row) => row.id));
    const [notes, unended] = await Promise.all([
      this.duplicates.notes(files),
      rows.some(({ status }) => status === 'pending') ? this.unended() : ([] as string[]),
    ]);
    const nowMs = this.clock.nowUs() / 1000;
    return rows.map((row) => {
      const own = files.filter((file) => file.importId === row.id);
      return presentImport(row, own, {
        waitsFor: row.status === 'pending' ? before(unended, row.id) : [],
        notes: notes.get(row.id) ?? new Map<number, string>(),
        nowMs,
      });
    });
  }

  /** The first of the imports that wait or run, in the order in which they are loaded. */
  private async unended(): Promise<string[]> {
    const rows = await this.imports.find({
      select: { id: true },
      where: { status: In([...UNDER_WAY]) },
      order: { acceptedAt: 'ASC', id: 'ASC' },
      take: MOST_WAITED_FOR,
    });
    return rows.map(({ id }) => id);
  }

  private async require(id: string): Promise<Import> {
    const row = isUuid(id) ? await this.imports.findOneBy({ id }) : null;
    if (row === null) throw importNotFound(id);
    return row;
  }

  private filesOf(ids: readonly string[]): Promise<ImportFile[]> {
    return this.files.find({ where: { importId: In([...ids]) }, order: { position: 'ASC' } });
  }
}

/** What stands before an id; all there is, where it stands further behind. */
function before(ids: readonly string[], id: string): readonly string[] {
  const place = ids.indexOf(id);
  return place < 0 ? ids : ids.slice(0, place);
}
