import type { Availability, WindowFigures } from '../../availability/index.js';
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
export function writeReportRow(
  out: BinaryRowWriter,
  reportId: string,
  store: StoreRecord,
  result: Availability,
): void {
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
