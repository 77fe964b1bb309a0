import { Injectable, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Claims } from '../../platform/database/claims.js';
import { whileClaimed } from '../../platform/database/claim-transaction.js';
import { inTransaction } from '../../platform/database/connection.js';
import { type WorkHandler, WorkHandlers } from '../../platform/queue/work-handlers.js';
import { Report } from '../requests/report.entity.js';
import { ReportCoordinator } from './report.coordinator.js';
import { type ReportRun, ReportShards } from './report-shards.js';
import { beginIn, isSnapshotGone, parseSnapshot } from './report-snapshot.js';
import { ShardComputer } from './shard.computer.js';

/** Helps with a report that another process has planned: joins its snapshot and computes shards until none waits. */
@Injectable()
export class ShardRunner implements WorkHandler, OnModuleInit {
  readonly queue = 'shards';

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly handlers: WorkHandlers,
    private readonly shards: ReportShards,
    private readonly computer: ShardComputer,
    private readonly coordinator: ReportCoordinator,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  unfinished(): Promise<string[]> {
    return this.claims.unfinished('report_shards');
  }

  async run(id: string): Promise<void> {
    const run = await this.shards.runOf(id);
    // Where this process has planned it, it works on its shards already.
    if (run === null || this.coordinator.isAt(run.reportId)) return;
    const report = await this.dataSource.getRepository(Report).findOneBy({ id: run.reportId });
    if (report === null) return;
    try {
      await inTransaction(
        this.dataSource,
        (reader) => this.help(reader, run, report),
        beginIn(parseSnapshot(run.snapshot)),
      );
    } catch (error) {
      // Of a snapshot that is gone: whoever takes the report next computes from one of its own.
      if (!(error instanceof BrokenOff) && !isSnapshotGone(error)) throw error;
    }
  }

  private async help(reader: pg.PoolClient, run: ReportRun, report: Report): Promise<void> {
    for (;;) {
      const ended = await this.claims.workOnNextShard(run.run, (claim) =>
        whileClaimed(this.dataSource, claim.signal, reader, () =>
          this.computer.compute(reader, claim, run, report),
        ),
      );
      if (ended === null) return;
      if (ended.error !== null) throw new BrokenOff();
    }
  }
}

/** Ends the help, and with it a connection that may stand in the middle of something. Why, stands in the shard's row. */
class BrokenOff extends Error {}
