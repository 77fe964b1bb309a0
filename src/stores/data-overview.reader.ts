import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { inTransaction } from '../platform/database/connection.js';
import { dateOfInstant } from '../platform/instant.js';
import { countPolls } from './polls/poll-count.js';

/** What the database knows, in figures. Instants in microseconds since 1970. */
export interface DataOverview {
  stores: number;
  storesWithPolls: number;
  storesWithoutHours: number;
  storesWithoutZone: number;
  polls: number;
  /** Of days that have just changed by many polls, these are estimated. */
  pollsEstimated: boolean;
  firstPollUs: number | null;
  newestPollUs: number | null;
}

type StoresRow = Record<Exclude<keyof DataOverview, 'polls' | 'pollsEstimated'>, string | null>;

/** Counts the facts. */
@Injectable()
export class DataOverviewReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<DataOverview> {
    const [row, polls] = await inTransaction(
      this.dataSource,
      async (snapshot) =>
        [await readStores(snapshot, this.clock.nowUs()), await countPolls(snapshot)] as const,
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
    );
    const instant = (text: string | null): number | null => (text === null ? null : Number(text));
    return {
      stores: Number(row.stores),
      storesWithPolls: Number(row.storesWithPolls),
      storesWithoutHours: Number(row.storesWithoutHours),
      storesWithoutZone: Number(row.storesWithoutZone),
      polls: polls.rows,
      pollsEstimated: polls.estimated,
      firstPollUs: instant(row.firstPollUs),
      newestPollUs: instant(row.newestPollUs),
    };
  }
}

/** What somebody has said since, from a date on that has come, is known too. */
async function readStores(client: pg.ClientBase, nowUs: number): Promise<StoresRow> {
  const { rows } = await client.query<StoresRow>(
    `SELECT count(*) AS stores,
            count(s.first_poll_us) AS "storesWithPolls",
            count(*) FILTER (WHERE h.store_key IS NULL AND hc.store_key IS NULL) AS "storesWithoutHours",
            count(*) FILTER (WHERE s.zone IS NULL AND zc.store_key IS NULL) AS "storesWithoutZone",
            min(s.first_poll_us) AS "firstPollUs",
            max(s.last_poll_us) AS "newestPollUs"
       FROM stores AS s
       LEFT JOIN business_hours AS h ON h.store_key = s.store_key
       LEFT JOIN (SELECT DISTINCT store_key FROM store_hours_changes WHERE effective_from <= $1) AS hc
         ON hc.store_key = s.store_key
       LEFT JOIN (SELECT DISTINCT store_key FROM store_zone_changes WHERE effective_from <= $1) AS zc
         ON zc.store_key = s.store_key`,
    [dateOfInstant(nowUs)],
  );
  return rows[0]!;
}
