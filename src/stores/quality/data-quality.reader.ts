import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { DAY_US, dateOfInstant } from '../../platform/instant.js';
import { type Finding, FINDINGS } from './data-quality.dto.js';
import { type PollRhythm, readPollRhythm } from './poll-rhythm.js';

/** How many stores, and the ids of the first. */
export interface FoundStores {
  count: number;
  examples: string[];
}

/** What is odd about the facts. Instants in microseconds since 1970. */
export interface DataQuality {
  stores: number;
  archived: number;
  found: Record<Finding, FoundStores>;
  windows: number;
  windowsWithoutLength: number;
  windowsEndingAt2359: number;
  oldestUs: number | null;
  newestUs: number | null;
  pollsAheadOfTheClock: number;
  /** Null without polls. */
  rhythm: PollRhythm | null;
  /** Null without a completed report over all stores. */
  outside: { reportId: string; asOfUs: number; polls: number; outside: number } | null;
}

const EXAMPLES = 20;

/** A row per weekly window as it was given. */
const WINDOWS = `
  SELECT h.store_key, h.windows[3 * w.n - 2] AS weekday, h.windows[3 * w.n - 1] AS start_s, h.windows[3 * w.n] AS end_s
    FROM business_hours AS h CROSS JOIN LATERAL generate_series(1, cardinality(h.windows) / 3) AS w (n)`;

/**
 * Of windows in order of their start some overlap exactly when one overlaps the next. An end is as the engine reads it:
 * from 23:59 on it is the end of the day, and one that is not after the start is a day later.
 */
const OVERLAPPING = `
  EXISTS (SELECT FROM generate_series(4, cardinality(h.windows), 3) AS w (at)
           CROSS JOIN LATERAL (SELECT h.windows[at - 2] AS start_s, h.windows[at - 1] AS end_s) AS former
           CROSS JOIN LATERAL (SELECT CASE WHEN former.end_s < 86340 THEN former.end_s ELSE 86400 END AS end_s) AS read
           WHERE h.windows[at - 3] = h.windows[at]
             AND h.windows[at + 1] < read.end_s + CASE WHEN read.end_s > start_s THEN 0 ELSE 86400 END)`;

/** Stores `s` with their hours `h`, and what the clock says: $1. */
const STORES = `
  FROM stores AS s LEFT JOIN business_hours AS h ON h.store_key = s.store_key
 CROSS JOIN (SELECT $1::bigint AS now_us) AS clock`;
const CONDITIONS: Record<Finding, string> = {
  without_hours: `h.store_key IS NULL AND ${neverChanged('store_hours_changes')}`,
  without_zone: `s.zone IS NULL AND ${neverChanged('store_zone_changes')}`,
  without_polls: 's.first_poll_us IS NULL',
  hours_rejected: `s.hours_rejected AND ${neverChanged('store_hours_changes')}`,
  overlapping_windows: OVERLAPPING,
  archived_still_polled: 's.last_poll_us > extract(epoch FROM s.archived_at) * 1000000',
  polled_ahead_of_the_clock: 's.last_poll_us > clock.now_us',
};

/** Nobody has said since what holds; what is announced for later holds not yet. */
function neverChanged(table: 'store_hours_changes' | 'store_zone_changes'): string {
  return `NOT EXISTS (SELECT FROM ${table} AS c WHERE c.store_key = s.store_key
                       AND c.effective_from <= date '1970-01-01' + (clock.now_us / ${DAY_US})::int)`;
}

