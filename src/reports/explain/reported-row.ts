import type pg from 'pg';
import type { Availability, WindowFigures } from '../../availability/index.js';
import { REPORT_WINDOWS } from '../files/report-columns.js';

/** What a report keeps of a window. */
const FIGURES = {
  open_us: 'openUs',
  uptime_us: 'uptimeUs',
  downtime_us: 'downtimeUs',
  unobserved_us: 'unobservedUs',
  uptime_min_us: 'uptimeMinUs',
  downtime_min_us: 'downtimeMinUs',
  inactive_us: 'inactiveUs',
  polls: 'polls',
  polls_outside: 'pollsOutsideHours',
} as const satisfies Record<string, keyof WindowFigures>;
type Figure = keyof typeof FIGURES;
const FIGURE_NAMES = Object.keys(FIGURES) as Figure[];

/** By the name that the column has: `week_uptime_us`, `outages`. */
export type ReportedFigures = Readonly<Record<string, number>>;

const COLUMNS = [
  ...REPORT_WINDOWS.flatMap((window) => FIGURE_NAMES.map((figure) => `${window}_${figure}`)),
  'outages',
  'longest_outage_us',
];

/** The same figures of a store as the engine gives them. */
export function figuresOf(availability: Availability): ReportedFigures {
  const windows = {
    hour: availability.lastHour,
    day: availability.lastDay,
    week: availability.lastWeek,
  };
  const figures: Record<string, number> = {
    outages: availability.outages.length,
    longest_outage_us: availability.longestOutageUs,
  };
  for (const window of REPORT_WINDOWS) {
    for (const figure of FIGURE_NAMES) figures[`${window}_${figure}`] = windows[window][FIGURES[figure]];
  }
  return figures;
}

/** A figure that a report holds, and what the facts give now. */
export interface Difference {
  figure: string;
  report: number;
  now: number;
}

export function differencesOf(report: ReportedFigures, now: ReportedFigures): Difference[] {
  return COLUMNS.filter((figure) => report[figure] !== now[figure]).map((figure) => ({
    figure,
    report: report[figure]!,
    now: now[figure]!,
  }));
}

/**
 * The row of a store.
 * @param resultId the report's, whose rows they are
 * @param storeKey null: the store is not known any more, or by another key than when the report was made
 */
export async function readReportedRow(
  client: pg.ClientBase,
  resultId: string,
  storeId: string,
  storeKey: number | null,
): Promise<ReportedFigures | null> {
  const { rows } = await client.query<Record<string, string | number>>(
    // By key, since rows are not kept in the order of ids; by id alone where all facts were exchanged since.
    `SELECT ${COLUMNS.join(', ')} FROM report_rows
      WHERE report_id = $1 AND store_id = $2 AND ($3::int IS NULL OR store_key = $3)`,
    [resultId, storeId, storeKey],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return Object.fromEntries(COLUMNS.map((column) => [column, Number(row[column])]));
}
