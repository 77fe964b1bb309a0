import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { ACCEPTANCE_LOCK } from '../../platform/database/locks.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { Duplicates } from './duplicates.js';
import type { FileKind } from '../file-kind.js';
import type { ImportOrigin } from './import.entity.js';
import type { LoadOptions } from '../uploads/upload-form.js';

/** A file that is to be loaded. */
export interface FileToAccept {
  name: string;
  kind: FileKind;
  bytes: number;
  /** Below the import's directory; without it, under `name`. */
  path?: string;
  /** Without it, known only when it is read. */
  sha256?: string;
}

/** An import that is asked for. */
export interface ImportToAccept {
  id: string;
  source: ImportOrigin;
  directory: string;
  files: readonly FileToAccept[];
  options: LoadOptions;
}

/** Keeps what was asked to be loaded, and hands it to whoever loads. */
@Injectable()
export class ImportAcceptance {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: WorkQueue,
    private readonly duplicates: Duplicates,
  ) {}

  /** @returns whether there is anything to load, and so to hand over: not, when every file was loaded before. */
  accept(asked: ImportToAccept): Promise<boolean> {
    return inTransaction(this.dataSource, async (client) => {
      await takePlace(client);
      const originals = await this.originalsOf(client, asked);
      const allKnown = originals.every((original) => original !== null);
      await this.insertImport(client, asked, allKnown);
      for (const [position, file] of asked.files.entries()) {
        await this.insertFile(client, asked.id, position, file, allKnown ? originals[position]! : null);
      }
      return !allKnown;
    });
  }

  /** Sees to it that an accepted import is loaded soon. */
  async handOver(id: string): Promise<void> {
    await this.queue.enqueue('ingestion', id);
  }

  private async originalsOf(
    client: pg.PoolClient,
    { files, options }: ImportToAccept,
  ): Promise<(string | null)[]> {
    const originals: (string | null)[] = [];
    for (const { sha256, kind } of files) {
      const original =
        options.force || sha256 === undefined ? null : await this.duplicates.originalOf(sha256, kind, client);
      originals.push(original);
    }
    return originals;
  }

  private async insertImport(client: pg.PoolClient, asked: ImportToAccept, ended: boolean): Promise<void> {
    const { id, source, directory, options } = asked;
    await client.query(
      `INSERT INTO imports (import_id, source, directory, force, reject_limit_share, reject_limit_rows,
                            status, started_at, completed_at)
       SELECT $1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN 'completed' ELSE 'pending' END, at, at
         FROM (SELECT CASE WHEN $7 THEN clock_timestamp() END AS at) AS now`,
      [id, source, directory, options.force, options.rejectLimitShare, options.rejectLimitRows, ended],
    );
  }

  private async insertFile(
    client: pg.PoolClient,
    id: string,
    position: number,
    { name, kind, bytes, path, sha256 }: FileToAccept,
    original: string | null,
  ): Promise<void> {
    await client.query(
      `INSERT INTO import_files (import_id, position, name, kind, bytes, path, sha256, duplicate_of, status, completed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
               CASE WHEN $8::uuid IS NULL THEN 'pending' ELSE 'duplicate' END,
               CASE WHEN $8::uuid IS NOT NULL THEN clock_timestamp() END)`,
      [id, position, name, kind, bytes, path ?? null, sha256 ?? null, original],
    );
  }
}

/**
 * Waits for its turn among those who put an import into the order, for the rest of the transaction. Otherwise one
 * could be given an earlier place than another that is seen, and begun, before it.
 */
export async function takePlace(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [ACCEPTANCE_LOCK]);
}
