import type pg from 'pg';
import { Problem } from '../../platform/problem.js';
import type { Report } from '../requests/report.entity.js';
import { sourceOf } from '../files/report-columns.js';
import { ROW_FIELDS } from './row-fields.js';

/** The values of `ROW_FIELDS`, in their order, as the driver gives them. */
export type Cells = readonly (string | number | boolean | null)[];
export type ShownRow = Record<string, string | number | boolean | null>;

const COLUMNS = ROW_FIELDS.map(({ sql }) => sql).join(', ');
const SOURCE = sourceOf(ROW_FIELDS);
const BY_KEY = `SELECT ${COLUMNS}, store_key FROM ${SOURCE} WHERE report_id = $1 AND store_key = ANY ($2::int[])`;
const BY_ID = `SELECT ${COLUMNS} FROM ${SOURCE} WHERE report_id = $1 AND store_id = ANY ($2::text[])`;

/** Rows of a result by their store's key. */
export async function rowsByKey(
  client: pg.PoolClient,
  resultId: string,
  keys: readonly number[],
): Promise<Map<number, ShownRow>> {
  if (keys.length === 0) return new Map();
  // Named: that of fifty expressions would be planned anew for every page.
  const { rows } = await client.query<(string | number | boolean | null)[]>({
    name: 'report-rows-by-key',
    text: BY_KEY,
    values: [resultId, keys],
    rowMode: 'array',
  });
  return new Map(rows.map((cells) => [cells.at(-1) as number, shownRow(cells)]));
}

/**
 * Rows of a result by their store's id. Looks through all rows of the result, for want of an index that nothing else
 * would need.
 */
export async function rowsById(
  client: pg.PoolClient,
  resultId: string,
  ids: readonly string[],
): Promise<Map<string, ShownRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<(string | number | boolean | null)[]>({
    text: BY_ID,
    values: [resultId, ids],
    rowMode: 'array',
  });
  return new Map(rows.map(shownRow).map((row) => [row['store_id'] as string, row]));
}

/**
 * Sees to it that no report passes for one without stores because its rows were removed. Rows of a result are removed
 * all at once.
 *
 * @throws Problem 410
 */
export async function requireRows(client: pg.PoolClient, report: Report): Promise<void> {
  if (report.stores === 0) return;
  const { rowCount } = await client.query('SELECT FROM report_rows WHERE report_id = $1 LIMIT 1', [
    report.resultId,
  ]);
  if (rowCount === 0) throw rowsGone();
}

/** What a reader that came upon fewer rows than there were says: they were removed in the meantime. */
export function rowsGone(): Problem {
  return new Problem(
    410,
    'rows_gone',
    'The rows of this report are no longer kept. Trigger it again with its as_of and options.',
  );
}

function shownRow(cells: Cells): ShownRow {
  const row: ShownRow = {};
  for (const [place, { name, scale }] of ROW_FIELDS.entries()) {
    const value = cells[place] ?? null;
    row[name] = value === null || scale === 1 ? value : Number(value) / scale;
  }
  return row;
}
