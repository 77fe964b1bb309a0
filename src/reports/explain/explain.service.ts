import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { availabilityOf, type Interval, timelineOf } from '../../availability/index.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { dateOfInstant, formatInstantUs, parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { presentHours } from '../../stores/calendar/store-hours.view.js';
import { type OneStore, readOneStore } from '../../stores/one-store.js';
import { hoursOn, type StoreState, todayOf } from '../../stores/store-state.js';
import { readStore } from '../../stores/store-state.reader.js';
import { zoneSourceOf } from '../../stores/store.view.js';
import { spanView } from '../../stores/timeline/segment.view.js';
import type { Report } from '../requests/report.entity.js';
import { ReportLookup } from '../requests/report-lookup.js';
import { dayView, ignoredView, outageView, windowsView } from './explanation.presenter.js';
import type { ExplanationView } from './explanation.view.js';
import { ignoredPolls } from './ignored-polls.js';
import { noFactsLeft, noRow } from './no-row.js';
import {
  type Difference,
  differencesOf,
  figuresOf,
  readReportedRow,
  type ReportedFigures,
} from './reported-row.js';

/** What an explanation is made of besides the report, all of one moment. */
interface Evidence {
  row: ReportedFigures;
  store: StoreState;
  record: OneStore;
  outages: readonly Interval[];
  /** Polls of UTC days after that of as-of. */
  later: number;
}

const DAYS_REPORTED = 7;

/** Says why the numbers of a store in a report are what they are. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lookup: ReportLookup,
  ) {}

  /**
   * Computes the store's figures again, from the facts as they are now, and compares them with the report's.
   * @throws Problem 404 (no such report, or no row for the store in it, with the reason), 409 (not ready, failed, or
   *   the facts are gone), 410 (expired).
   */
  async explain(reportId: string, storeId: string): Promise<ExplanationView> {
    const report = await this.lookup.completed(reportId);
    const evidence = await inTransaction(
      this.dataSource,
      (client) => this.gather(client, report, storeId),
      ONE_SNAPSHOT,
    );
    return explanation(report, evidence);
  }

  private async gather(client: pg.PoolClient, report: Report, storeId: string): Promise<Evidence> {
    const asOfUs = Number(report.asOfUs);
    const store = await storeOrNull(client, storeId);
    const row = await findRow(client, report, storeId, store);
    if (row === null) throw noRow(report, storeId, store);
    if (store === null) throw noFactsLeft(report, storeId);
    const { defaultZone } = report;
    const record = await readOneStore(client, store, { asOfUs, defaultZone, days: DAYS_REPORTED });
    return { row, store, record, ...(await readSurroundings(client, report, store.key)) };
  }
}

function explanation(report: Report, { row, store, record, outages, later }: Evidence): ExplanationView {
  const asOfUs = Number(report.asOfUs);
  const { facts, assumedZone, assumedHours } = record;
  const timeline = timelineOf(facts, asOfUs, report.policy, outages);
  const availability = availabilityOf(timeline);
  const { week, inactive, countingPolls } = timeline;
  const differences = differencesOf(row, figuresOf(availability));
  const today = todayOf(store, report.defaultZone, asOfUs);
  const { windows, effective_from, assumed, rejected } = presentHours(store, today.date);
  const ignored = ignoredPolls(facts.polls, { ...week, countingPolls, inactive });
  return {
    report_id: report.id,
    store_id: store.id,
    name: store.name,
    as_of: formatInstantUs(asOfUs),
    options: {
      ...report.policy,
      include_unpolled: report.includeUnpolled,
      store_ids: report.storeIds,
      store_ids_count: report.storeIds?.length ?? null,
    },
    zone: today.zone,
    zone_source: zoneSourceOf(store, today),
    assumed_zone: assumedZone,
    assumed_hours: assumedHours,
    hours: { windows, effective_from, assumed, rejected },
    matches_report: differences.length === 0,
    differences,
    note: noteOn(differences),
    windows: windowsView(timeline, availability),
    days: timeline.days.map((day) =>
      dayView(day, week.dates.clock, facts.calendar ?? null, hoursOn(store, day.date).windows === null),
    ),
    outages: availability.outages.map(outageView),
    longest_outage_us: availability.longestOutageUs,
    ...ignoredView(ignored, later),
    inactive: inactive.map(spanView),
    collector_outages: outages.map(spanView),
  };
}

function noteOn(differences: readonly Difference[]): string | null {
  if (differences.length === 0) return null;
  return (
    `The facts have changed since the report was made: ${differences.length} of its figures for this store are other ` +
    'ones now. What is told here follows from the facts as they are; the report keeps what it said. Trigger it again ' +
    'with its as_of and options to have them in a report.'
  );
}

async function storeOrNull(client: pg.PoolClient, storeId: string): Promise<StoreState | null> {
  try {
    return await readStore(client, storeId);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** By key where there is one; else, or where the store has come back under another key, among all rows. */
async function findRow(
  client: pg.PoolClient,
  report: Report,
  storeId: string,
  store: StoreState | null,
): Promise<ReportedFigures | null> {
  // Text that the database does not take is the id of no store.
  if (/[\p{Cc}\p{Cs}]/u.test(storeId)) return null;
  const { resultId } = report;
  const row = store && (await readReportedRow(client, resultId, storeId, store.key));
  return row ?? (await readReportedRow(client, resultId, storeId, null));
}

/** Collector outages change no figure that a row holds; they are told as the report's metadata tell them. */
async function readSurroundings(
  client: pg.PoolClient,
  report: Report,
  storeKey: number,
): Promise<Pick<Evidence, 'outages' | 'later'>> {
  const { rows } = await client.query<{ outages: { start: string; end: string }[] | null; later: number }>(
    `SELECT (SELECT metadata -> 'collector_outages' FROM reports WHERE report_id = $1) AS outages,
            (SELECT coalesce(sum(cardinality(polls)), 0)::int FROM store_day_polls
              WHERE store_key = $2 AND day > $3::date) AS later`,
    [report.id, storeKey, dateOfInstant(Number(report.asOfUs))],
  );
  const { outages, later } = rows[0]!;
  return {
    outages: (outages ?? []).map(({ start, end }) => ({
      startUs: parseInstantUs(start)!,
      endUs: parseInstantUs(end)!,
    })),
    later,
  };
}
