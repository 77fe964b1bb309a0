import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { REPORT_WINDOWS, type ReportWindow, WINDOW_UNITS } from '../files/report-columns.js';
import type { Report } from '../requests/report.entity.js';
import { windowsOf } from './by-window.js';
import { rowsGone } from './row-cells.js';
import { inHundredths, inPercent } from './row-fields.js';
import type {
  QuantilesView,
  ReportSummaryView,
  WindowDistributionView,
  WindowQuantilesView,
  WorstStoreView,
  ZoneTotalsView,
} from './report-summary.view.js';
import { ExactSums, TOTALS_BY_ZONE } from './summary-totals.js';

/** Counts up when the same rows would be summed up in another form; what was kept in an older one is counted again. */
const FORM = 1;
const BINS = 20;
const WORST = 10;
const QUANTILES = { p1: 0.01, p5: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;

const AVAILABILITY: Readonly<Record<ReportWindow, string>> = perWindow((window) =>
  inPercent(`${window}_uptime_us`, `${window}_uptime_us + ${window}_downtime_us`),
);
const DOWNTIME: Readonly<Record<ReportWindow, string>> = perWindow((window) =>
  inHundredths(`${window}_downtime_us`, WINDOW_UNITS[window]),
);

/** Windows side by side, each row three times: one pass for all histograms. Bins by exact figures, not by shown ones. */
const DISTRIBUTION = `
  SELECT name, CASE WHEN uptime + downtime > 0 THEN least(uptime * ${BINS} / (uptime + downtime), ${BINS - 1}) END::int AS bin,
         count(*)::int AS stores
    FROM report_rows,
         LATERAL (VALUES ${REPORT_WINDOWS.map((window) => `('${window}', ${window}_uptime_us, ${window}_downtime_us)`).join(', ')})
           AS windows (name, uptime, downtime)
   WHERE report_id = $1 GROUP BY 1, 2`;

/** What so many per cent don't exceed, of each window; arrays of whole hundredths. */
const QUANTILES_OF_WINDOWS = `
  SELECT ${REPORT_WINDOWS.flatMap((window) =>
    [AVAILABILITY[window], DOWNTIME[window]].map(
      (figure) => `(percentile_disc($2::float8[]) WITHIN GROUP (ORDER BY ${figure})
        FILTER (WHERE ${window}_uptime_us + ${window}_downtime_us > 0))::int[]`,
    ),
  ).join(', ')}
    FROM report_rows WHERE report_id = $1`;

/** Sums up the rows of finished reports, each result once. */
@Injectable()
export class ReportSummaryReader {
  private readonly underway = new Map<string, Promise<ReportSummaryView>>();

  constructor(private readonly dataSource: DataSource) {}

  /** @throws Problem 410 when the rows are no longer kept. */
  async read(report: Report): Promise<ReportSummaryView> {
    const kept = await this.kept(report.resultId);
    if (kept !== null) return kept;
    const known = this.underway.get(report.resultId);
    if (known !== undefined) return known;
    const summary = this.make(report).finally(() => this.underway.delete(report.resultId));
    this.underway.set(report.resultId, summary);
    return summary;
  }

  private async kept(resultId: string): Promise<ReportSummaryView | null> {
    const rows: { summary: { form: number; view: ReportSummaryView } }[] = await this.dataSource.query(
      'SELECT summary FROM reports WHERE result_id = $1 AND summary IS NOT NULL LIMIT 1',
      [resultId],
    );
    const [row] = rows;
    return row?.summary.form === FORM ? row.summary.view : null;
  }

  private async make(report: Report): Promise<ReportSummaryView> {
    const view = await inTransaction(this.dataSource, (client) => summaryOf(client, report), ONE_SNAPSHOT);
    // At every request that was answered with these rows: whichever is removed, the others keep it.
    await this.dataSource.query('UPDATE reports SET summary = $2 WHERE result_id = $1', [
      report.resultId,
      JSON.stringify({ form: FORM, view }),
    ]);
    return view;
  }
}

async function summaryOf(client: pg.PoolClient, report: Report): Promise<ReportSummaryView> {
  const { resultId, unobserved } = report;
  const byZone = await sumsByZone(client, resultId);
  const all = byZone.reduce((sum, [, sums]) => sum.plus(sums), ExactSums.none());
  if (report.stores !== null && all.stores < report.stores) throw rowsGone();
  const zones = byZone
    .map(([zone, sums]): ZoneTotalsView => ({ zone, stores: sums.stores, totals: sums.totals(unobserved) }))
    .sort((one, other) => other.stores - one.stores || compare(one.zone ?? '', other.zone ?? ''));
  return {
    stores: all.stores,
    totals: all.totals(unobserved),
    counts: all.counts(),
    distribution: await distributionOf(client, resultId),
    quantiles: await quantilesOf(client, resultId),
    worst: await worstOf(client, resultId, () => 'true'),
    worst_partly_up: await worstOf(
      client,
      resultId,
      (window) => `NOT assumed_hours AND ${window}_uptime_us > 0`,
    ),
    zones,
  };
}

async function sumsByZone(client: pg.PoolClient, resultId: string): Promise<[string | null, ExactSums][]> {
  const { rows } = await client.query<[string | null, ...string[]]>({
    text: TOTALS_BY_ZONE,
    values: [resultId],
    rowMode: 'array',
  });
  return rows.map(([zone, ...sums]) => [zone, ExactSums.of(sums)]);
}

async function distributionOf(
  client: pg.PoolClient,
  resultId: string,
): Promise<ReportSummaryView['distribution']> {
  const { rows } = await client.query<{ name: ReportWindow; bin: number | null; stores: number }>(
    DISTRIBUTION,
    [resultId],
  );
  const stores = (window: ReportWindow, bin: number | null): number =>
    rows.find((row) => row.name === window && row.bin === bin)?.stores ?? 0;
  const width = 100 / BINS;
  return windowsOf(
    (window): WindowDistributionView => ({
      bins: Array.from({ length: BINS }, (_, bin) => ({
        from: bin * width,
        to: (bin + 1) * width,
        stores: stores(window, bin),
      })),
      without: stores(window, null),
    }),
  );
}

async function quantilesOf(client: pg.PoolClient, resultId: string): Promise<ReportSummaryView['quantiles']> {
  const { rows } = await client.query<(number[] | null)[]>({
    text: QUANTILES_OF_WINDOWS,
    values: [resultId, Object.values(QUANTILES)],
    rowMode: 'array',
  });
  const cells = rows[0] ?? [];
  return windowsOf((window): WindowQuantilesView => {
    const first = REPORT_WINDOWS.indexOf(window) * 2;
    return { availability_percent: quantiles(cells[first]), downtime: quantiles(cells[first + 1]) };
  });
}

function quantiles(hundredths: readonly number[] | null | undefined): QuantilesView {
  const entries = Object.keys(QUANTILES).map((name, place): [string, number | null] => {
    const value = hundredths?.[place];
    return [name, value === undefined ? null : value / 100];
  });
  return Object.fromEntries(entries) as unknown as QuantilesView;
}

/** @param condition SQL of our own over `report_rows`. */
async function worstOf(
  client: pg.PoolClient,
  resultId: string,
  condition: (window: ReportWindow) => string,
): Promise<ReportSummaryView['worst']> {
  const worst = new Map<ReportWindow, WorstStoreView[]>();
  for (const window of REPORT_WINDOWS) {
    const unit = WINDOW_UNITS[window];
    const { rows } = await client.query<WorstStoreView>(
      `SELECT store_id, zone, assumed_hours,
              ${inHundredths(`${window}_uptime_us`, unit)} / 100.0::float8 AS uptime,
              ${DOWNTIME[window]} / 100.0::float8 AS downtime,
              ${inHundredths(`${window}_unobserved_us`, unit)} / 100.0::float8 AS unobserved,
              ${AVAILABILITY[window]} / 100.0::float8 AS availability_percent
         FROM report_rows WHERE report_id = $1 AND ${window}_downtime_us > 0 AND ${condition(window)}
        ORDER BY ${DOWNTIME[window]} DESC, store_id LIMIT ${WORST}`,
      [resultId],
    );
    worst.set(window, rows);
  }
  return windowsOf((window) => worst.get(window) ?? []);
}

function perWindow(make: (window: ReportWindow) => string): Record<ReportWindow, string> {
  return { hour: make('hour'), day: make('day'), week: make('week') };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
