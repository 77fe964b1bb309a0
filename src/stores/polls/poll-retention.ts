import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { DAY_US } from '../../platform/instant.js';
import { lockFacts } from '../fact-lock.js';
import { noteFactChange } from '../fact-versions.js';
import { dateOfDay, partitionOfWeek, weekOfDay } from './poll-partitions.js';

const HOUR_US = 3_600_000_000;
/** More often than there is something to do, so that the first time is soon after the start, and one that was put off soon repeated. */
const LOOK_EVERY_MS = 60_000;

/**
 * The first day whose polls stay: the Monday of the week that holds the instant so many days ago. Polls are dropped by
 * whole weeks, so none is dropped that is young enough to be taken.
 *
 * @returns days since 1970-01-01.
 */
export function firstKeptDay(nowUs: number, retentionDays: number): number {
  const { from } = partitionOfWeek(weekOfDay(Math.floor(nowUs / DAY_US) - retentionDays));
  return Date.parse(from) / 86_400_000;
}

/** What a round dropped. */
export interface DroppedPolls {
  /** Names of the weeks' partitions. */
  partitions: string[];
  /** Stores whose oldest or newest poll is another one now, or none. */
  stores: number;
}

/** Drops polls that are older than they are to be kept, week by week, where `RETENTION_DAYS` says so. */
@Injectable()
export class PollRetention implements OnModuleInit {
  private readonly logger = new Logger(PollRetention.name);
  private doneUs = -Infinity;

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    if (this.environment.retentionDays === null) return;
    this.chores.register({ name: 'Dropping old polls', everyMs: LOOK_EVERY_MS, run: () => this.runHourly() });
  }

  private async runHourly(): Promise<void> {
    const nowUs = this.clock.nowUs();
    if (nowUs - this.doneUs < HOUR_US) return;
    await this.run();
    this.doneUs = nowUs;
  }

  /** @throws when somebody reads or writes polls for long; then nothing is dropped. */
  async run(): Promise<DroppedPolls> {
    const { retentionDays } = this.environment;
    if (retentionDays === null) return { partitions: [], stores: 0 };
    const day = firstKeptDay(this.clock.nowUs(), retentionDays);
    const date = dateOfDay(day);
    const dropped = await inTransaction(this.dataSource, async (client) => {
      await client.query(`SET LOCAL lock_timeout = '2s'`);
      await lockFacts(client);
      const partitions = await dropPartitions(client, date);
      if (partitions.length === 0) return { partitions, stores: 0 };
      await client.query('DELETE FROM poll_day_activity WHERE day < $1::date', [date]);
      await client.query('DELETE FROM polls_set_aside WHERE day < $1::date', [date]);
      await client.query('DELETE FROM poll_day_versions WHERE day < $1::date', [date]);
      await noteFactChange(client, { era: true });
      return { partitions, stores: await correctRanges(client, day * DAY_US) };
    });
    if (dropped.partitions.length > 0) {
      this.logger.log(
        `Polls before ${date} are dropped (${retentionDays} days are kept): ${dropped.partitions.join(', ')}; ` +
          `the range of ${dropped.stores} stores is another one now.`,
      );
    }
    return dropped;
  }
}

/** @param date no partition that holds it or a later one is dropped. */
async function dropPartitions(client: pg.ClientBase, date: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name
       FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'store_day_polls'::regclass
        AND substring(pg_get_expr(c.relpartbound, c.oid) FROM $$TO \\('([0-9-]+)'\\)$$)::date <= $1::date
      ORDER BY c.relname`,
    [date],
  );
  const names = rows.map(({ name }) => name);
  // The names were made from numbers; there is nothing in them to quote.
  if (names.length > 0) await client.query(`DROP TABLE ${names.join(', ')}`);
  return names;
}

/** Stores that have no poll left have no oldest and no newest one; the others' oldest is one that is there. */
async function correctRanges(client: pg.ClientBase, oldestKeptUs: number): Promise<number> {
  const { rowCount } = await client.query(
    // All stores' oldest polls first: where polls lie in shards, none can be asked for store by store.
    `WITH oldest AS MATERIALIZED (
       SELECT d.store_key, d.polls[1] >> 1 AS poll_us
         FROM (SELECT store_key, min(day) AS day FROM store_day_polls GROUP BY store_key) AS first
         JOIN store_day_polls AS d ON d.store_key = first.store_key AND d.day = first.day
     )
     UPDATE stores AS s
        SET first_poll_us = CASE WHEN s.last_poll_us >= $1 THEN o.poll_us END,
            last_poll_us = CASE WHEN s.last_poll_us >= $1 THEN s.last_poll_us END
       FROM stores AS own LEFT JOIN oldest AS o ON o.store_key = own.store_key
      WHERE s.store_key = own.store_key AND s.first_poll_us < $1`,
    [oldestKeptUs],
  );
  return rowCount ?? 0;
}
