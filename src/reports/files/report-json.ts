import type pg from 'pg';
import type { ReportMetadata } from '../making/report-metadata.js';
import { EXTENDED_COLUMNS, REPORT_WINDOWS, type ReportColumn, sourceOf, totalSql } from './report-columns.js';

/** The JSON file: the metadata, and where asked for what its columns add up to and mean. */
export function reportJson(metadata: ReportMetadata, extension: ReportExtension | null): string {
  return `${JSON.stringify({ ...metadata, ...extension }, null, 2)}\n`;
}

/** What `extended` adds to the JSON. */
export interface ReportExtension {
  /** Over all stores, by window and column; null where no store has a figure: without open time, or without cameras. */
  totals: Record<string, Record<string, number | null>>;
  /** The columns of the extended CSV and XLSX, in their order. */
  columns: { name: string; unit: string; description: string }[];
}

const SUMMED = EXTENDED_COLUMNS.filter(({ total }) => total !== null);

/** @returns also of how many rows it speaks. */
export async function readExtension(
  client: pg.PoolClient,
  resultId: string,
): Promise<{ extension: ReportExtension; rows: number }> {
  const sums = SUMMED.map((column) => `${totalSql(column)}::float8`).join(', ');
  const { rows } = await client.query<(number | null)[]>({
    text: `SELECT count(*)::int4, ${sums} FROM ${sourceOf(SUMMED)} WHERE report_id = $1`,
    values: [resultId],
    rowMode: 'array',
  });
  const [count, ...figures] = rows[0]!;
  return { rows: count!, extension: { totals: totalsOf(figures), columns: EXTENDED_COLUMNS.map(explain) } };
}

function totalsOf(figures: readonly (number | null)[]): ReportExtension['totals'] {
  const totals: ReportExtension['totals'] = {};
  for (const window of [...REPORT_WINDOWS, null]) {
    const entries = SUMMED.map((column, place) => [column, figures[place] ?? null] as const)
      .filter(([column]) => column.window === window)
      .map(([{ name }, figure]) => [window === null ? name : name.replace(`_last_${window}`, ''), figure]);
    totals[window === null ? 'stores' : `last_${window}`] = Object.fromEntries(entries) as Record<
      string,
      number | null
    >;
  }
  return totals;
}

function explain({ name, unit, description }: ReportColumn): ReportExtension['columns'][number] {
  return { name, unit, description };
}
