import { validate as isUuid } from 'uuid';
import type pg from 'pg';
import { type BinaryRows, copyOutPages } from '../../platform/database/copy-binary-reader.js';
import { type ReportColumn, sourceOf } from './report-columns.js';

/** The columns of a result's rows in the byte order of `store_id`, a page at a time. */
export function rowPages(
  client: pg.PoolClient,
  resultId: string,
  columns: readonly ReportColumn[],
): AsyncGenerator<BinaryRows> {
  // COPY takes no parameters.
  if (!isUuid(resultId)) throw new Error(`'${resultId}' is no id of a result.`);
  const fields = columns.map(({ sql }) => sql).join(', ');
  return copyOutPages(
    client,
    `SELECT ${fields} FROM ${sourceOf(columns)} WHERE report_id = '${resultId}' ORDER BY store_id`,
  );
}
