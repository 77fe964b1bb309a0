import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Claim, CLAIMABLE, type Claimable, ClaimLost, Hopeless, NotYet } from './claim.js';
import { type Queryable, rowsOf } from './queryable.js';

const LEASE_SECONDS = 15;
/** Far more often than the lease needs: a run also learns by it that its row was cancelled. */
const RENEWAL_MS = 500;
/** Starts, not failures: a process that dies reports nothing, so they are counted before the work. */
export const MAX_ATTEMPTS = 3;
/** A row that somebody has to start. */
export const WAITS_SQL = `(status = 'pending' OR status = 'running' AND lease_until < clock_timestamp())`;
/** Why a row failed whose every run ended with its process. */
export const CRASHED = `It crashed ${MAX_ATTEMPTS} times: the process that worked on it died each time.`;

/**
 * Decides in PostgreSQL who works on what. A queue only hints: a hint may be lost, doubled or replayed, and none of
 * that may run a report twice or forget it. Leases are measured by the database's clock alone.
 */
@Injectable()
export class Claims implements OnModuleDestroy {
  private readonly logger = new Logger(Claims.name);
  private readonly running = new Set<AbortController>();
  private closing = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Stops every run of this process, so that it hands its row back before the database is closed. */
  onModuleDestroy(): void {
    this.closing = true;
    for (const run of this.running) run.abort(new Error('This process is shutting down.'));
  }

  /**
   * Does the work of one row, if it still waits for somebody, and settles what became of it. Never throws for the
   * work: what went wrong stands in the row, and in the log.
   *
   * @param work stops when the claim's signal says so, and calls `held` in the transaction that publishes.
   */
  async work(table: Claimable, id: string, work: (claim: Claim) => Promise<void>): Promise<void> {
    const claim = await this.claim(table, id);
    if (claim !== null) await this.workOn(claim, work);
  }

  /**
   * As `work`, for the first shard of a report's run that waits.
   *
   * @returns null when none waits; else what went wrong, null for nothing. It is settled already.
   */
  async workOnNextShard(
    run: string,
    work: (claim: Claim) => Promise<void>,
  ): Promise<{ error: unknown } | null> {
    const claim = await this.claimNextShard(run);
    return claim && { error: await this.workOn(claim, work) };
  }

  private async workOn(claim: Claim, work: (claim: Claim) => Promise<void>): Promise<unknown> {
    try {
      await work(claim);
      return null;
    } catch (error) {
      claim.release();
      await this.settle(claim, error);
      return error;
    } finally {
      claim.release();
    }
  }

  /**
   * Takes a row that waits, or whose last run has let its lease end.
   *
   * @returns null when there is nothing to take: done, being worked on, or (after three starts that ended in
   *   nothing) set to `failed` just now; also while this process shuts down.
   */
  async claim(table: Claimable, id: string): Promise<Claim | null> {
    if (this.closing) return null;
    await this.failExhausted(table, id);
    return this.take(table, '$3', [id]);
  }

  /** Those that others are just taking are passed over, not waited for. */
  private async claimNextShard(run: string): Promise<Claim | null> {
    if (this.closing) return null;
    return this.take(
      'report_shards',
      `(SELECT shard_id FROM report_shards WHERE run = $3 AND attempts < $4 AND ${WAITS_SQL}
         ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [run, MAX_ATTEMPTS],
    );
  }

  /** @param which an SQL expression of the row's key; its parameters begin with `$3`. */
  private async take(table: Claimable, which: string, parameters: unknown[]): Promise<Claim | null> {
    const { key, whileSql } = CLAIMABLE[table];
    const token = randomUUID();
    const [rows] = await this.dataSource.query(
      `UPDATE ${table}
          SET status = 'running', attempts = attempts + 1, claim_token = $1,
              started_at = coalesce(started_at, clock_timestamp()),
              lease_until = clock_timestamp() + make_interval(secs => $2)
        WHERE ${key} = ${which} AND ${WAITS_SQL} AND ${whileSql}
        RETURNING ${key} AS id, attempts`,
      [token, LEASE_SECONDS, ...parameters],
    );
    const row = rows[0] as { id: string; attempts: number } | undefined;
    return row === undefined ? null : this.hold(table, row.id, token, row.attempts);
  }

  /** Rows that somebody has to start: waiting, or left by a run that died. Oldest first. */
  async unfinished(table: Claimable): Promise<string[]> {
    const { key, order, whileSql } = CLAIMABLE[table];
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT ${key} AS id FROM ${table} WHERE ${WAITS_SQL} AND ${whileSql} ORDER BY ${order}`,
    );
    return rows.map((row) => row.id);
  }

