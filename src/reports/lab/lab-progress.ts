import type { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';

/** A row that were updated for every page of stores would cost more than the page. */
const PROGRESS_MS = 300;

/** Keeps the row of a comparison up to date without ever holding up the work. */
export class LabProgress {
  private writtenAt = performance.now();
  private pending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly claim: Claim,
  ) {}

  /** @param done stores */
  tell(done: number): void {
    if (performance.now() - this.writtenAt < PROGRESS_MS) return;
    this.writtenAt = performance.now();
    // A progress that can't be written is no reason to stop: the update at the end tells whether all is well.
    this.pending = this.dataSource
      .query(`UPDATE labs SET done = $3 WHERE lab_id = $1 AND claim_token = $2 AND status = 'running'`, [
        this.claim.id,
        this.claim.token,
        done,
      ])
      .catch(() => undefined);
  }

  async settled(): Promise<void> {
    await this.pending;
  }
}
