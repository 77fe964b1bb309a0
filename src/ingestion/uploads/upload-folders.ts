import type { Dirent } from 'node:fs';
import { chmod, mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { Chores } from '../../platform/chores.js';
import { Clock } from '../../platform/clock.js';
import { Environment } from '../../platform/environment.js';

const SWEEP_MS = 60_000;
/** An upload that nobody has written to for so long, and that became no import, was cut off by the end of its process. */
const ABANDONED_MS = 3_600_000;

/** The folders in which uploaded files lie until they are loaded: one for each import, named by its id. */
@Injectable()
export class UploadFolders implements OnModuleInit {
  constructor(
    private readonly environment: Environment,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({
      name: 'Removing uploaded files that nobody needs',
      everyMs: SWEEP_MS,
      run: () => this.sweep(),
    });
  }

  pathOf(id: string): string {
    return path.join(this.environment.uploadsDir, id);
  }

  /** Makes an import's folder, which nobody but this user may look into. */
  async make(id: string): Promise<string> {
    await mkdir(this.environment.uploadsDir, { recursive: true });
    const folder = this.pathOf(id);
    await mkdir(folder, { mode: 0o700 });
    await chmod(folder, 0o700);
    return folder;
  }

  /** Sees to it that the names of the files are on the disk, as the files are. */
  async flush(id: string): Promise<void> {
    for (const folder of [this.pathOf(id), this.environment.uploadsDir]) {
      const directory = await open(folder, 'r');
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    }
  }

  /** Removes the folder of an import; one that is not there is none. */
  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { recursive: true, force: true });
  }

  /** Bytes that are left for uploads. */
  async freeBytes(): Promise<number> {
    await mkdir(this.environment.uploadsDir, { recursive: true });
    const { bavail, bsize } = await statfs(this.environment.uploadsDir);
    return bavail * bsize;
  }

  /** Removes the folders that nobody needs any more: what killed processes left, and what should be gone already. */
  async sweep(): Promise<void> {
    const ids = await this.folders();
    const needed = new Set(await this.stillNeeded(ids));
    const known = new Set(await this.known(ids));
    for (const id of ids) {
      if (needed.has(id)) continue;
      // An upload that is still arriving has no row yet.
      if (!known.has(id) && (await this.isBeingWritten(id))) continue;
      await this.remove(id);
    }
  }

  private async folders(): Promise<string[]> {
    const found = await readdir(this.environment.uploadsDir, { withFileTypes: true }).catch(noneWhereMissing);
    // Whatever else lies there is not of this program's making.
    return found.filter((entry) => entry.isDirectory() && isUuid(entry.name)).map(({ name }) => name);
  }

  /** Imports that wait, run, or failed not long ago and may be tried again. */
  private async stillNeeded(ids: readonly string[]): Promise<string[]> {
    return this.idsOf(
      `SELECT import_id FROM imports
        WHERE import_id = ANY ($1::uuid[])
          AND (status IN ('pending', 'running')
               OR status = 'failed' AND completed_at > clock_timestamp() - interval '24 hours')`,
      ids,
    );
  }

  private known(ids: readonly string[]): Promise<string[]> {
    return this.idsOf('SELECT import_id FROM imports WHERE import_id = ANY ($1::uuid[])', ids);
  }

  private async idsOf(sql: string, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows: { import_id: string }[] = await this.dataSource.query(sql, [ids]);
    return rows.map((row) => row.import_id);
  }

  private async isBeingWritten(id: string): Promise<boolean> {
    const folder = this.pathOf(id);
    const oldestMs = this.clock.nowUs() / 1000 - ABANDONED_MS;
    try {
      const names = await readdir(folder);
      const times = await Promise.all(
        [folder, ...names.map((name) => path.join(folder, name))].map(
          async (one) => (await stat(one)).mtimeMs,
        ),
      );
      return Math.max(...times) > oldestMs;
    } catch (error) {
      // Somebody has just removed it, or a part of it: the next round sees.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw error;
    }
  }
}

function noneWhereMissing(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