  /** Locks the claimed row for the rest of the transaction. @throws ClaimLost when it is no longer ours. */
  async held(connection: Queryable, claim: Claim): Promise<void> {
    const { key } = CLAIMABLE[claim.table];
    const rows = await rowsOf(
      connection,
      `SELECT 1 FROM ${claim.table} WHERE ${key} = $1 AND claim_token = $2 AND status = 'running' FOR UPDATE`,
      [claim.id, claim.token],
    );
    if (rows.length === 0) throw new ClaimLost(claim);
  }

  /** Whether rows of a table, accepted before the claimed one, have not ended yet. */
  async waitsFor(table: Claimable, claim: Claim): Promise<boolean> {
    return (await this.waitingFor(table, claim.table, [claim.id])).size > 0;
  }

  /** Which of some rows wait for rows of a table that were accepted before them. */
  async waitingFor(table: Claimable, own: Claimable, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT own.${CLAIMABLE[own].key} AS id FROM ${own} AS own
        WHERE own.${CLAIMABLE[own].key} = ANY ($1) AND ${waitsSql(table, own)}`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async settle(claim: Claim, error: unknown): Promise<void> {
    if (error instanceof ClaimLost) {
      this.logger.warn(error.message);
      // Where it was not taken over but lost its worth, nobody crashed, and the start must not count as such.
      await this.postpone(claim);
    } else if (error instanceof NotYet || claim.signal.aborted) {
      await this.postpone(claim);
    } else if (error instanceof Hopeless) {
      await this.fail(claim, error.message, true);
    } else {
      const trace = error instanceof Error ? error.stack : String(error);
      this.logger.error(`The work on ${claim.table} ${claim.id}, attempt ${claim.attempt}, broke off`, trace);
      await this.fail(claim, `The work broke off: ${String(error)}`, false);
    }
  }

  /** Gives the row back, without counting the start. */
  private async postpone(claim: Claim): Promise<void> {
    const { key } = CLAIMABLE[claim.table];
    claim.release();
    await this.dataSource.query(
      `UPDATE ${claim.table} SET status = 'pending', attempts = attempts - 1, claim_token = NULL, lease_until = NULL
        WHERE ${key} = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token],
    );
  }

  /** Ends a run that failed: for good when it was the last attempt or `final`, else it waits for the next. */
  private async fail(claim: Claim, reason: string, final: boolean): Promise<void> {
    const { key } = CLAIMABLE[claim.table];
    const over = final || claim.attempt >= MAX_ATTEMPTS;
    await this.dataSource.query(
      `UPDATE ${claim.table}
          SET status = $3, error = $4, claim_token = NULL, lease_until = NULL,
              completed_at = CASE WHEN $5 THEN clock_timestamp() END
        WHERE ${key} = $1 AND claim_token = $2 AND status = 'running'`,
      [claim.id, claim.token, over ? 'failed' : 'pending', reason, over],
    );
  }

  private async failExhausted(table: Claimable, id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${table}
          SET status = 'failed', completed_at = clock_timestamp(), claim_token = NULL, lease_until = NULL,
              error = coalesce(error, $3)
        WHERE ${CLAIMABLE[table].key} = $1 AND attempts >= $2 AND ${WAITS_SQL}`,
      [id, MAX_ATTEMPTS, CRASHED],
    );
  }

  private hold(table: Claimable, id: string, token: string, attempt: number): Claim {
    const { key, whileSql } = CLAIMABLE[table];
    const run = new AbortController();
    this.running.add(run);
    const timer = setInterval(() => void renew(), RENEWAL_MS);
    timer.unref();
    const release = (): void => {
      clearInterval(timer);
      this.running.delete(run);
    };
    run.signal.addEventListener('abort', release, { once: true });
    const claim: Claim = { table, id, token, attempt, signal: run.signal, release };
    const renew = async (): Promise<void> => {
      try {
        const [rows] = await this.dataSource.query(
          `UPDATE ${table} SET lease_until = clock_timestamp() + make_interval(secs => $3)
            WHERE ${key} = $1 AND claim_token = $2 AND status = 'running' AND ${whileSql} RETURNING 1`,
          [id, token, LEASE_SECONDS],
        );
        if (rows.length === 0) {
          claim.release();
          run.abort(new ClaimLost(claim));
        }
      } catch (error) {
        // The database is away for a moment: the next renewal may still be in time, and if not, `held` tells.
        this.logger.warn(`The lease of ${table} ${id} could not be renewed: ${String(error)}`);
      }
    };
    return claim;
  }
}

/** Whether rows of a table, accepted before the row `own` of another one, have not ended yet. */
function waitsSql(table: Claimable, ownTable: Claimable): string {
  const before = CLAIMABLE[table];
  const own = CLAIMABLE[ownTable];
  return `EXISTS (SELECT FROM ${table} AS before
                   WHERE before.status IN ('pending', 'running')
                     AND (before.${before.order}, before.${before.key}) < (own.${own.order}, own.${own.key}))`;
}
