import { buffer } from 'node:stream/consumers';
import { cellsOf, unzip } from '../../../test/support/unzip.js';
import { BinaryRows } from '../../platform/database/copy-binary-reader.js';
import { FLAT_COLUMNS } from './report-columns.js';
import { reportXlsx } from './report-xlsx.js';

const MINUTE_US = 60_000_000;

/** Rows as a binary COPY gives them: an id, then six durations. */
function page(ids: readonly string[]): BinaryRows {
  const field = (value: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value.length);
    return Buffer.concat([length, value]);
  };
  const duration = Buffer.alloc(8);
  duration.writeBigInt64BE(BigInt(90 * MINUTE_US));
  const row = (id: string): Buffer =>
    Buffer.concat([
      Buffer.from([0, 7]),
      field(Buffer.from(id)),
      ...Array.from({ length: 6 }, () => field(duration)),
    ]);
  return new BinaryRows(Buffer.concat(ids.map(row)));
}

async function* pagesOf(...pages: string[][]): AsyncGenerator<BinaryRows> {
  for (const ids of pages) yield page(ids);
}

describe('a workbook', () => {
  it('goes on to another sheet, under the same head, when one is full', async () => {
    let counted = 0;
    const pieces = reportXlsx(
      pagesOf(['a', 'b'], ['c', 'd', 'e']),
      FLAT_COLUMNS,
      (rows) => {
        counted += rows;
      },
      3,
    );
    const parts = unzip(await buffer(pieces));
    const sheets = [1, 2, 3].map((number) => cellsOf(parts.get(`xl/worksheets/sheet${number}.xml`)!));
    expect(sheets.map((rows) => rows.map((row) => row['A']!.text))).toEqual([
      ['store_id', 'a', 'b'],
      ['store_id', 'c', 'd'],
      ['store_id', 'e'],
    ]);
    expect(counted).toBe(5);
  });

  it('holds minutes and hours as numbers', async () => {
    const parts = unzip(await buffer(reportXlsx(pagesOf(['0012']), FLAT_COLUMNS, () => undefined)));
    const [, row] = cellsOf(parts.get('xl/worksheets/sheet1.xml')!);
    expect(row).toMatchObject({
      A: { type: 'inlineStr', text: '0012' },
      B: { type: 'n', isStyled: true, text: '90' },
      C: { type: 'n', isStyled: true, text: '1.5' },
    });
  });
});
