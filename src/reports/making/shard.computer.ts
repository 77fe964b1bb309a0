import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { assess } from '../../availability/index.js';
import { type Claim, ClaimLost } from '../../platform/database/claim.js';
import { inClaimedTransaction } from '../../platform/database/claim-transaction.js';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { StoreFactsReader } from '../../stores/store-facts.reader.js';
import type { Report } from '../requests/report.entity.js';
import { REPORT_ROW_COLUMNS, writeReportRow } from './report-row.js';
import { type ReportRun, ReportShards } from './report-shards.js';
import { parseSnapshot, wasKept } from './report-snapshot.js';
import { addStore, noSums } from './report-sums.js';
import { ShardEvidence } from './shard-evidence.js';

/** Progress is written at most this often: a row that is updated for every page would cost more than the page. */
const PROGRESS_MS = 300;
/** Rows that a crash of the server takes are computed again: it takes their mark too, and the snapshot with both. */
const BEGIN_ROWS = 'BEGIN; SET LOCAL synchronous_commit = off';

/** Computes the rows of one shard and keeps them together with its mark, all or none. */
@Injectable()
export class ShardComputer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: StoreFactsReader,
    private readonly shards: ReportShards,
    private readonly evidence: ShardEvidence,
  ) {}

  /**
   * @param reader in a transaction that sees the run's snapshot; it is only read.
   * @param claim of the shard.
   * @throws ClaimLost when the shard or its report is another run's by now; nothing is kept then.
   */
  async compute(reader: pg.PoolClient, claim: Claim, run: ReportRun, report: Report): Promise<void> {
    const { asOfUs, plan } = run;
    const { policy, includeUnpolled, defaultZone } = report;
    const chunk = await this.shards.chunkOf(claim);
    const sums = noSums();
    const progress = new ShardProgress(this.shards, claim);
    try {
      await inClaimedTransaction(
        this.dataSource,
        claim.signal,
        async (target) => {
          await copyIn(target, 'report_rows', REPORT_ROW_COLUMNS, async (rows) => {
            const scope = { asOfUs, includeUnpolled, defaultZone, storeIds: null };
            for await (const stores of this.facts.read(reader, chunk, scope)) {
              claim.signal.throwIfAborted();
              for (const store of stores) {
                const availability = assess(store.facts, asOfUs, policy, plan.collectorOutages);
                writeReportRow(rows, report.id, store, availability);
                addStore(sums, store, availability);
              }
              await rows.drained();
              progress.tell(sums.stores);
            }
          });
          await this.evidence.keep(reader, target, { report, asOfUs, chunk, signal: claim.signal });
          if (!(await wasKept(parseSnapshot(run.snapshot), target))) throw new ClaimLost(claim);
          await this.shards.complete(target, claim, run, sums);
        },
        BEGIN_ROWS,
      );
    } finally {
      await progress.settled();
    }
  }
}

/** Keeps the shard's row up to date without ever holding up the work. */
class ShardProgress {
  private writtenAt = performance.now();
  private pending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly shards: ReportShards,
    private readonly claim: Claim,
  ) {}

  tell(done: number): void {
    if (performance.now() - this.writtenAt < PROGRESS_MS) return;
    this.writtenAt = performance.now();
    // A progress that can't be written is no reason to stop: the transaction at the end tells whether all is well.
    this.pending = this.shards.progress(this.claim, done).catch(() => undefined);
  }

  async settled(): Promise<void> {
    await this.pending;
  }
}
