import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { type Claim, ClaimLost } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inTransaction } from '../../platform/database/connection.js';
import { formatInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { countsOf } from '../applying/apply.view.js';
import type { ApplyOptions } from '../applying/apply-options.js';
import type { Applied } from '../applying/apply-run.js';
import { BlueprintApplier } from '../applying/blueprint.applier.js';
import { type KeptVersion, readVersions } from '../blueprint-versions.reader.js';
import type { TargetStore } from '../mapping/target-stores.reader.js';

/** Stores of one transaction: few enough that nobody waits long for one of them. */
const STORES_AT_ONCE = 50;
const EVERY_MS = 2_000;
const MOST_CONFLICTS_KEPT = 20;

/** A rollout on its way. */
interface Rollout extends ApplyOptions {
  readonly version: KeptVersion;
}

/**
 * Takes blueprints to the stores of a rollout. What became of a store is written with its revision: killed anywhere,
 * another process goes on where it was, and no store is done twice.
 */
@Injectable()
export class RolloutRunner implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(RolloutRunner.name);
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly chores: Chores,
    private readonly applier: BlueprintApplier,
  ) {}

  onModuleInit(): void {
    this.chores.register({ name: 'Taking up rollouts', everyMs: EVERY_MS, run: () => this.resume() });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.running.values());
  }

  /** Begins soon, in this process. */
  offer(id: string): void {
    if (this.running.has(id)) return;
    const run = this.claims
      .work('blueprint_rollouts', id, (claim) => this.work(claim))
      .catch((error: unknown) => this.logger.warn(`Rollout ${id} is put off: ${String(error)}`))
      .finally(() => this.running.delete(id));
    this.running.set(id, run);
  }

  /** Goes on with those that nobody works on. */
  private async resume(): Promise<void> {
    for (const id of await this.claims.unfinished('blueprint_rollouts')) this.offer(id);
  }

  private async work(claim: Claim): Promise<void> {
    const rollout = await this.read(claim.id);
    let alone = 0;
    for (;;) {
      claim.signal.throwIfAborted();
      const size = alone > 0 ? 1 : STORES_AT_ONCE;
      alone -= 1;
      try {
        if ((await this.applyNext(claim, rollout, size)) === 0) break;
      } catch (error) {
        if (claim.signal.aborted || error instanceof ClaimLost) throw error;
        // One store that the database refuses must not take those beside it along.
        if (size === 1) await this.failNext(claim.id, error);
        else alone = STORES_AT_ONCE;
      }
    }
    const [, completed] = await this.dataSource.query(
      `UPDATE blueprint_rollouts
          SET status = 'completed', error = NULL, completed_at = clock_timestamp(), claim_token = NULL, lease_until = NULL
        WHERE rollout_id = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token],
    );
    if (completed !== 1) throw new ClaimLost(claim);
  }

  /** @returns how many stores were done. */
  private applyNext(claim: Claim, rollout: Rollout, most: number): Promise<number> {
    return inTransaction(this.dataSource, async (client) => {
      const { rows } = await client.query<TargetStore & { position: number }>(
        `SELECT position, store_key AS key, store_id AS id FROM blueprint_rollout_stores
          WHERE rollout_id = $1 AND status = 'pending' ORDER BY position LIMIT $2 FOR UPDATE`,
        [claim.id, most],
      );
      if (rows.length === 0) return 0;
      const stores = rows.map(({ key, id }): TargetStore => ({ key, id }));
      const done = await this.applier.apply(client, rollout.version, stores, rollout);
      await keepResults(
        client,
        claim.id,
        rows.map(({ position }, place) => ({ position, ...resultOf(done[place]!) })),
      );
      return rows.length;
    });
  }

  private async failNext(id: string, error: unknown): Promise<void> {
    this.logger.error(
      `A store of rollout ${id} was left as it was`,
      error instanceof Error ? error.stack : String(error),
    );
    const detail = 'It failed for a reason that lies here, not with the store. The log tells it.';
    await this.dataSource.query(
      `UPDATE blueprint_rollout_stores SET status = 'failed', result = $2
        WHERE rollout_id = $1 AND position = (SELECT min(position) FROM blueprint_rollout_stores
                                               WHERE rollout_id = $1 AND status = 'pending')
          AND status = 'pending'`,
      [id, JSON.stringify({ status: 500, code: 'internal', detail })],
    );
  }

  private async read(id: string): Promise<Rollout> {
    const [row] = await this.dataSource.query(
      `SELECT blueprint_id AS id, version, mode, on_conflict AS "onConflict", dry_run AS "dryRun",
              effective_from_us::float8 AS "effectiveFromUs",
              (extract(epoch FROM created_at) * 1000000)::float8 AS "askedUs"
         FROM blueprint_rollouts WHERE rollout_id = $1`,
      [id],
    );
    const { id: blueprint, version, ...options } = row as ApplyOptions & { id: string; version: number };
    const [kept] = await readVersions(this.dataSource, [{ id: blueprint, version }]);
    return { ...options, version: kept! };
  }
}

/** For the row of a store. */
export function problemResult({ status, code, detail, more }: Problem): object {
  const conflicts = more['conflicts'] as unknown[] | undefined;
  return { status, code, detail, ...(conflicts && { conflicts: conflicts.slice(0, MOST_CONFLICTS_KEPT) }) };
}

function resultOf(done: Applied | Problem): { status: string; result: object } {
  if (done instanceof Problem) return { status: 'failed', result: problemResult(done) };
  const { added, updated, removed, kept } = done.summary;
  return {
    status: done.changed ? 'applied' : 'unchanged',
    result: {
      revision: done.revision,
      effective_from: formatInstantUs(done.effectiveFromUs),
      added: countsOf(added),
      updated: countsOf(updated),
      removed: countsOf(removed),
      kept: countsOf(kept),
      conflicts: done.clashes.length,
    },
  };
}

async function keepResults(client: pg.PoolClient, id: string, results: readonly object[]): Promise<void> {
  await client.query(
    `UPDATE blueprint_rollout_stores AS s SET status = r.status, result = r.result
       FROM jsonb_to_recordset($2::jsonb) AS r (position int, status text, result jsonb)
      WHERE s.rollout_id = $1 AND s.position = r.position`,
    [id, JSON.stringify(results)],
  );
}
