import { access } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { inTransaction } from '../../platform/database/connection.js';
import { Problem } from '../../platform/problem.js';
import { Sweep } from '../../platform/queue/sweep.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { takePlace } from './import-acceptance.js';
import { importNotFound } from './import-not-found.js';
import type { ImportStatus } from './import.entity.js';
import { UploadFolders } from '../uploads/upload-folders.js';

interface ImportRow {
  status: ImportStatus;
  directory: string;
}

/** Stops imports, and starts ended ones again. */
@Injectable()
export class ImportControl {
  constructor(
    private readonly dataSource: DataSource,
    private readonly folders: UploadFolders,
    private readonly queue: WorkQueue,
    private readonly sweep: Sweep,
  ) {}

  /**
   * Ends an import. Nothing more of it becomes visible from this moment on; files that it has loaded stay loaded.
   *
   * @throws Problem 404, or 409 when it has ended already.
   */
  async cancel(id: string): Promise<void> {
    const cancelled = isUuid(id) && (await this.takeAway(id));
    if (!cancelled) {
      const { status } = await this.require(id);
      throw new Problem(
        409,
        'import_ended',
        `The import is ${status} already; one that waits or runs can be cancelled.`,
      );
    }
    await this.folders.remove(id);
    // It may have been the one that others waited for.
    void this.sweep.now();
  }

  /**
   * Starts a failed or cancelled import again, behind those that wait now. What it has loaded stays as it is.
   *
   * @throws Problem 404, or 409 when it is neither, or when its files are gone.
   */
  async retry(id: string): Promise<void> {
    const row = await this.require(id);
    await this.refuseRetry(id, row);
    const restarted = await inTransaction(this.dataSource, async (client) => {
      await takePlace(client);
      return restart(client, id);
    });
    // Somebody else has just done it.
    if (restarted) await this.queue.enqueue('ingestion', id);
  }

  /** One statement: a run that is about to publish either has done so before it, or finds its claim gone. */
  private async takeAway(id: string): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      `WITH ended AS (
         UPDATE imports
            SET status = 'cancelled', claim_token = NULL, lease_until = NULL, completed_at = clock_timestamp(),
                error = 'It was cancelled.'
          WHERE import_id = $1 AND status IN ('pending', 'running')
          RETURNING import_id
       ), files AS (
         UPDATE import_files AS f SET status = 'cancelled', completed_at = clock_timestamp()
           FROM ended
          WHERE f.import_id = ended.import_id AND f.status IN ('pending', 'running')
       )
       SELECT import_id FROM ended`,
      [id],
    );
    return rows.length > 0;
  }

  private async refuseRetry(id: string, { status, directory }: ImportRow): Promise<void> {
    if (status !== 'failed' && status !== 'cancelled') {
      throw new Problem(
        409,
        'import_not_retryable',
        `The import is ${status}; one that failed or was cancelled can be tried again.`,
      );
    }
    const files: { name: string; path: string | null }[] = await this.dataSource.query(
      `SELECT name, path FROM import_files
        WHERE import_id = $1 AND status NOT IN ('completed', 'rejected', 'duplicate') ORDER BY position`,
      [id],
    );
    const gone: string[] = [];
    for (const file of files) {
      if (!(await isThere(path.join(directory, file.path ?? file.name)))) gone.push(file.name);
    }
    if (gone.length === 0) return;
    throw new Problem(
      409,
      'files_gone',
      `The import can't be tried again, because its files are gone: ${gone.join(', ')}. Uploaded files are kept for 24 hours after a failure, and removed at once by cancelling. Send them again.`,
    );
  }

  private async require(id: string): Promise<ImportRow> {
    const [row] = isUuid(id)
      ? await this.dataSource.query('SELECT status, directory FROM imports WHERE import_id = $1', [id])
      : [];
    if (row === undefined) throw importNotFound(id);
    return row as ImportRow;
  }
}

/** It gets a new place in the order: of two loads that say different things, the one that is loaded last has to hold. */
async function restart(client: pg.PoolClient, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE imports
        SET status = 'pending', attempts = 0, error = NULL, accepted_at = clock_timestamp(), started_at = NULL,
            completed_at = NULL
      WHERE import_id = $1 AND status IN ('failed', 'cancelled')`,
    [id],
  );
  if (rowCount !== 1) return false;
  await client.query(
    `UPDATE import_files
        SET status = 'pending', started_at = NULL, merging_at = NULL, completed_at = NULL
      WHERE import_id = $1 AND status IN ('pending', 'running', 'failed', 'cancelled')`,
    [id],
  );
  return true;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
