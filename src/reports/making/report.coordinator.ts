import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { type Claim, Hopeless } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { CollectorOutagesReader } from '../../stores/quality/collector-outages.reader.js';
import { type ChunkSize, StoreFactsReader, STORES_PER_CHUNK } from '../../stores/store-facts.reader.js';
import { ReportReuse } from '../reuse/report-reuse.service.js';
import type { Report } from '../requests/report.entity.js';
import { NothingToReport } from './nothing-to-report.js';
import { ReportProgress } from './report-progress.js';
import { type ReportRun, ReportShards } from './report-shards.js';
import { exportSnapshot, inNewSnapshot, type SnapshotTransaction } from './report-snapshot.js';
import { ShardComputer } from './shard.computer.js';

/** How long days whose polls have changed may be counted beforehand; what is left is counted within the snapshot. */
const RECOUNT_MS = 2_000;
const WEEK_US = 7 * 86_400_000_000;
/** A calendar week in which the clocks fall back begins so much earlier, and two hours are more than any do. */
const LONGEST_WEEK_US = WEEK_US + 2 * 3_600_000_000;
/** Few enough that a transaction for each costs nothing beside its work, many enough that two workers end together. */
const SHARD_SIZE: ChunkSize = { pieces: 8, least: 1_024, most: STORES_PER_CHUNK };
/** A worker that has come goes on with the next shard by itself, so more hints than workers would tell nobody. */
const MOST_HINTS = 64;
/** How soon it is seen that others have finished; a long wait is looked at less often. */
const LOOK_MS = 5;
const LONGEST_LOOK_MS = 100;

/** Computes the rows of a claimed report from one snapshot of the facts, in shards, together with whoever helps. */
@Injectable()
export class ReportCoordinator {
  private readonly at = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: StoreFactsReader,
    private readonly collector: CollectorOutagesReader,
    private readonly claims: Claims,
    private readonly clock: Clock,
    private readonly queue: WorkQueue,
    private readonly reuse: ReportReuse,
    private readonly shards: ReportShards,
    private readonly computer: ShardComputer,
  ) {}

  /** Whether this process computes the shards of a report that it has planned. */
  isAt(reportId: string): boolean {
    return this.at.has(reportId);
  }

  /**
   * @returns false when the report is completed already, from an earlier one.
   * @throws NothingToReport when there is no store to report on.
   * @throws Hopeless when a shard has failed for good.
   * @throws ClaimLost when another process has taken the report over, or it was cancelled.
   */
  async compute(claim: Claim, report: Report): Promise<boolean> {
    await this.collector.refresh(RECOUNT_MS);
    this.at.add(claim.id);
    try {
      return await inNewSnapshot(this.dataSource, claim.signal, async (snapshot) => {
        const run = await this.plan(snapshot, claim, report);
        if (run !== null) await this.computeShards(snapshot, claim, report, run);
        return run !== null;
      });
    } finally {
      this.at.delete(claim.id);
    }
  }

  /** @returns null when an earlier report has answered it. */
  private async plan(snapshot: SnapshotTransaction, claim: Claim, report: Report): Promise<ReportRun | null> {
    const { client } = snapshot;
    const asOfUs = await this.asOf(snapshot, report);
    const outages = once(() => this.collector.knownAt(client, weekStart(report, asOfUs), asOfUs));
    if (await this.reuse.answer(client, claim, report, { asOfUs, outages })) return null;
    const scope = { ...report, asOfUs };
    const chunks = await this.facts.chunks(client, scope, SHARD_SIZE);
    if (chunks.length === 0) throw NothingToReport.noStores(asOfUs, report.storeIds);
    const run: ReportRun = {
      reportId: claim.id,
      run: claim.token,
      asOfUs,
      snapshot: await exportSnapshot(snapshot),
      plan: {
        collectorOutages: await outages(),
        unpolledStores: await this.facts.countUnpolled(client, asOfUs),
      },
    };
    const ids = await this.shards.plan(claim, run, chunks);
    this.hint(ids.slice(1, 1 + MOST_HINTS));
    return run;
  }

  private async asOf({ client }: SnapshotTransaction, report: Report): Promise<number> {
    const fixed = report.asOfUs ?? report.requestedAsOfUs;
    if (fixed !== null) return Number(fixed);
    const newest = await this.facts.newestPollUs(client, this.clock.nowUs());
    if (newest === null) throw NothingToReport.noPolls();
    return newest;
  }

  /** Calls others to help. Without a queue there is nobody, and this process would only call itself. */
  private hint(shardIds: readonly string[]): void {
    if (this.queue.mode() === 'inline') return;
    for (const id of shardIds) void this.queue.enqueue('shards', id);
  }

  private async computeShards(
    { client }: SnapshotTransaction,
    claim: Claim,
    report: Report,
    run: ReportRun,
  ): Promise<void> {
    const progress = new ReportProgress(this.dataSource, claim);
    try {
      let pauseMs = LOOK_MS;
      for (;;) {
        claim.signal.throwIfAborted();
        const ended = await this.claims.workOnNextShard(run.run, (shard) =>
          this.computer.compute(client, shard, run, report),
        );
        // What broke off may have ended the snapshot, on which nothing more can be computed then.
        if (ended !== null && ended.error !== null) throw ended.error;
        if (ended !== null) continue;
        const { left, waiting, failure } = await this.shards.stateOf(run.run);
        if (failure !== null) throw new Hopeless(`A part of the report could not be computed. ${failure}`);
        if (left === 0) return;
        if (waiting === 0) await delay(pauseMs, undefined, { signal: claim.signal });
        pauseMs = Math.min(LONGEST_LOOK_MS, pauseMs * 1.2);
      }
    } finally {
      await progress.stop();
    }
  }
}

function weekStart({ windows }: Report, asOfUs: number): number {
  return asOfUs - (windows === 'calendar' ? LONGEST_WEEK_US : WEEK_US);
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  return () => (found ??= find());
}
