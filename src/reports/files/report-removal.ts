import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { Problem } from '../../platform/problem.js';
import { FileStorage } from '../../platform/storage/file-storage.js';
import { ReportLookup } from '../requests/report-lookup.js';
import type { ReportStatus } from '../requests/report.entity.js';
import { fileNameOf, REPORT_VARIANTS } from './report-variant.js';
import { lockResult } from './result-lock.js';

/** A run that was cancelled when its report was removed has written its last file by then. */
const SETTLED_SECONDS = 3_600;

/** Removes reports, and with the last one that refers to a result its rows and files. */
@Injectable()
export class ReportRemoval {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lookup: ReportLookup,
    private readonly storage: FileStorage,
  ) {}

  /** @throws Problem 404, 409 (it has not ended) */
  async remove(id: string): Promise<void> {
    await this.lookup.require(id);
    const removed = await inTransaction(this.dataSource, async (client) => {
      const { rows } = await client.query<{ status: ReportStatus; result_id: string }>(
        'SELECT status, result_id FROM reports WHERE report_id = $1 FOR UPDATE',
        [id],
      );
      const [report] = rows;
      if (report === undefined) return [];
      if (report.status === 'pending' || report.status === 'running') throw notEnded(id, report.status);
      await client.query('DELETE FROM reports WHERE report_id = $1', [id]);
      return release(client, id, report.result_id);
    });
    for (const owner of removed) await this.removeFilesOf(owner);
  }

  /**
   * Lets reports expire that ended before the instant: they can still be looked at, their rows and files are gone.
   *
   * @returns how many
   */
  async expire(before: Date): Promise<number> {
    let expired = 0;
    // One at a time: the rows of a large report are enough for a transaction.
    while (await inTransaction(this.dataSource, (client) => expireOldest(client, before))) expired += 1;
    await this.removeFiles();
    return expired;
  }

  /**
   * Removes the files of results that are gone, also those that an earlier process was killed before it had removed,
   * or that a run which nobody wanted any more has written since.
   */
  async removeFiles(): Promise<void> {
    const removed: { result_id: string; settled: boolean }[] = await this.dataSource.query(
      'SELECT result_id, removed_at < clock_timestamp() - make_interval(secs => $1) AS settled FROM removed_results',
      [SETTLED_SECONDS],
    );
    for (const { result_id: resultId, settled } of removed) {
      await this.removeFilesOf(resultId);
      if (settled)
        await this.dataSource.query('DELETE FROM removed_results WHERE result_id = $1', [resultId]);
    }
  }

  /** Every name that a file kept under the id can have, whether or not anybody knew of the file. */
  private async removeFilesOf(owner: string): Promise<void> {
    for (const variant of REPORT_VARIANTS) await this.storage.remove(fileNameOf(owner, variant));
  }
}

async function expireOldest(client: pg.PoolClient, before: Date): Promise<boolean> {
  const { rows } = await client.query<{ report_id: string; result_id: string }>(
    `UPDATE reports SET status = 'expired'
      WHERE report_id = (SELECT report_id FROM reports
                          WHERE status IN ('completed', 'failed', 'cancelled')
                            AND coalesce(completed_at, created_at) < $1
                          ORDER BY coalesce(completed_at, created_at) LIMIT 1
                          FOR UPDATE SKIP LOCKED)
      RETURNING report_id, result_id`,
    [before],
  );
  const [report] = rows;
  if (report === undefined) return false;
  await release(client, report.report_id, report.result_id);
  return true;
}

/**
 * Removes what a report leaves that can no longer be read: its own JSON, and what it shared where it was the last.
 *
 * @returns under whose ids files are to be removed
 */
async function release(client: pg.PoolClient, reportId: string, resultId: string): Promise<string[]> {
  const removed: string[] = [];
  for (const owner of new Set([reportId, resultId])) {
    if (await removeUnused(client, owner)) removed.push(owner);
  }
  return removed;
}

/**
 * Removes rows, and leaves word to remove the files, unless a report that can still be read refers to them.
 *
 * @returns whether it did
 */
async function removeUnused(client: pg.PoolClient, owner: string): Promise<boolean> {
  // Of two that remove the last two reports at once, the later one has to see that it is the last.
  await lockResult(client, owner);
  const { rowCount } = await client.query(
    `SELECT FROM reports
      WHERE (result_id = $1 OR report_id = $1) AND status IN ('pending', 'running', 'completed') LIMIT 1`,
    [owner],
  );
  if (rowCount !== 0) return false;
  await client.query('DELETE FROM report_rows WHERE report_id = $1', [owner]);
  await client.query('DELETE FROM report_evidence WHERE report_id = $1', [owner]);
  await client.query('DELETE FROM report_files WHERE report_id = $1', [owner]);
  await client.query(
    'INSERT INTO removed_results (result_id) VALUES ($1) ON CONFLICT (result_id) DO NOTHING',
    [owner],
  );
  return true;
}

function notEnded(id: string, status: ReportStatus): Problem {
  return new Problem(
    409,
    `report_${status}`,
    `The report is ${status}. Cancel it first (POST /api/v1/reports/${id}/cancel), or wait until it has ended.`,
  );
}
