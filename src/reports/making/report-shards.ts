import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type Claim, ClaimLost } from '../../platform/database/claim.js';
import { Claims, CRASHED, MAX_ATTEMPTS, WAITS_SQL } from '../../platform/database/claims.js';
import { inTransaction } from '../../platform/database/connection.js';
import type { CollectorOutage } from '../../stores/quality/collector-outages.js';
import type { StoreChunk } from '../../stores/store-facts.reader.js';
import type { ReportSums } from './report-sums.js';

/** What all shards of a report share, and what its metadata tell beside their sums. */
export interface ReportPlan {
  /** Those that reach into the report's week. */
  collectorOutages: readonly CollectorOutage[];
  /** Known, but without a poll at or before as-of. They have no row unless the caller asked for them. */
  unpolledStores: number;
}

/** A run of a report that is being computed. */
export interface ReportRun {
  reportId: string;
  /** Token of the report's claim. */
  run: string;
  asOfUs: number;
  /** As `exportSnapshot` gave it. */
  snapshot: string;
  plan: ReportPlan;
}

/** How far the shards of a run are. */
export interface ShardsState {
  /** Not completed, by whomever they are worked on. */
  left: number;
  /** Of these, those that somebody has to start. */
  waiting: number;
  /** Why the report can't be computed; null: nothing stands against it. */
  failure: string | null;
}

