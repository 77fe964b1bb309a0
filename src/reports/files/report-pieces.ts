import type pg from 'pg';
import type { Pieces } from '../../platform/storage/file-storage.js';
import type { ReportMetadata } from '../making/report-metadata.js';
import type { Report } from '../requests/report.entity.js';
import { reportColumns } from './report-columns.js';
import { reportCsv } from './report-csv.js';
import { readExtension, reportJson } from './report-json.js';
import { choiceOf, type ReportVariant } from './report-variant.js';
import { reportXlsx } from './report-xlsx.js';
import { rowPages } from './row-pages.js';

/** What is known of a completed report: under which id its rows lie, and how many there have to be. */
export type PublishedReport = Pick<Report, 'id' | 'resultId' | 'label' | 'stores'>;

/** Rows or metadata of the result are not there any more, or not all of them. */
export class NoLongerWhole extends Error {
  constructor() {
    super('What the file was made from is no longer kept.');
    this.name = 'NoLongerWhole';
  }
}

/**
 * The content of a file, out of the rows that are kept. It breaks off at its end where there are not as many rows as
 * the report has, so that a file with some of them is never published.
 *
 * @throws NoLongerWhole here or while the pieces are read
 */
export async function piecesOf(
  client: pg.PoolClient,
  report: PublishedReport,
  variant: ReportVariant,
): Promise<Pieces> {
  const { format, extended, spreadsheetSafe } = choiceOf(variant);
  if (format === 'json') return [await jsonOf(client, report, extended)];
  const { resultId, stores } = report;
  const columns = reportColumns(extended);
  const pages = rowPages(client, resultId, columns);
  let rows = 0;
  const counted = (some: number): void => {
    rows += some;
  };
  const pieces: AsyncIterable<string | Uint8Array> =
    format === 'csv'
      ? reportCsv(pages, columns, spreadsheetSafe, counted)
      : reportXlsx(pages, columns, counted);
  return complete(pieces, () => rows === stores);
}

async function* complete<T>(pieces: AsyncIterable<T>, isComplete: () => boolean): AsyncGenerator<T> {
  yield* pieces;
  if (!isComplete()) throw new NoLongerWhole();
}

async function jsonOf(client: pg.PoolClient, report: PublishedReport, extended: boolean): Promise<string> {
  const { id, resultId, label, stores } = report;
  const { rows } = await client.query<{ metadata: ReportMetadata | null }>(
    'SELECT metadata FROM reports WHERE report_id = $1',
    [id],
  );
  const kept = rows[0]?.metadata;
  if (!kept) throw new NoLongerWhole();
  // One that was answered from another has that one's metadata, whose figures are its own too.
  const metadata = { ...kept, report_id: id, label, ...(id !== resultId && { reused_from: resultId }) };
  if (!extended) return reportJson(metadata, null);
  const { extension, rows: found } = await readExtension(client, resultId);
  if (found !== stores) throw new NoLongerWhole();
  return reportJson(metadata, extension);
}