/** Looks for what is odd about the facts, in one snapshot. */
@Injectable()
export class DataQualityReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<DataQuality> {
    const nowUs = this.clock.nowUs();
    return inTransaction(
      this.dataSource,
      async (snapshot) => {
        const totals = await readTotals(snapshot);
        return {
          ...totals,
          ...(await readWindows(snapshot)),
          found: await readFound(snapshot, nowUs),
          pollsAheadOfTheClock: await countAhead(snapshot, nowUs),
          rhythm:
            totals.newestUs === null
              ? null
              : await readPollRhythm(snapshot, Math.min(totals.newestUs, nowUs)),
          outside: await readOutside(snapshot),
        };
      },
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
    );
  }

  /** Ids of stores about which something is odd, in their order, those after `after`. */
  async list(finding: Finding, after: string, limit: number): Promise<string[]> {
    return withConnection(this.dataSource, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT s.store_id AS id ${STORES}
          WHERE ${CONDITIONS[finding]} AND s.store_id > $2 ORDER BY s.store_id LIMIT $3`,
        [this.clock.nowUs(), after, limit],
      );
      return rows.map((row) => row.id);
    });
  }
}

async function readTotals(client: pg.ClientBase) {
  const { rows } = await client.query<{
    stores: number;
    archived: number;
    oldest: string | null;
    newest: string | null;
  }>(
    `SELECT count(*)::int AS stores, count(archived_at)::int AS archived, min(first_poll_us) AS oldest,
            max(last_poll_us) AS newest FROM stores`,
  );
  const { stores, archived, oldest, newest } = rows[0]!;
  const instant = (text: string | null): number | null => (text === null ? null : Number(text));
  return { stores, archived, oldestUs: instant(oldest), newestUs: instant(newest) };
}

async function readWindows(client: pg.ClientBase) {
  const { rows } = await client.query<{ windows: number; empty: number; almost: number }>(
    `SELECT count(*)::int AS windows, count(*) FILTER (WHERE start_s = end_s)::int AS empty,
            count(*) FILTER (WHERE end_s >= 86340 AND end_s < 86400)::int AS almost FROM (${WINDOWS}) AS windows`,
  );
  const { windows, empty, almost } = rows[0]!;
  return { windows, windowsWithoutLength: empty, windowsEndingAt2359: almost };
}

async function readFound(client: pg.ClientBase, nowUs: number): Promise<Record<Finding, FoundStores>> {
  const found: Partial<Record<Finding, FoundStores>> = {};
  for (const finding of FINDINGS) {
    const { rows } = await client.query<{ id: string; count: number }>(
      `SELECT s.store_id AS id, count(*) OVER ()::int AS count ${STORES}
        WHERE ${CONDITIONS[finding]} ORDER BY s.store_id LIMIT $2`,
      [nowUs, EXAMPLES],
    );
    found[finding] = { count: rows[0]?.count ?? 0, examples: rows.map((row) => row.id) };
  }
  return found as Record<Finding, FoundStores>;
}

/** Only of stores whose newest poll is ahead: there are hardly ever any. */
async function countAhead(client: pg.ClientBase, nowUs: number): Promise<number> {
  const { rows } = await client.query<{ polls: number }>(
    `SELECT count(*)::int AS polls
       FROM stores AS s
       JOIN store_day_polls AS d ON d.store_key = s.store_key AND d.day >= $2
      CROSS JOIN LATERAL unnest(d.polls) AS p (poll)
      WHERE s.last_poll_us > $1 AND p.poll >> 1 > $1`,
    [nowUs, dateOfInstant(nowUs)],
  );
  return rows[0]!.polls;
}

async function readOutside(client: pg.ClientBase): Promise<DataQuality['outside']> {
  const { rows } = await client.query<{ id: string; as_of: string; polls: string; outside: string }>(
    `SELECT r.report_id AS id, r.as_of_us AS as_of, coalesce(sum(w.week_polls), 0) AS polls,
            coalesce(sum(w.week_polls_outside), 0) AS outside
       FROM (SELECT report_id, result_id, as_of_us FROM reports WHERE status = 'completed' AND store_ids IS NULL
              ORDER BY completed_at DESC LIMIT 1) AS r
       LEFT JOIN report_rows AS w ON w.report_id = r.result_id
      GROUP BY r.report_id, r.as_of_us`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  const outside = Number(row.outside);
  return { reportId: row.id, asOfUs: Number(row.as_of), polls: Number(row.polls) + outside, outside };
}
