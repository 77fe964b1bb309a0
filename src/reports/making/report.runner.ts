import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Claim, ClaimLost, NotYet } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { type WorkHandler, WorkHandlers } from '../../platform/queue/work-handlers.js';
import { PollInbox } from '../../stores/polls/poll-inbox.js';
import { ReportPublisher } from '../files/report.publisher.js';
import { Report } from '../requests/report.entity.js';
import { reportMetadata } from './report-metadata.js';
import { ReportCoordinator } from './report.coordinator.js';
import { ReportLeftovers } from './report-leftovers.js';
import { ReportShards } from './report-shards.js';
import { sumOf } from './report-sums.js';

/**
 * Takes a report from its row to its files. Killed anywhere it can start again: as-of is frozen, a shard's rows and its
 * mark are one transaction, a file appears by rename, and the last step completes the row under the claim's token.
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
    private readonly coordinator: ReportCoordinator,
    private readonly shards: ReportShards,
    private readonly publisher: ReportPublisher,
    private readonly leftovers: ReportLeftovers,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  unfinished(): Promise<string[]> {
    return this.claims.unfinished('reports');
  }

  run(id: string): Promise<void> {
    return this.claims.work('reports', id, async (claim) => {
      // Computed by a run that died before it could publish: the rows are those of one snapshot.
      if ((await this.shards.areComplete(id)) || (await this.compute(claim)))
        await this.publishOrLeaveNothing(claim);
    });
  }

  private async publishOrLeaveNothing(claim: Claim): Promise<void> {
    try {
      await this.publish(claim);
    } catch (error) {
      // A cancellation has removed what was there; what was written since is removed here.
      if (error instanceof ClaimLost) await this.leftovers.remove(claim.id);
      throw error;
    }
    await this.leftovers.remove(claim.id);
  }

  /** @returns false when it was completed without computing. */
  private async compute(claim: Claim): Promise<boolean> {
    // What was loaded before the report was asked for belongs into it.
    if (await this.claims.waitsFor('imports', claim)) throw new NotYet();
    // … and so does every live poll that was answered before.
    await this.inbox.fold(claim.signal);
    return this.coordinator.compute(claim, await this.reportOf(claim));
  }

  private async publish(claim: Claim): Promise<void> {
    const begun = performance.now();
    const report = await this.enterPublishing(claim);
    const { plan, sums, seconds: computing } = await this.shards.resultsOf(claim.id);
    const csv = await this.publisher.writeCsv(claim);
    const metadata = reportMetadata(report, plan, sumOf(sums), {
      waited: seconds(report.startedAt!.getTime() - report.createdAt.getTime()),
      computing: seconds(computing * 1000),
      publishing: seconds(performance.now() - begun),
    });
    const json = await this.publisher.writeMetadata(claim, metadata);
    await this.publisher.complete(claim, { csv, json }, metadata);
    const took = seconds(Date.now() - report.startedAt!.getTime());
    this.logger.log(
      `Report ${claim.id}: ${report.total!.toLocaleString('en')} stores as of ${metadata.as_of}, ${took} s`,
    );
  }

  /** Nothing is published unless there is a row for every store. */
  private async enterPublishing(claim: Claim): Promise<Report> {
    const [, entered] = await this.dataSource.query(
      `UPDATE reports SET done = total, phase = 'publishing'
        WHERE report_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token],
    );
    if (entered !== 1) throw new ClaimLost(claim);
    const report = await this.reportOf(claim);
    const [{ rows }] = await this.dataSource.query(
      'SELECT count(*)::int AS rows FROM report_rows WHERE report_id = $1',
      [claim.id],
    );
    if (rows === report.total) return report;
    // Kept, they would be taken for computed by the next run too.
    await this.shards.remove(claim.id);
    throw new Error(`There are ${rows} rows for ${report.total} stores, so nothing was published.`);
  }

  private reportOf(claim: Claim): Promise<Report> {
    return this.dataSource.getRepository(Report).findOneByOrFail({ id: claim.id });
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
