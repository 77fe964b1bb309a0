import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Claim, NotYet } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { type WorkHandler, WorkHandlers } from '../../platform/queue/work-handlers.js';
import { PollInbox } from '../../stores/polls/poll-inbox.js';
import { reportMetadata } from './report-metadata.js';
import { type ComputationListener, type ComputedRows, ReportRowsWriter } from './report-rows.writer.js';
import { Report } from '../requests/report.entity.js';
import { ReportPublisher } from '../files/report.publisher.js';

/** Progress is written at most this often: a row that is updated for every chunk would cost more than the chunk. */
const PROGRESS_MS = 300;

/**
 * Takes a report from its row to its files. Killed anywhere it can start again: as-of is frozen, the rows are one
 * transaction, a file appears by rename, and the last step completes the row under the claim's token.
 */
@Injectable()
export class ReportRunner implements WorkHandler, OnModuleInit {
  readonly queue = 'reports';
  private readonly logger = new Logger(ReportRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly handlers: WorkHandlers,
    private readonly inbox: PollInbox,
    private readonly rows: ReportRowsWriter,
    private readonly publisher: ReportPublisher,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  unfinished(): Promise<string[]> {
    return this.claims.unfinished('reports');
  }

  run(id: string): Promise<void> {
    return this.claims.work('reports', id, async (claim) => {
      // What was loaded before the report was asked for belongs into it.
      if (await this.claims.waitsFor('imports', claim)) throw new NotYet();
      // … and so does every live poll that was answered before.
      await this.inbox.fold(claim.signal);
      await this.make(claim);
    });
  }

  private async make(claim: Claim): Promise<void> {
    const report = await this.dataSource.getRepository(Report).findOneByOrFail({ id: claim.id });
    const begun = performance.now();
    const progress = new ProgressWriter(this.dataSource, claim);
    let computed: ComputedRows;
    try {
      computed = await this.rows.write(claim, report, progress);
    } finally {
      await progress.settled();
    }
    const computedAt = performance.now();
    await progress.publishing();
    const csv = await this.publisher.writeCsv(claim);
    const metadata = reportMetadata(report, computed, {
      waited: seconds(report.startedAt!.getTime() - report.createdAt.getTime()),
      computing: seconds(computedAt - begun),
      publishing: seconds(performance.now() - computedAt),
    });
    const json = await this.publisher.writeMetadata(claim, metadata);
    await this.publisher.complete(claim, { csv, json }, metadata);
    const took = seconds(performance.now() - begun);
    this.logger.log(`Report ${claim.id}: ${computed.stores.toLocaleString('en')} stores as of ${metadata.as_of}, ${took} s`);
  }
}

/** Keeps the row's progress up to date without ever holding up the work. */
class ProgressWriter implements ComputationListener {
  private writtenAt = 0;
  private pending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly claim: Claim,
  ) {}

  async asOfKnown(asOfUs: number, total: number): Promise<void> {
    await this.update(`as_of_us = $3, total = $4, done = 0, phase = 'computing'`, [asOfUs, total]);
  }

  computed(done: number): void {
    if (performance.now() - this.writtenAt < PROGRESS_MS) return;
    this.writtenAt = performance.now();
    // A progress that can't be written is no reason to stop: the transaction at the end tells whether all is well.
    this.pending = this.update('done = $3', [done]).catch(() => undefined);
  }

  async publishing(): Promise<void> {
    await this.update(`done = total, phase = 'publishing'`, []);
  }

  async settled(): Promise<void> {
    await this.pending;
  }

  private async update(assignments: string, values: readonly number[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE reports SET ${assignments} WHERE report_id = $1 AND claim_token = $2 AND status = 'running'`,
      [this.claim.id, this.claim.token, ...values],
    );
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
