import { type Queryable, rowsOf } from './queryable.js';

/** What there is to count, in SQL of our own. */
export interface Counted {
  table: string;
  /** How many rows people would say that one of the table's stands for. */
  each: string;
}

export interface RowCount {
  rows: number;
  /** The table is too large to be counted while somebody waits. */
  estimated: boolean;
}

/** Tables up to this size are counted in a few tenths of a second. */
const COUNTED_BYTES = 64_000_000;
/** What is read of a larger one. */
const SAMPLED_BYTES = 16_000_000;

/** Rows of a table, as a condition in SQL of our own, and the size of the partitions in which they lie. */
interface SomeRows {
  where: string;
  parameters: unknown[];
  bytes: number;
}

/**
 * Counts what a table stands for; where it is large, estimates it from a sample of its pages.
 *
 * @param some which rows; without it, all.
 */
export async function countRows(db: Queryable, { table, each }: Counted, some?: SomeRows): Promise<RowCount> {
  const { where, parameters, bytes } = some ?? {
    where: 'true',
    parameters: [],
    bytes: await bytesOf(db, table),
  };
  const estimated = bytes > COUNTED_BYTES;
  const percent = estimated ? (100 * SAMPLED_BYTES) / bytes : 100;
  const [row] = await rowsOf<{ rows: string }>(
    db,
    `SELECT coalesce(sum(${each}), 0) AS rows
       FROM ${table} ${estimated ? `TABLESAMPLE SYSTEM (${percent})` : ''} WHERE ${where}`,
    parameters,
  );
  return { rows: Math.round((Number(row!.rows) * 100) / percent), estimated };
}

async function bytesOf(db: Queryable, table: string): Promise<number> {
  const [size] = await rowsOf<{ bytes: string }>(
    db,
    `SELECT coalesce(sum(pg_table_size(relid)), pg_table_size($1::regclass)) AS bytes FROM pg_partition_tree($1::regclass)`,
    [table],
  );
  return Number(size!.bytes);
}