/** The rows of `report_shards`: a report's shards are all of one run. Whoever locks a report as well locks it first. */
@Injectable()
export class ReportShards {
  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
  ) {}

  /**
   * Puts the shards of this run in the place of those of an earlier one, whose rows are removed. What a worker of that
   * one commits late is removed too, or refused: it locks the report under the earlier run's token.
   *
   * @returns the ids of the shards, in order.
   * @throws ClaimLost
   */
  plan(claim: Claim, run: ReportRun, chunks: readonly StoreChunk[]): Promise<string[]> {
    return inTransaction(this.dataSource, async (client) => {
      await this.claims.held(client, claim);
      const crashed = await this.removeEarlier(client, claim.id);
      const shards = chunks.map(({ fromKey, toKey, keys, stores }, position) => ({
        shard_id: uuidv7(),
        position,
        from_key: fromKey,
        to_key: toKey,
        keys,
        stores,
        attempts: crashed
          .filter((one) => one.fromKey <= toKey && one.toKey >= fromKey)
          .reduce((most, one) => Math.max(most, one.attempts), 0),
      }));
      await client.query(
        `INSERT INTO report_shards (shard_id, report_id, run, position, from_key, to_key, keys, stores, attempts)
         SELECT shard_id, $1, $2, position, from_key, to_key, keys, stores, attempts
           FROM jsonb_to_recordset($3) AS s (shard_id uuid, position int, from_key int, to_key int, keys int[],
                                             stores int, attempts int)`,
        [claim.id, claim.token, JSON.stringify(shards)],
      );
      await client.query(
        `UPDATE reports SET snapshot = $2, plan = $3, as_of_us = $4, total = $5, done = 0, phase = 'computing'
          WHERE report_id = $1`,
        [
          claim.id,
          run.snapshot,
          JSON.stringify(run.plan),
          run.asOfUs,
          chunks.reduce((sum, chunk) => sum + chunk.stores, 0),
        ],
      );
      return shards.map((shard) => shard.shard_id);
    });
  }

  /** The run under which a shard can be computed; null when its report has ended or is computed by another run. */
  async runOf(shardId: string): Promise<ReportRun | null> {
    const [row] = await this.dataSource.query(
      `SELECT r.report_id, s.run, r.as_of_us, r.snapshot, r.plan
         FROM report_shards AS s
         JOIN reports AS r ON r.report_id = s.report_id AND r.claim_token = s.run AND r.status = 'running'
        WHERE s.shard_id = $1 AND s.status <> 'completed'`,
      [shardId],
    );
    if (row === undefined) return null;
    const { report_id, run, as_of_us, snapshot, plan } = row;
    return { reportId: report_id, run, asOfUs: Number(as_of_us), snapshot, plan };
  }

  async chunkOf(claim: Claim): Promise<StoreChunk> {
    const [row] = await this.dataSource.query(
      'SELECT from_key, to_key, keys, stores FROM report_shards WHERE shard_id = $1',
      [claim.id],
    );
    if (row === undefined) throw new ClaimLost(claim);
    return { fromKey: row.from_key, toKey: row.to_key, keys: row.keys, stores: row.stores };
  }

  /** Tells how many stores are done of a shard that is being computed. */
  async progress(claim: Claim, done: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE report_shards SET done = $3 WHERE shard_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token, done],
    );
  }

  /**
   * Marks a shard as done in the transaction that holds its rows.
   *
   * @throws ClaimLost when the shard, or its report, is another run's by now.
   */
  async complete(
    client: pg.PoolClient,
    claim: Claim,
    { reportId, run }: ReportRun,
    sums: ReportSums,
  ): Promise<void> {
    const { rowCount: isHeld } = await client.query(
      `SELECT 1 FROM reports WHERE report_id = $1 AND claim_token = $2 AND status = 'running' FOR SHARE`,
      [reportId, run],
    );
    const { rowCount: isMarked } = await client.query(
      `UPDATE report_shards
          SET status = 'completed', done = stores, result = $3, error = NULL, completed_at = clock_timestamp(),
              claim_token = NULL, lease_until = NULL
        WHERE shard_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token, JSON.stringify(sums)],
    );
    if (isHeld !== 1 || isMarked !== 1) throw new ClaimLost(claim);
  }

  async stateOf(run: string): Promise<ShardsState> {
    const [row] = await this.dataSource.query(
      `SELECT count(*) FILTER (WHERE status <> 'completed')::int AS left,
              count(*) FILTER (WHERE ${WAITS_SQL})::int AS waiting,
              min(coalesce(error, $3)) FILTER (WHERE status = 'failed' OR attempts >= $2 AND ${WAITS_SQL}) AS failure
         FROM report_shards WHERE run = $1`,
      [run, MAX_ATTEMPTS, CRASHED],
    );
    return row as ShardsState;
  }

  /** Whether the rows of every store are there, so that only its files are missing. */
  async areComplete(reportId: string): Promise<boolean> {
    const [row] = await this.dataSource.query(
      `SELECT coalesce(bool_and(status = 'completed'), false) AS complete FROM report_shards WHERE report_id = $1`,
      [reportId],
    );
    return (row as { complete: boolean }).complete;
  }

  /** The sums of each shard of a computed report, and how long they took together, in seconds. */
  async resultsOf(reportId: string): Promise<{ plan: ReportPlan; sums: ReportSums[]; seconds: number }> {
    const [row] = await this.dataSource.query(
      `SELECT r.plan, jsonb_agg(s.result ORDER BY s.position) AS sums,
              extract(epoch FROM max(s.completed_at) - min(s.started_at))::float8 AS seconds
         FROM reports AS r JOIN report_shards AS s USING (report_id)
        WHERE r.report_id = $1 GROUP BY r.report_id`,
      [reportId],
    );
    return row as { plan: ReportPlan; sums: ReportSums[]; seconds: number };
  }

  async remove(reportId: string): Promise<void> {
    await this.dataSource.query('DELETE FROM report_shards WHERE report_id = $1', [reportId]);
  }

  /** @returns the shards whose process died in the middle: how often they were started stays with their stores. */
  private async removeEarlier(
    client: pg.PoolClient,
    reportId: string,
  ): Promise<{ fromKey: number; toKey: number; attempts: number }[]> {
    const { rows } = await client.query<{
      from_key: number;
      to_key: number;
      attempts: number;
      status: string;
    }>('DELETE FROM report_shards WHERE report_id = $1 RETURNING from_key, to_key, attempts, status', [
      reportId,
    ]);
    await client.query('DELETE FROM report_rows WHERE report_id = $1', [reportId]);
    await client.query('DELETE FROM report_evidence WHERE report_id = $1', [reportId]);
    return rows
      .filter(({ status }) => status === 'running')
      .map(({ from_key, to_key, attempts }) => ({ fromKey: from_key, toKey: to_key, attempts }));
  }
}
