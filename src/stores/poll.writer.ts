import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { copyIn } from '../platform/database/copy-binary-writer.js';
import { lockFacts } from './fact-lock.js';
import type { MergeCounts } from './merge-counts.js';
import { markDaysChanged } from './poll-activity.js';
import { dateOfDay, ensurePartitions, partitionOfWeek, weekOfDay } from './poll-partitions.js';
import { createStaging, mergeStaged } from './staged-polls.js';
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
  /** Instants of each store's oldest and newest poll, in microseconds since 1970. */
  firstPollUs: readonly number[];
  lastPollUs: readonly number[];
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
  async merge(client: pg.PoolClient, load: PollLoad): Promise<MergeCounts> {
    if (load.days.size === 0) return { inserted: 0, replaced: 0, unchanged: 0 };
    await lockFacts(client);
    const keys = await ensureStores(client, load.storeIds);
    await this.widenRanges(client, keys, load);
    const weeks = new Set(Array.from(load.days, weekOfDay));
    await ensurePartitions(client, weeks);
    await markDaysChanged(client, load.days);
    if (load.orderable && !(await this.hasPolls(client, load.days))) return this.fill(client, keys, load);
    return this.stage(client, keys, load);
  }

  /** After a load that changed much, so that the next report is planned for what is there now. */
  async analyze(client: pg.PoolClient, days: ReadonlySet<number>): Promise<void> {
    const names = Array.from(new Set(Array.from(days, weekOfDay)), (week) => partitionOfWeek(week).name);
    await client.query(`ANALYZE stores${names.map((name) => `, ${name}`).join('')}`);
  }

  /** What the stores know of their oldest and newest poll. */
  private async widenRanges(
    client: pg.PoolClient,
    keys: Int32Array,
    { firstPollUs, lastPollUs }: PollLoad,
  ): Promise<void> {
    for (let start = 0; start < keys.length; start += IDS_A_STATEMENT) {
      const end = start + IDS_A_STATEMENT;
      await client.query(
        `UPDATE stores AS s
            SET first_poll_us = least(s.first_poll_us, given.first_us), last_poll_us = greatest(s.last_poll_us, given.last_us)
           FROM (SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS g (store_key, first_us, last_us)
                  ORDER BY store_key) AS given
          WHERE s.store_key = given.store_key
            AND (s.first_poll_us IS NULL OR s.first_poll_us > given.first_us OR s.last_poll_us < given.last_us)`,
        [Array.from(keys.subarray(start, end)), firstPollUs.slice(start, end), lastPollUs.slice(start, end)],
      );
    }
  }

  private async hasPolls(client: pg.PoolClient, days: ReadonlySet<number>): Promise<boolean> {
    const { rowCount } = await client.query(
      'SELECT FROM store_day_polls WHERE day = ANY ($1::date[]) LIMIT 1',
      [Array.from(days, dateOfDay)],
    );
    return rowCount !== 0;
  }

  /** The first load of these days: nothing can clash, so the polls go straight to their place, in its order. */
  private async fill(client: pg.PoolClient, keys: Int32Array, load: PollLoad): Promise<MergeCounts> {
    const order = Int32Array.from(keys, (_, store) => store).sort((a, b) => keys[a]! - keys[b]!);
    const inserted = await this.copy(client, 'store_day_polls', keys, load.storeDays(order));
    return { inserted, replaced: 0, unchanged: 0 };
  }

  private async stage(client: pg.PoolClient, keys: Int32Array, load: PollLoad): Promise<MergeCounts> {
    await createStaging(client);
    const staged = await this.copy(client, 'staged_polls', keys, load.storeDays(null));
    const days = [...load.days].sort((a, b) => a - b);
    return mergeStaged(client, staged, [dateOfDay(days[0]!), dateOfDay(days.at(-1)!)]);
  }

  private async copy(
    client: pg.PoolClient,
    table: string,
    keys: Int32Array,
    storeDays: AsyncIterable<StoreDayPolls>,
  ): Promise<number> {
    let count = 0;
    await copyIn(client, table, ['store_key', 'day', 'polls'], async (rows) => {
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
