import { type Availability, formatDuration, type WindowFigures } from '../../availability/index.js';
import type { BinaryRows } from '../../platform/database/copy-binary-reader.js';
import type { BinaryRowWriter } from '../../platform/database/copy-binary-writer.js';
import type { StoreRecord } from '../../stores/store-facts.reader.js';

const WINDOWS = ['hour', 'day', 'week'] as const;
const FIGURES = [
  ['open_us', 'openUs'],
  ['uptime_us', 'uptimeUs'],
  ['downtime_us', 'downtimeUs'],
  ['unobserved_us', 'unobservedUs'],
  ['uptime_min_us', 'uptimeMinUs'],
  ['downtime_min_us', 'downtimeMinUs'],
] as const satisfies readonly (readonly [string, keyof WindowFigures])[];
const COUNTS = [
  ['polls', 'polls'],
  ['polls_outside', 'pollsOutsideHours'],
] as const satisfies readonly (readonly [string, keyof WindowFigures])[];

/** The columns of `report_rows` in the order in which `writeReportRow` fills them. */
export const REPORT_ROW_COLUMNS: readonly string[] = [
  'store_key',
  'report_id',
  'store_id',
  ...WINDOWS.flatMap((window) => [...FIGURES, ...COUNTS].map(([column]) => `${window}_${column}`)),
  'outages',
  'longest_outage_us',
  'assumed_zone',
  'assumed_hours',
  ...WINDOWS.map((window) => `${window}_inactive_us`),
  'zone',
];

/** Adds one store's figures to a binary COPY into `report_rows`. */
export function writeReportRow(out: BinaryRowWriter, reportId: string, store: StoreRecord, result: Availability): void {
  out.row(REPORT_ROW_COLUMNS.length);
  out.int4(store.storeKey);
  out.uuid(reportId);
  out.text(store.storeId);
  for (const figures of [result.lastHour, result.lastDay, result.lastWeek]) {
    for (const [, member] of FIGURES) out.int8(figures[member]);
    for (const [, member] of COUNTS) out.int4(figures[member]);
  }
  out.int4(result.outages.length);
  out.int8(result.longestOutageUs);
  out.bool(store.assumedZone);
  out.bool(store.assumedHours);
  for (const { inactiveUs } of [result.lastHour, result.lastDay, result.lastWeek]) out.int8(inactiveUs);
  out.text(store.zone);
}

/** The seven columns that every client gets, in this order (semantics, "Output"). */
export const REPORT_CSV_HEADER =
  'store_id,uptime_last_hour,uptime_last_day,uptime_last_week,downtime_last_hour,downtime_last_day,downtime_last_week\n';

/** What `reportCsvLine` reads, in its order. */
export const REPORT_CSV_COLUMNS =
  'store_id, hour_uptime_us, day_uptime_us, week_uptime_us, hour_downtime_us, day_downtime_us, week_downtime_us';

/** One line of the CSV from a row of `REPORT_CSV_COLUMNS`: minutes for the hour, hours for the rest. */
export function reportCsvLine(row: BinaryRows): string {
  const storeId = csvCell(row.text()!);
  const uptime = `${formatDuration(row.int8()!, 'minutes')},${formatDuration(row.int8()!, 'hours')},${formatDuration(row.int8()!, 'hours')}`;
  const downtime = `${formatDuration(row.int8()!, 'minutes')},${formatDuration(row.int8()!, 'hours')},${formatDuration(row.int8()!, 'hours')}`;
  return `${storeId},${uptime},${downtime}\n`;
}

/** RFC 4180: a cell with a comma, a quote or a line break stands in quotes. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
