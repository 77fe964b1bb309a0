import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { copyIn } from '../platform/database/copy-binary-writer.js';
import { lockFacts } from './fact-lock.js';
import type { MergeCounts } from './merge-counts.js';
import { dateOfDay, ensurePartitions, partitionOfWeek, weekOfDay } from './poll-partitions.js';
import { ensureStores, IDS_A_STATEMENT } from './store-keys.js';

/** The polls of one store on one UTC day: codes sorted, one for each instant. */
export interface StoreDayPolls {
  /** Index into `PollLoad.storeIds`. */
  store: number;
  /** Days since 1970-01-01. */
  day: number;
  polls: Float64Array;
}

/** Polls that are to be merged together. */
export interface PollLoad {
  storeIds: readonly string[];
  /** Instant of each store's oldest poll, in microseconds since 1970. */
  firstPollUs: ArrayLike<number>;
  /** Every day on which there is a poll (days since 1970-01-01). */
  days: ReadonlySet<number>;
  /** Whether `storeDays` can come in any order of stores. */
  orderable: boolean;
  /** Every store-day once; `order` is the order of stores wanted, null for any. */
  storeDays(order: Int32Array | null): AsyncIterable<StoreDayPolls>;
}

/** Writes polls: the one place that knows how `store_day_polls` is filled. */
@Injectable()
export class PollWriter {
  /**
   * Merges polls into the store-days within the caller's transaction; where an instant is known, the new status
   * holds. All or nothing, and at most one such transaction at a time.
   */
  async merge(client: pg.ClientBase, load: PollLoad): Promise<MergeCounts> {
    if (load.days.size === 0) return { inserted: 0, replaced: 0, unchanged: 0 };
    await lockFacts(client);
    const keys = await ensureStores(client, load.storeIds);
    await this.keepOldest(client, keys, load.firstPollUs);
    const weeks = new Set(Array.from(load.days, weekOfDay));
    await ensurePartitions(client, weeks);
    if (load.orderable && !(await this.hasPolls(client, load.days))) return this.fill(client, keys, load);
    return this.mergeStaged(client, keys, load);
  }

  /** After a load that changed much, so that the next report is planned for what is there now. */
  async analyze(client: pg.ClientBase, days: ReadonlySet<number>): Promise<void> {
    const names = Array.from(new Set(Array.from(days, weekOfDay)), (week) => partitionOfWeek(week).name);
    await client.query(`ANALYZE stores${names.map((name) => `, ${name}`).join('')}`);
  }

  private async keepOldest(
    client: pg.ClientBase,
    keys: Int32Array,
    firstPollUs: ArrayLike<number>,
  ): Promise<void> {
    for (let start = 0; start < keys.length; start += IDS_A_STATEMENT) {
      const some = Array.from(keys.subarray(start, start + IDS_A_STATEMENT));
      await client.query(
        `UPDATE stores AS s SET first_poll_us = given.first_us
           FROM (SELECT * FROM unnest($1::int[], $2::bigint[]) AS g (store_key, first_us) ORDER BY store_key) AS given
          WHERE s.store_key = given.store_key AND (s.first_poll_us IS NULL OR s.first_poll_us > given.first_us)`,
        [some, some.map((_, index) => firstPollUs[start + index])],
      );
    }
  }

  private async hasPolls(client: pg.ClientBase, days: ReadonlySet<number>): Promise<boolean> {
    const { rowCount } = await client.query(
      'SELECT FROM store_day_polls WHERE day = ANY ($1::date[]) LIMIT 1',
      [Array.from(days, dateOfDay)],
    );
    return rowCount !== 0;
  }

  /** The first load of these days: nothing can clash, so the polls go straight to their place, in its order. */
  private async fill(client: pg.ClientBase, keys: Int32Array, load: PollLoad): Promise<MergeCounts> {
    const order = Int32Array.from(keys, (_, store) => store).sort((a, b) => keys[a]! - keys[b]!);
    const inserted = await this.copy(client, 'store_day_polls', keys, load.storeDays(order));
    return { inserted, replaced: 0, unchanged: 0 };
  }

  private async mergeStaged(client: pg.ClientBase, keys: Int32Array, load: PollLoad): Promise<MergeCounts> {
    await client.query(`SET LOCAL work_mem = '64MB'`);
    await client.query(
      `CREATE TEMPORARY TABLE staged_polls (store_key integer NOT NULL, day date NOT NULL, polls bigint[] NOT NULL)
         ON COMMIT DROP`,
    );
    await this.copy(client, 'staged_polls', keys, load.storeDays(null));
    await client.query('ANALYZE staged_polls (store_key, day)');
    const days = [...load.days].sort((a, b) => a - b);
    // Both bounds are for the planner: it reads the partitions between them, and no others.
    const { rows } = await client.query<Record<keyof MergeCounts, string>>(MERGE, [
      dateOfDay(days[0]!),
      dateOfDay(days.at(-1)!),
    ]);
    const { inserted, replaced, unchanged } = rows[0]!;
    return { inserted: Number(inserted), replaced: Number(replaced), unchanged: Number(unchanged) };
  }

  private async copy(
    client: pg.ClientBase,
    table: string,
    keys: Int32Array,
    storeDays: AsyncIterable<StoreDayPolls>,
  ): Promise<number> {
    let count = 0;
    await copyIn(client as pg.PoolClient, table, ['store_key', 'day', 'polls'], async (rows) => {
      for await (const { store, day, polls } of storeDays) {
        rows.row(3);
        rows.int4(keys[store]!);
        rows.date(day);
        rows.int8Array(polls, 0, polls.length);
        count += polls.length;
        await rows.drained();
      }
    });
    return count;
  }
}

/**
 * One statement, in the order of the key. Counting and writing look at the same rows: the lock keeps all others out.
 * A store-day that says nothing new is not written again.
 */
const MERGE = `
  WITH compared AS MATERIALIZED (
    SELECT s.store_key, s.day, cardinality(s.polls) AS given,
           coalesce(cardinality(e.polls), 0) AS known,
           CASE WHEN e.polls IS NULL THEN 0 ELSE count_equal_polls(s.polls, e.polls) END AS unchanged,
           CASE WHEN e.polls IS NULL THEN s.polls
                WHEN e.polls <> s.polls THEN merge_polls(e.polls, s.polls) END AS merged
      FROM staged_polls AS s
      LEFT JOIN store_day_polls AS e
        ON e.store_key = s.store_key AND e.day = s.day AND e.day BETWEEN $1::date AND $2::date
  ), written AS (
    INSERT INTO store_day_polls AS d (store_key, day, polls)
    SELECT store_key, day, merged FROM compared
     WHERE merged IS NOT NULL AND (known = 0 OR unchanged < given)
     ORDER BY store_key, day
    ON CONFLICT (store_key, day) DO UPDATE SET polls = excluded.polls
  )
  SELECT coalesce(sum(CASE WHEN merged IS NULL THEN 0 ELSE cardinality(merged) - known END), 0) AS inserted,
         coalesce(sum(given - unchanged - CASE WHEN merged IS NULL THEN 0 ELSE cardinality(merged) - known END), 0)
           AS replaced,
         coalesce(sum(unchanged), 0) AS unchanged
    FROM compared`;
