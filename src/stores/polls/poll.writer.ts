import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { ActivityCounter } from './activity-counter.js';
import { lockFacts } from '../fact-lock.js';
import { noteFactChange } from '../fact-versions.js';
import { type MergeCounts, noCounts } from '../merge-counts.js';
import { keepCounted, markDaysChanged } from './poll-activity.js';
import { dateOfDay, ensurePartitions, partitionOfWeek, weekOfDay } from './poll-partitions.js';
import { PollInbox } from './poll-inbox.js';
import { widenRanges } from './poll-ranges.js';
import { createStaging, mergeStaged } from './staged-polls.js';
import { ensureStores } from '../store-keys.js';

/** The polls of one store on one UTC day: codes sorted, one for each instant. */
export interface StoreDayPolls {
  /** Index into `PollLoad.storeIds`. */
  store: number;
  /** Days since 1970-01-01. */
  day: number;
  polls: Float64Array;
  /** For each poll the file that it is counted for, from 0; null: there is one file. */
  origins: Uint8Array | null;
}

/** Polls that are to be merged together. */
export interface PollLoad {
  /** Files that they come from, which are counted one by one. */
  files: number;
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
  /** All store-days were given, and will be merged with what is known: the last moment to object, by a throw. */
  checkStaged?(): void;
}

/** Writes polls: the one place that knows how `store_day_polls` is filled. */
@Injectable()
export class PollWriter {
  constructor(private readonly inbox: PollInbox) {}

  /**
   * Merges polls into the store-days within the caller's transaction; where an instant is known, the new status
   * holds. All or nothing, and at most one such transaction at a time.
   *
   * @returns what became of each file's polls.
   */
  async merge(client: pg.PoolClient, load: PollLoad): Promise<MergeCounts[]> {
    if (load.days.size === 0) return Array.from({ length: load.files }, noCounts);
    await lockFacts(client);
    // What was answered before this merge is older than it, and must not win over it later.
    await this.inbox.foldWithin(client);
    const keys = await ensureStores(client, load.storeIds);
    await widenRanges(client, keys, load.firstPollUs, load.lastPollUs);
    const weeks = new Set(Array.from(load.days, weekOfDay));
    await ensurePartitions(client, weeks);
    if (load.orderable && !(await this.hasPolls(client, load.days))) return this.fill(client, keys, load);
    return this.stage(client, keys, load);
  }

  /** After a load that changed much, so that the next report is planned for what is there now. */
  async analyze(client: pg.PoolClient, days: ReadonlySet<number>): Promise<void> {
    const names = Array.from(new Set(Array.from(days, weekOfDay)), (week) => partitionOfWeek(week).name);
    await client.query(`ANALYZE stores${names.map((name) => `, ${name}`).join('')}`);
  }

  private async hasPolls(client: pg.PoolClient, days: ReadonlySet<number>): Promise<boolean> {
    const { rowCount } = await client.query(
      'SELECT FROM store_day_polls WHERE day = ANY ($1::date[]) LIMIT 1',
      [Array.from(days, dateOfDay)],
    );
    return rowCount !== 0;
  }

  /** The first load of these days: nothing can clash, so the polls go straight to their place, in its order. */
  private async fill(client: pg.PoolClient, keys: Int32Array, load: PollLoad): Promise<MergeCounts[]> {
    const order = Int32Array.from(keys, (_, store) => store).sort((a, b) => keys[a]! - keys[b]!);
    await markDaysChanged(client, load.days);
    const counter = new ActivityCounter();
    const inserted = await this.copy(client, 'store_day_polls', keys, load, order, counter);
    await keepCounted(client, counter.counted());
    await noteFactChange(client, { days: load.days });
    return inserted.map((count) => ({ inserted: count, replaced: 0, unchanged: 0 }));
  }

  private async stage(client: pg.PoolClient, keys: Int32Array, load: PollLoad): Promise<MergeCounts[]> {
    await createStaging(client);
    const staged = await this.copy(client, 'staged_polls', keys, load, null);
    load.checkStaged?.();
    const days = [...load.days].sort((a, b) => a - b);
    const { counts, changedDays } = await mergeStaged(client, staged, [
      dateOfDay(days[0]!),
      dateOfDay(days.at(-1)!),
    ]);
    // Another status at a known instant changes no count, so a file that is loaded again leaves all as it is.
    if (counts.some(({ inserted }) => inserted > 0)) await markDaysChanged(client, days);
    await noteFactChange(client, { days: changedDays });
    return counts;
  }

  /** @returns how many polls of each file went into the table. */
  private async copy(
    client: pg.PoolClient,
    table: 'store_day_polls' | 'staged_polls',
    keys: Int32Array,
    load: PollLoad,
    order: Int32Array | null,
    counter?: ActivityCounter,
  ): Promise<number[]> {
    const counts = Array.from({ length: load.files }, () => 0);
    const withOrigins = table === 'staged_polls' && load.files > 1;
    const columns = ['store_key', 'day', 'polls', ...(withOrigins ? ['origins'] : [])];
    await copyIn(client, table, columns, async (rows) => {
      for await (const { store, day, polls, origins } of load.storeDays(order)) {
        rows.row(columns.length);
        rows.int4(keys[store]!);
        rows.date(day);
        rows.int8Array(polls, 0, polls.length);
        if (withOrigins) rows.int4Array(origins!);
        if (origins === null) counts[0]! += polls.length;
        else for (const file of origins) counts[file]!++;
        counter?.add(day, polls);
        await rows.drained();
      }
    });
    return counts;
  }
}
