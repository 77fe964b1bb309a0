import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { int8Array, textArray } from '../../platform/database/binary-parameters.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { lockFacts, tryLockFacts } from '../fact-lock.js';
import { foldPiece } from './poll-fold.js';

/** Polls as they are answered: `polls[n]` is a poll code of the store `storeIds[n]`, in the order of their arrival. */
export interface AnsweredPolls {
  storeIds: readonly string[];
  polls: readonly number[];
}

interface Waiting extends AnsweredPolls {
  kept(): void;
  failed(error: unknown): void;
}

const FOLD_EVERY_MS = 1_000;
/** A fold rests three times as long as it took: one of many polls costs little more than one of few. */
const REST = 3;
const LONGEST_REST_S = 5;
/** Polls of one INSERT: requests that arrive while one is under way share the next. */
const POLLS_A_BATCH = 20_000;
/** So long a fold waits for a load before it looks whether it is still wanted. */
const LOCK_PATIENCE = '1s';
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Where live polls wait. To append is one small INSERT that waits for nobody; a fold moves what is there into the
 * store-days. Whoever needs every poll that was answered folds first: reports, and merges of files.
 */
@Injectable()
export class PollInbox implements OnModuleInit {
  private readonly logger = new Logger(PollInbox.name);
  private readonly queue: Waiting[] = [];
  private queued = 0;
  private flushing = false;
  /** Polls in the inbox when it was last looked at, and those that were added here since. */
  private held = 0;
  private restS = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({ name: 'Folding live polls', everyMs: FOLD_EVERY_MS, run: () => this.tend() });
  }

  /** About how many polls wait, in the inbox and before it, without asking the database. */
  get size(): number {
    return this.held + this.queued;
  }

  /** Keeps polls. When it returns they are committed, and in everything that is computed after a `fold`. */
  append(polls: AnsweredPolls): Promise<void> {
    if (polls.polls.length === 0) return Promise.resolve();
    return new Promise((kept, failed) => {
      this.queue.push({ ...polls, kept, failed });
      this.queued += polls.polls.length;
      if (!this.flushing) void this.flush();
    });
  }

  /**
   * Moves every poll into the store-days that was kept before the call; waits while a load holds the facts.
   *
   * @param signal ends the waiting; its reason is thrown.
   */
  async fold(signal?: AbortSignal): Promise<void> {
    // What another process has folded but not committed is still seen here, so that its lock is waited for.
    while (!(await this.isEmpty())) {
      signal?.throwIfAborted();
      try {
        const mayHaveMore = await inTransaction(this.dataSource, async (client) => {
          await client.query(`SET LOCAL lock_timeout = '${LOCK_PATIENCE}'`);
          await lockFacts(client);
          return (await foldPiece(client, this.logger)).mayHaveMore;
        });
        if (!mayHaveMore) return;
      } catch (error) {
        if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
      }
    }
  }

  /** As `fold`, within the transaction of a caller who holds the facts' lock. */
  async foldWithin(client: pg.PoolClient): Promise<void> {
    for (let more = true; more; ) more = (await foldPiece(client, this.logger)).mayHaveMore;
  }

  private async isEmpty(): Promise<boolean> {
    const rows = (await this.dataSource.query('SELECT 1 FROM poll_inbox LIMIT 1')) as unknown[];
    return rows.length === 0;
  }

  /** Folds now and then. While somebody else holds the facts there is nothing to do: a merge folds as well. */
  private async tend(): Promise<void> {
    const [inbox] = (await this.dataSource.query(
      `SELECT coalesce(sum(size), 0)::int AS polls,
              coalesce(extract(epoch FROM clock_timestamp() - min(accepted_at)), 0)::float8 AS waited
         FROM poll_inbox`,
    )) as [{ polls: number; waited: number }];
    this.held = inbox.polls;
    // By the age of the oldest poll, so that several processes together rest as long as one alone would.
    if (inbox.polls === 0 || inbox.waited < this.restS) return;
    const begun = performance.now();
    for (let more = true; more; ) {
      more = await inTransaction(this.dataSource, async (client) => {
        if (!(await tryLockFacts(client))) return false;
        const { taken, mayHaveMore } = await foldPiece(client, this.logger);
        this.held = Math.max(0, this.held - taken);
        return mayHaveMore;
      });
    }
    this.restS = Math.min(LONGEST_REST_S, (REST * (performance.now() - begun)) / 1_000);
  }

  /** One INSERT at a time; whoever comes meanwhile shares the next one, and its commit. */
  private async flush(): Promise<void> {
    this.flushing = true;
    while (this.queue.length > 0) {
      let polls = 0;
      let requests = 0;
      while (requests < this.queue.length && (requests === 0 || polls < POLLS_A_BATCH))
        polls += this.queue[requests++]!.polls.length;
      const some = this.queue.splice(0, requests);
      try {
        await this.insert(some);
        this.held += polls;
        for (const { kept } of some) kept();
      } catch (error) {
        for (const { failed } of some) failed(error);
      }
      this.queued -= polls;
    }
    this.flushing = false;
  }

  private async insert(some: readonly Waiting[]): Promise<void> {
    const storeIds = some.flatMap((one) => one.storeIds);
    const polls = some.flatMap((one) => one.polls);
    // Whatever the server's setting: what was answered has to survive its power going off.
    await withConnection(this.dataSource, (client) =>
      client.query(
        `INSERT INTO poll_inbox (store_ids, polls)
         SELECT $1::text[], $2::bigint[] FROM set_config('synchronous_commit', 'on', true)`,
        [textArray(storeIds), int8Array(polls)],
      ),
    );
  }
}
