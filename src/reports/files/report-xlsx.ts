import { setImmediate } from 'node:timers/promises';
import { type CellValue, type ColumnDef, writeXlsxStream, XLSX_MAX_ROWS_PER_SHEET } from 'hucre/xlsx';
import { toHundredths } from '../../availability/index.js';
import type { BinaryRows } from '../../platform/database/copy-binary-reader.js';
import type { ReportColumn } from './report-columns.js';
import { spreadsheetSafe } from './spreadsheet-safe.js';

const SHEET = 'Report';
const HUNDREDTH_US = { minutes: 60_000_000, hours: 3_600_000_000 } as const;
/** Packing is work of this process, which has requests to answer in between. */
const ROWS_AT_ONCE = 200;

/**
 * The workbook, as it is packed: numbers as numbers with two decimals, ids as text, yes and no as such, the head
 * frozen. What does not fit on a sheet goes on to the next one, under the same head.
 *
 * @param pages rows with the SQL of `columns`
 * @param counted is told how many rows went in
 */
export function reportXlsx(
  pages: AsyncIterable<BinaryRows>,
  columns: readonly ReportColumn[],
  counted: (rows: number) => void,
  maxRowsPerSheet = XLSX_MAX_ROWS_PER_SHEET,
): AsyncIterable<Uint8Array> {
  return writeXlsxStream(rowsOf(pages, columns, counted), {
    name: SHEET,
    columns: columns.map(layoutOf),
    freezePane: { rows: 1 },
    maxRowsPerSheet,
  });
}

async function* rowsOf(
  pages: AsyncIterable<BinaryRows>,
  columns: readonly ReportColumn[],
  counted: (rows: number) => void,
): AsyncGenerator<CellValue[]> {
  const cells = columns.map(cellReader);
  let rows = 0;
  for await (const page of pages) {
    while (page.next()) {
      rows += 1;
      if (rows % ROWS_AT_ONCE === 0) await setImmediate();
      yield cells.map((cell) => cell(page));
    }
  }
  counted(rows);
}

function cellReader({ unit }: ReportColumn): (row: BinaryRows) => CellValue {
  switch (unit) {
    case 'minutes':
    case 'hours':
      return (row) => durationCell(row.int8(), unit);
    case 'share':
      return (row) => hundredth(row.int4());
    case 'count':
      return (row) => row.int4();
    case 'yes_no':
      return (row) => row.bool();
    case 'text':
      return (row) => textCell(row.text());
  }
}

function durationCell(us: number | null, unit: 'minutes' | 'hours'): number | null {
  return us === null ? null : toHundredths(us, HUNDREDTH_US[unit]) / 100;
}

function hundredth(hundredths: number | null): number | null {
  return hundredths === null ? null : hundredths / 100;
}

function textCell(text: string | null): string | null {
  return text === null ? null : spreadsheetSafe(text);
}

function layoutOf({ name, unit }: ReportColumn): ColumnDef {
  const hasDecimals = unit === 'minutes' || unit === 'hours' || unit === 'share';
  return { header: name, width: Math.max(12, name.length + 2), ...(hasDecimals && { numFmt: '0.00' }) };
}
