import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What the database knows, in figures. Instants in microseconds since 1970. */
export interface DataOverview {
  stores: number;
  storesWithPolls: number;
  storesWithoutHours: number;
  storesWithoutZone: number;
  polls: number;
  firstPollUs: number | null;
  newestPollUs: number | null;
}

type Row = Record<keyof DataOverview, string | null>;

/** Counts the facts. */
@Injectable()
export class DataOverviewReader {
  constructor(private readonly dataSource: DataSource) {}

  async read(): Promise<DataOverview> {
    const [row] = (await this.dataSource.query(
      `SELECT count(*) AS stores,
              count(s.first_poll_us) AS "storesWithPolls",
              count(*) - count(h.store_key) AS "storesWithoutHours",
              count(*) - count(s.zone) AS "storesWithoutZone",
              min(s.first_poll_us) AS "firstPollUs",
              max(s.last_poll_us) AS "newestPollUs",
              (SELECT coalesce(sum(cardinality(polls)), 0) FROM store_day_polls) AS polls
         FROM stores AS s LEFT JOIN business_hours AS h ON h.store_key = s.store_key`,
    )) as [Row];
    const instant = (text: string | null): number | null => (text === null ? null : Number(text));
    return {
      stores: Number(row.stores),
      storesWithPolls: Number(row.storesWithPolls),
      storesWithoutHours: Number(row.storesWithoutHours),
      storesWithoutZone: Number(row.storesWithoutZone),
      polls: Number(row.polls),
      firstPollUs: instant(row.firstPollUs),
      newestPollUs: instant(row.newestPollUs),
    };
  }
}
