import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { Problem } from '../../platform/problem.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { ReportLeftovers } from '../making/report-leftovers.js';
import { ReportLookup } from './report-lookup.js';

/** Stops reports, and starts ended ones again. */
@Injectable()
export class ReportControl {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lookup: ReportLookup,
    private readonly queue: WorkQueue,
    private readonly leftovers: ReportLeftovers,
  ) {}

  /**
   * Ends a report. Whoever computes it finds its claim gone within a second, and nothing of it is left.
   *
   * @throws Problem 404, or 409 when it has ended already.
   */
  async cancel(id: string): Promise<void> {
    const { status } = await this.lookup.require(id);
    const [, cancelled] = await this.dataSource.query(
      `UPDATE reports
          SET status = 'cancelled', claim_token = NULL, lease_until = NULL, completed_at = clock_timestamp(),
              snapshot = NULL, error = 'It was cancelled.'
        WHERE report_id = $1 AND status IN ('pending', 'running')`,
      [id],
    );
    if (cancelled === 1) return this.leftovers.remove(id);
    throw new Problem(
      409,
      'report_ended',
      `The report is ${await this.statusNow(id, status)} already; one that waits or runs can be cancelled.`,
    );
  }

  /**
   * Starts a failed or cancelled report again, with the as-of that it had, if it had one. Where all was computed and
   * only its files failed, these alone are made.
   *
   * @throws Problem 404, or 409 when it is neither.
   */
  async retry(id: string): Promise<void> {
    const { status } = await this.lookup.require(id);
    if (!(await this.restart(id))) {
      throw new Problem(
        409,
        'report_not_retryable',
        `The report is ${await this.statusNow(id, status)}; one that failed or was cancelled can be tried again.`,
      );
    }
    await this.queue.enqueue('reports', id);
  }

  private restart(id: string): Promise<boolean> {
    return inTransaction(this.dataSource, async (client) => {
      const { rowCount } = await client.query(
        // An equal one may be under way, and this one is wanted nevertheless.
        `UPDATE reports
            SET status = 'pending', phase = 'waiting', done = 0, attempts = 0, error = NULL, request_key = NULL,
                started_at = NULL, completed_at = NULL
          WHERE report_id = $1 AND status IN ('failed', 'cancelled')`,
        [id],
      );
      if (rowCount !== 1) return false;
      // Those that crashed too often have all their starts again.
      await client.query(
        `UPDATE report_shards SET attempts = 0, status = 'pending', claim_token = NULL, lease_until = NULL
          WHERE report_id = $1 AND status <> 'completed'`,
        [id],
      );
      return true;
    });
  }

  /** It may have ended a moment after it was looked at. */
  private async statusNow(id: string, before: string): Promise<string> {
    const [row] = await this.dataSource.query('SELECT status FROM reports WHERE report_id = $1', [id]);
    return (row as { status: string } | undefined)?.status ?? before;
  }
}
