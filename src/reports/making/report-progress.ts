import type { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';

/** A row that were updated for every piece of work would cost more than the piece. */
const PROGRESS_MS = 300;

/** Keeps the progress of a report up to date with that of its shards, wherever these are computed. */
export class ReportProgress {
  private readonly timer: NodeJS.Timeout;
  private pending: Promise<void> | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly claim: Claim,
  ) {
    this.timer = setInterval(() => (this.pending ??= this.update()), PROGRESS_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.pending;
  }

  private async update(): Promise<void> {
    try {
      // A shard that is begun again counts from nothing; what was told once stays told.
      await this.dataSource.query(
        `UPDATE reports
            SET done = greatest(done, (SELECT sum(s.done) FROM report_shards AS s WHERE s.run = $2))
          WHERE report_id = $1 AND claim_token = $2 AND status = 'running'`,
        [this.claim.id, this.claim.token],
      );
    } catch {
      // A progress that can't be written is no reason to stop: the shards' own transactions tell whether all is well.
    } finally {
      this.pending = null;
    }
  }
}
