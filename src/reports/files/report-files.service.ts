import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { Problem } from '../../platform/problem.js';
import {
  FileStorage,
  OtherContent,
  PlaceTaken,
  StorageFull,
  type StoredFile,
} from '../../platform/storage/file-storage.js';
import { StoredFiles } from '../../platform/storage/stored-files.js';
import { ReportFile } from './report-file.entity.js';
import { NoLongerWhole, piecesOf, type PublishedReport } from './report-pieces.js';
import { lockResult } from './result-lock.js';
import { choiceOf, fileNameOf, ownerOf, type ReportVariant } from './report-variant.js';

/** Finds the files of completed reports, and makes those that are asked for the first time, missing or damaged. */
@Injectable()
export class ReportFiles {
  /** What this process makes at the moment: whoever asks for the same waits for it, without a connection of their own. */
  private readonly making = new Map<string, Promise<StoredFile>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: FileStorage,
    private readonly storedFiles: StoredFiles,
  ) {}

  /**
   * A file that is as it was written: looked at before the first byte is sent, since a torn one must never pass for a
   * whole one.
   *
   * @throws Problem 410 (neither file nor rows), 507 (no room to make it)
   */
  async whole(report: PublishedReport, variant: ReportVariant): Promise<StoredFile> {
    const owner = ownerOf(report, variant);
    const kept = await this.dataSource.getRepository(ReportFile).findOneBy({ reportId: owner, variant });
    if (kept !== null && (await this.storedFiles.isWhole(kept.stored))) return kept.stored;
    const key = fileNameOf(owner, variant);
    const making = this.making.get(key) ?? this.make(report, variant).finally(() => this.making.delete(key));
    this.making.set(key, making);
    return making;
  }

  private async make(report: PublishedReport, variant: ReportVariant): Promise<StoredFile> {
    try {
      return await inTransaction(this.dataSource, (client) => this.makeLocked(client, report, variant));
    } catch (error) {
      if (error instanceof StorageFull) throw new Problem(507, 'storage_full', error.message);
      if (error instanceof PlaceTaken) throw new Problem(409, 'place_taken', error.message);
      if (error instanceof NoLongerWhole || error instanceof OtherContent) throw fileGone(report, variant);
      throw error;
    }
  }

  /** Of all processes one makes the file; the others find it made. */
  private async makeLocked(
    client: pg.PoolClient,
    report: PublishedReport,
    variant: ReportVariant,
  ): Promise<StoredFile> {
    const owner = ownerOf(report, variant);
    const name = fileNameOf(owner, variant);
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`report file ${name}`]);
    const before = await keptFile(client, owner, variant);
    if (before !== null && (await this.storedFiles.isWhole(before))) return before;
    // The rows have not changed since, so a CSV that comes out otherwise is none that may be called the same.
    const expected = choiceOf(variant).format === 'csv' ? before?.sha256 : undefined;
    const pieces = await piecesOf(client, report, variant);
    const file = await this.storage.publish(name, randomUUID(), pieces, expected);
    if (!(await keep(client, owner, variant, file))) {
      await this.storage.remove(name);
      throw new NoLongerWhole();
    }
    return file;
  }
}

async function keptFile(
  client: pg.PoolClient,
  owner: string,
  variant: ReportVariant,
): Promise<StoredFile | null> {
  const { rows } = await client.query<{ path: string; bytes: string; sha256: string }>(
    'SELECT path, bytes, sha256 FROM report_files WHERE report_id = $1 AND variant = $2',
    [owner, variant],
  );
  const [row] = rows;
  return row === undefined ? null : { name: row.path, bytes: Number(row.bytes), sha256: row.sha256 };
}

/** @returns false when the last report that has this file went while it was made. */
async function keep(
  client: pg.PoolClient,
  owner: string,
  variant: ReportVariant,
  file: StoredFile,
): Promise<boolean> {
  // A removal that comes now waits, and finds the file.
  await lockResult(client, owner);
  const { rowCount } = await client.query(
    `SELECT FROM reports WHERE (result_id = $1 OR report_id = $1) AND status = 'completed' LIMIT 1`,
    [owner],
  );
  if (rowCount === 0) return false;
  await client.query(
    `INSERT INTO report_files (report_id, variant, path, bytes, sha256) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (report_id, variant) DO UPDATE SET path = $3, bytes = $4, sha256 = $5`,
    [owner, variant, file.name, file.bytes, file.sha256],
  );
  return true;
}

function fileGone({ id }: PublishedReport, variant: ReportVariant): Problem {
  return new Problem(
    410,
    'file_gone',
    `The file ${fileNameOf(id, variant)} is not there as it was written, and its rows are no longer kept. ` +
      'Trigger the report again with its as_of and options.',
  );
}
