import { Injectable, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { DAY_US } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { type CollectorOutage, detectCollectorOutages, MOST_DAYS_SILENT } from './collector-outages.js';
import { LEAST_DAYS_COMPARED, MOST_DAYS_COMPARED } from './expected-polls.js';
import {
  type DayActivity,
  isChangedMeanwhile,
  readActivity,
  recountDay,
  staleDays,
} from '../polls/poll-activity.js';

/** Of fewer stores nobody can say whether all of them fell silent, or the one that collects from them. */
export const LEAST_STORES = 10;
/** A day, and as many others as it is compared with at least. */
export const LEAST_DAYS = LEAST_DAYS_COMPARED + 1;

/** What is found in the polls of all stores. */
export interface FoundOutages {
  /** By start; none overlaps or touches another. */
  outages: readonly CollectorOutage[];
  /** Whether there is enough to find any: stores that were polled, and UTC days with polls. */
  enoughToTell: boolean;
}

/** So that counts are up to date when somebody asks, also for a report right after a large load. */
const RECOUNT_EVERY_MS = 5_000;
/** Live polls change their day all the time; counting it again takes no more than this share of one process's time. */
const MOST_SHARE = 0.1;
const DAYS_AT_A_TIME = 64;
/** 9999-12-31: later than any poll. */
const LAST_DAY = 2_932_896;

/** Finds the stretches in which polls stopped for nearly all stores at once, and keeps up to date what that takes. */
@Injectable()
export class CollectorOutagesReader implements OnModuleInit {
  private restUntil = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({
      name: 'Counting the polls of changed days',
      everyMs: RECOUNT_EVERY_MS,
      run: () => this.refreshNowAndThen(),
    });
  }

  private async refreshNowAndThen(): Promise<void> {
    const begun = performance.now();
    if (begun < this.restUntil) return;
    await this.refresh(RECOUNT_EVERY_MS);
    const ended = performance.now();
    this.restUntil = ended + (ended - begun) / MOST_SHARE;
  }

  /**
   * Counts days again whose polls have changed, newest first, until none is left or the time is over. A day that is
   * being changed is passed over.
   */
  async refresh(forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    const seen = new Set<string>();
    for (;;) {
      const days = await withConnection(this.dataSource, (client) =>
        staleDays(client, DAYS_AT_A_TIME + seen.size),
      );
      const left = days.filter((day) => !seen.has(day));
      if (left.length === 0) return;
      for (const day of left) {
        if (performance.now() > until) return;
        seen.add(day);
        await this.recount(day);
      }
    }
  }

  private async recount(day: string): Promise<void> {
    try {
      await inTransaction(
        this.dataSource,
        (client) => recountDay(client, day),
        'BEGIN ISOLATION LEVEL REPEATABLE READ',
      );
    } catch (error) {
      if (!isChangedMeanwhile(error)) throw error;
    }
  }

  /**
   * All that are known.
   *
   * @param forMs how long changed days may be counted.
   * @throws Problem 503 when that is not enough.
   */
  async all(forMs: number): Promise<FoundOutages> {
    await this.refresh(forMs);
    return inTransaction(
      this.dataSource,
      async (snapshot) => {
        const stale = (await staleDays(snapshot, DAYS_AT_A_TIME)).length;
        // One or two are those that live polls change all the time.
        if (stale > 2) throw stillCounting(stale);
        const nowUs = this.clock.nowUs();
        return this.find(snapshot, await readActivity(snapshot, 0, LAST_DAY), nowUs);
      },
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
    );
  }

  /** Those that reach into [fromUs, asOfUs), as they were known at `asOfUs`, in the snapshot of the client. */
  async knownAt(client: pg.PoolClient, fromUs: number, asOfUs: number): Promise<readonly CollectorOutage[]> {
    const days = MOST_DAYS_COMPARED + MOST_DAYS_SILENT;
    const activity = await readActivity(client, dayOf(fromUs) - days, dayOf(asOfUs));
    const { outages } = await this.find(client, activity, asOfUs);
    return outages.filter(({ endUs }) => endUs > fromUs);
  }

  private async find(client: pg.PoolClient, days: DayActivity[], untilUs: number): Promise<FoundOutages> {
    const { rows } = await client.query<{ stores: number }>(
      'SELECT count(*)::int AS stores FROM (SELECT FROM stores WHERE first_poll_us <= $1 LIMIT $2) AS polled',
      [untilUs, LEAST_STORES],
    );
    if (rows[0]!.stores < LEAST_STORES) return { outages: [], enoughToTell: false };
    return { outages: detectCollectorOutages(days, untilUs), enoughToTell: days.length >= LEAST_DAYS };
  }
}

function dayOf(instantUs: number): number {
  return Math.floor(instantUs / DAY_US);
}

function stillCounting(days: number): Problem {
  const many = days < DAYS_AT_A_TIME ? String(days) : `${DAYS_AT_A_TIME} or more`;
  return new Problem(
    503,
    'polls_not_counted_yet',
    `Polls have changed, and ${many} days of them are still to be counted, which goes on by itself. Ask again in a few seconds.`,
  );
}
