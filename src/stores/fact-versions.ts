import type pg from 'pg';
import { earliestRelevantUs } from '../availability/index.js';
import { DAY_US } from '../platform/instant.js';
import { dateOfDay } from './polls/poll-partitions.js';
import { MOST_DAYS_SILENT } from './quality/collector-outages.js';
import { MOST_DAYS_COMPARED } from './quality/expected-polls.js';

/** What a transaction has changed of the facts. */
export interface FactChange {
  /** UTC days on which a poll came, went or has another status: days since 1970-01-01. */
  days?: Iterable<number>;
  /** Stores that were made, and zones, hours, exceptions or active dates. */
  calendar?: boolean;
  /** What no day tells: all facts were exchanged, or old polls dropped. */
  era?: boolean;
}

/**
 * Gives what was changed the number of this change, within the transaction that changes it. The caller holds the
 * facts' lock: so numbers grow in the order in which changes become visible, wherever the tables lie, and the highest
 * number of several things changes whenever one of them does.
 *
 * To forget a change lets an old report pass for the present; to note one that was none only costs a computation.
 */
export async function noteFactChange(client: pg.ClientBase, change: FactChange): Promise<void> {
  const days = Array.from(change.days ?? [], dateOfDay);
  const facts = (['calendar', 'era'] as const).filter((fact) => change[fact] === true);
  if (days.length + facts.length === 0) return;
  const version = await countFactChange(client);
  if (days.length > 0)
    await client.query(
      `INSERT INTO poll_day_versions (day, version) SELECT DISTINCT given.day, $2::bigint FROM unnest($1::date[]) AS given (day)
       ON CONFLICT ON CONSTRAINT poll_day_versions_pkey DO UPDATE SET version = excluded.version`,
      [days, version],
    );
  if (facts.length > 0)
    await client.query(
      `INSERT INTO fact_versions (fact, version) SELECT given.fact, $2::bigint FROM unnest($1::text[]) AS given (fact)
       ON CONFLICT ON CONSTRAINT fact_versions_pkey DO UPDATE SET version = excluded.version`,
      [facts, version],
    );
}

/**
 * Counts a change without saying what of: where facts come back together with the numbers that they had. The caller
 * holds the facts' lock. @returns its number.
 */
export async function countFactChange(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    `INSERT INTO fact_clock AS c (version) VALUES (1)
     ON CONFLICT ON CONSTRAINT fact_clock_pkey DO UPDATE SET version = c.version + 1 RETURNING version`,
  );
  return rows[0]!.version;
}

/** How many changes there were: equal numbers, equal facts. The inbox is not among them. */
export async function countFactChanges(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: string }>('SELECT version FROM fact_clock');
  return Number(rows[0]?.version ?? 0);
}

/** Another one once all facts were exchanged: cleared, or taken back. Old polls that are dropped begin one too. */
export async function eraOfFacts(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT version FROM fact_versions WHERE fact = 'era'`,
  );
  return rows[0]?.version ?? '0';
}

/** What of the facts can touch a report. */
export interface FactScope {
  asOfUs: number;
  includeUnpolled: boolean;
}

/** How far the facts had come that a report follows from. */
export interface Watermark {
  /** Where it is the same, every row of the report is. */
  rows: string;
  /** Where it is the same too, so are the collector outages that its metadata tell. */
  around: string;
  /** Without a poll at or before as-of; the metadata tell how many, and rows change with it only where `rows` does. */
  unpolledStores: number;
}

/** A week of the calendar lasts at most so many days, where clocks fall back in it. */
const DAYS_OF_A_WEEK = 8;

/**
 * Reads the watermark within the client's snapshot.
 *
 * A row follows from the polls of the days that can matter at as-of, from the calendar, and from which stores there
 * are: those whose first poll is not after as-of, or all. Within one era stores only come, and first polls only move
 * back, so of two such sets one holds the other, and their sizes tell whether they are the same: an older poll of a
 * store that is in the report anyway leaves it as it is.
 *
 * Which stretches the collector was silent in follows from weeks before as well. Nothing of a row does.
 */
export async function readWatermark(client: pg.ClientBase, scope: FactScope): Promise<Watermark> {
  const lastDay = Math.floor(scope.asOfUs / DAY_US);
  const firstDay = Math.floor(earliestRelevantUs(scope.asOfUs) / DAY_US);
  const firstAround = lastDay - DAYS_OF_A_WEEK - MOST_DAYS_COMPARED - MOST_DAYS_SILENT;
  const { rows } = await client.query<
    Record<'era' | 'calendar' | 'polls' | 'around' | 'polled' | 'known', string>
  >(
    `SELECT polled, known,
            coalesce((SELECT version FROM fact_versions WHERE fact = 'era'), 0) AS era,
            coalesce((SELECT version FROM fact_versions WHERE fact = 'calendar'), 0) AS calendar,
            (SELECT coalesce(max(version), 0) FROM poll_day_versions WHERE day BETWEEN $1::date AND $2::date) AS polls,
            (SELECT coalesce(max(version), 0) FROM poll_day_versions WHERE day BETWEEN $3::date AND $2::date) AS around
       FROM (SELECT count(*) FILTER (WHERE first_poll_us <= $4::bigint) AS polled, count(*) AS known FROM stores) AS stores`,
    [dateOfDay(firstDay), dateOfDay(lastDay), dateOfDay(firstAround), scope.asOfUs],
  );
  const { era, calendar, polls, around, polled, known } = rows[0]!;
  return {
    rows: `era=${era};calendar=${calendar};polls=${polls};stores=${scope.includeUnpolled ? known : polled}`,
    around: `around=${around}`,
    unpolledStores: Number(known) - Number(polled),
  };
}
