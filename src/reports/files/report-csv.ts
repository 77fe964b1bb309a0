import { formatDuration } from '../../availability/index.js';
import type { BinaryRows } from '../../platform/database/copy-binary-reader.js';
import type { ReportColumn } from './report-columns.js';
import { spreadsheetSafe } from './spreadsheet-safe.js';

/** Reads the column's field of a row and gives its cell. */
type CellReader = (row: BinaryRows) => string;

/**
 * The CSV, a piece for each page of rows: UTF-8, `\n`, no byte order mark.
 *
 * @param pages rows with the SQL of `columns`
 * @param isSafe no text that a spreadsheet would run
 * @param counted is told how many rows a piece holds
 */
export async function* reportCsv(
  pages: AsyncIterable<BinaryRows>,
  columns: readonly ReportColumn[],
  isSafe: boolean,
  counted: (rows: number) => void,
): AsyncGenerator<string> {
  const cells = columns.map((column) => cellReader(column, isSafe));
  yield `${columns.map(({ name }) => name).join(',')}\n`;
  for await (const page of pages) {
    let lines = '';
    let rows = 0;
    while (page.next()) {
      rows += 1;
      let line = '';
      for (const cell of cells) line += `,${cell(page)}`;
      lines += `${line.slice(1)}\n`;
    }
    counted(rows);
    yield lines;
  }
}

function cellReader({ unit }: ReportColumn, isSafe: boolean): CellReader {
  switch (unit) {
    case 'minutes':
    case 'hours':
      return (row) => durationText(row.int8(), unit);
    case 'share':
      return (row) => shareText(row.int4());
    case 'count':
      return (row) => String(row.int4());
    case 'yes_no':
      return (row) => String(row.bool());
    case 'text':
      return (row) => {
        const text = row.text() ?? '';
        return csvCell(isSafe ? spreadsheetSafe(text) : text);
      };
  }
}

/** @param us null: there is none, as of evidence without cameras */
function durationText(us: number | null, unit: 'minutes' | 'hours'): string {
  return us === null ? '' : formatDuration(us, unit);
}

function shareText(hundredths: number | null): string {
  return hundredths === null ? '' : (hundredths / 100).toFixed(2);
}

/** RFC 4180: a cell with a comma, a quote or a line break stands in quotes. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
