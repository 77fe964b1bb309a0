import type { DataSource } from 'typeorm';
import type { Policy } from '../../src/availability/index.js';
import type { LabFiguresView, LabResultView, LabView } from '../../src/reports/lab/lab.view.js';
import type { TestApi } from './application.js';
import { inUnit, numbers, ratio } from './report-figures.js';

export const LABS = '/api/v1/reports/lab';
const REPORTS = '/api/v1/reports';
const HOUR_US = 3_600_000_000n;
const MINUTE_US = 60_000_000n;

/** Every combination of options. */
export const POLICIES: readonly Policy[] = (['rolling', 'calendar'] as const).flatMap((windows) =>
  (['down', 'up', 'exclude'] as const).flatMap((unobserved) =>
    (['step', 'nearest'] as const).map((estimator) => ({ windows, unobserved, estimator })),
  ),
);

/** Stores of every kind: some closed on most days, some without hours or zone, most polled on a few days of the week only. */
export function unevenStores(seed: number, count: number): Record<string, string> {
  const next = numbers(seed);
  const polls = ['store_id,status,timestamp_utc'];
  const hours = ['store_id,day,start_time_local,end_time_local'];
  const zones = ['store_id,timezone_str'];
  const names = ['America/New_York', 'Asia/Kolkata', 'Europe/Berlin', 'Pacific/Auckland'];
  const two = (number: number): string => String(number).padStart(2, '0');
  for (let store = 0; store < count; store += 1) {
    const id = `${['s', 'S', 'é'][next(3)]}-${store}`;
    for (let day = 10; day <= 18; day += 1) {
      if (next(3) === 0) continue;
      for (let poll = next(6); poll >= 0; poll -= 1) {
        const status = next(3) === 0 ? 'inactive' : 'active';
        polls.push(`${id},${status},2023-01-${day} ${two(next(18))}:${two(next(60))}:${two(next(60))} UTC`);
      }
    }
    if (next(5) > 0) {
      const open = next(12);
      for (let day = 0; day < 7; day += 1)
        if (next(4) > 0)
          hours.push(`${id},${day},${two(open)}:00:00,${two((open + 3 + next(16)) % 24)}:30:00`);
    }
    if (next(5) > 0) zones.push(`${id},${names[next(names.length)]}`);
  }
  return {
    'store_status.csv': `${polls.join('\n')}\n`,
    'menu_hours.csv': `${hours.join('\n')}\n`,
    'timezone.csv': `${zones.join('\n')}\n`,
  };
}

export async function requestLab(api: TestApi, request: object): Promise<string> {
  const { body } = await api.http.post(LABS).send(request).expect(202);
  return body.id as string;
}

export async function endedLab(api: TestApi, id: string): Promise<LabView> {
  const { body } = await api.http.get(`${LABS}/${id}`).set('Prefer', 'wait=20').expect(200);
  return body as LabView;
}

/** What a comparison comes to. */
export async function resultOf(api: TestApi, request: object): Promise<LabResultView> {
  const { result, error } = await endedLab(api, await requestLab(api, request));
  if (result === null) throw new Error(String(error));
  return result;
}

/** A report with the same options, and its rows as the database holds them. */
export interface MadeReport {
  id: string;
  rows: Map<string, Readonly<Record<string, string>>>;
}

export async function makeReport(api: TestApi, dataSource: DataSource, request: object): Promise<MadeReport> {
  const { body } = await api.http.post(REPORTS).send(request).expect(202);
  const ended = await api.http.get(`${REPORTS}/${body.id}`).set('Prefer', 'wait=20').expect(200);
  if (ended.body.status !== 'completed') throw new Error(JSON.stringify(ended.body));
  const rows: Record<string, string>[] = await dataSource.query(
    `SELECT w.* FROM reports AS r JOIN report_rows AS w ON w.report_id = r.result_id WHERE r.report_id = $1`,
    [body.id],
  );
  return { id: body.id, rows: new Map(rows.map((row) => [row['store_id']!, row])) };
}

/** Sums over the rows of a report, as a comparison has to show them. */
export function totalsOf({ rows }: MadeReport): LabResultView['sets'][number]['totals'] {
  const window = (name: string) => {
    const sum = (figure: string): bigint =>
      [...rows.values()].reduce((all, row) => all + BigInt(row[`${name}_${figure}_us`]!), 0n);
    const [open, uptime, downtime] = [sum('open'), sum('uptime'), sum('downtime')];
    return {
      open_hours: inUnit(open, HOUR_US),
      uptime_hours: inUnit(uptime, HOUR_US),
      downtime_hours: inUnit(downtime, HOUR_US),
      unobserved_hours: inUnit(sum('unobserved'), HOUR_US),
      excluded_hours: inUnit(open - uptime - downtime, HOUR_US),
      availability_percent: ratio(uptime * 100n, uptime + downtime, 100n),
    };
  };
  return { last_hour: window('hour'), last_day: window('day'), last_week: window('week') };
}

/** The stores that differ between the reports of several sets, by brute force: all rows side by side, sorted at the end. */
export function differencesOf(
  names: readonly string[],
  reports: readonly MadeReport[],
): Pick<LabResultView, 'differing_stores' | 'most_differing'> {
  const figures = ['uptime', 'downtime'].flatMap((figure) =>
    ['hour', 'day', 'week'].map((window) => `${window}_${figure}_us`),
  );
  const all = [...reports[0]!.rows].map(([storeId, { zone }]) => {
    const rows = reports.map((report) => report.rows.get(storeId)!);
    const weeks = rows.map((row) => BigInt(row['week_uptime_us']!));
    const spread = weeks.reduce(larger) - weeks.reduce(smaller);
    return {
      view: {
        store_id: storeId,
        zone: zone!,
        uptime_last_week_spread: inUnit(spread, HOUR_US),
        uptime_last_week_spread_us: Number(spread),
        figures: rows.map((row, place) => shownFigures(names[place]!, row)),
      },
      differs: figures.some((figure) => new Set(rows.map((row) => row[figure])).size > 1),
    };
  });
  const differing = all.filter(({ differs }) => differs).map(({ view }) => view);
  differing.sort(
    (one, other) =>
      other.uptime_last_week_spread_us - one.uptime_last_week_spread_us ||
      Buffer.compare(Buffer.from(one.store_id), Buffer.from(other.store_id)),
  );
  return { differing_stores: differing.length, most_differing: differing.slice(0, 50) };
}

function shownFigures(set: string, row: Readonly<Record<string, string>>): LabFiguresView {
  const shown = (column: string, unitUs: bigint): number => inUnit(BigInt(row[column]!), unitUs);
  return {
    set,
    uptime_last_hour: shown('hour_uptime_us', MINUTE_US),
    uptime_last_day: shown('day_uptime_us', HOUR_US),
    uptime_last_week: shown('week_uptime_us', HOUR_US),
    downtime_last_hour: shown('hour_downtime_us', MINUTE_US),
    downtime_last_day: shown('day_downtime_us', HOUR_US),
    downtime_last_week: shown('week_downtime_us', HOUR_US),
  };
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);
