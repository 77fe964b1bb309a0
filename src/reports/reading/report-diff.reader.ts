import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { toHundredths } from '../../availability/index.js';
import { inTransaction, ONE_SNAPSHOT, withConnection } from '../../platform/database/connection.js';
import { REPORT_WINDOWS, type ReportWindow, WINDOW_UNITS } from '../files/report-columns.js';
import type { Report } from '../requests/report.entity.js';
import type { DiffPart, DiffQuery } from './diff-query.js';
import { differsIn, presentSide } from './diff-sides.js';
import { keysBetween, KeyOrders, lengthOf } from './key-orders.js';
import type {
  DiffCountsView,
  DiffedFiguresView,
  ReportDiffView,
  StoreDifferenceView,
} from './report-diff.view.js';
import { requireRows, rowsGone } from './row-cells.js';
import { UNIT_US } from './row-fields.js';

const FIGURES = (['uptime', 'downtime'] as const).flatMap((figure) =>
  REPORT_WINDOWS.map((window) => ({
    name: `${figure}_last_${window}` as keyof DiffedFiguresView,
    column: `${window}_${figure}_us`,
    window,
    unitUs: UNIT_US[WINDOW_UNITS[window]],
  })),
);
const COLUMNS = FIGURES.map(({ column }) => column).join(', ');
/** Stands for the key in the report that has no such store; keys begin with 1. */
const NONE = 0;

/** Microseconds of the six figures, in the order of `FIGURES`. */
interface ExactRow {
  storeId: string;
  figuresUs: readonly number[];
}

/** Tells two finished reports apart, store by store. */
@Injectable()
export class ReportDiffReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly orders: KeyOrders,
  ) {}

  /**
   * A page of the stores that differ.
   *
   * @throws Problem 410 when the rows of one are no longer kept.
   */
  async page(report: Report, other: Report, query: DiffQuery): Promise<ReportDiffView> {
    const name = JSON.stringify(['diff', report.resultId, other.resultId, query.window]);
    const pairs = await this.orders.get(name, () =>
      inTransaction(this.dataSource, (client) => pairsOf(client, report, other, query.window), ONE_SNAPSHOT),
    );
    const counts = countsOf(pairs, report);
    const [start, end] = sliceOf(query.part, counts);
    const from = Math.min(start + query.offset, end);
    const page = keysBetween(pairs, from * 2, Math.min(from + query.limit, end) * 2);
    const data = await withConnection(this.dataSource, (client) =>
      differences(client, report.resultId, other.resultId, page),
    );
    return {
      this: presentSide(report),
      other: presentSide(other),
      differs_in: differsIn(report, other),
      window: query.window === null ? null : `last_${query.window}`,
      counts,
      data,
      total: end - start,
      offset: query.offset,
    };
  }
}

/**
 * For each store that differs its key in both, in order: changed ones, largest difference first, then those of the
 * first report alone, then those of the second. By id: a store that was cleared and loaded again has another key.
 */
async function pairsOf(
  client: pg.PoolClient,
  first: Report,
  second: Report,
  window: ReportWindow | null,
): Promise<Buffer> {
  await requireRows(client, first);
  await requireRows(client, second);
  const compared = FIGURES.filter((figure) => window === null || figure.window === window);
  const size = compared.map(({ column }) => `abs(a.${column} - b.${column})`).join(', ');
  const { rows } = await client.query<{ pairs: Buffer | null }>(
    `WITH a AS MATERIALIZED (SELECT store_key, store_id, ${COLUMNS} FROM report_rows WHERE report_id = $1),
          b AS MATERIALIZED (SELECT store_key, store_id, ${COLUMNS} FROM report_rows WHERE report_id = $2),
          pairs AS (
            SELECT coalesce(a.store_key, ${NONE}) AS a_key, coalesce(b.store_key, ${NONE}) AS b_key,
                   coalesce(a.store_id, b.store_id) AS store_id,
                   CASE WHEN a.store_id IS NOT NULL AND b.store_id IS NOT NULL THEN greatest(${size}) END AS size
              FROM a FULL JOIN b ON a.store_id = b.store_id)
     SELECT string_agg(int4send(a_key) || int4send(b_key), ''::bytea
                       ORDER BY size DESC NULLS LAST, a_key = ${NONE}, store_id) AS pairs
       FROM pairs WHERE size IS NULL OR size > 0`,
    [first.resultId, second.resultId],
  );
  return rows[0]?.pairs ?? Buffer.alloc(0);
}

/** How many of each kind there are. They stand one kind after the other, so this also tells where each begins. */
function countsOf(pairs: Buffer, report: Report): DiffCountsView {
  const total = lengthOf(pairs) / 2;
  const inBoth = (place: number): boolean => !keysBetween(pairs, place * 2, place * 2 + 2).includes(NONE);
  const inThis = (place: number): boolean => keysBetween(pairs, place * 2, place * 2 + 1)[0] !== NONE;
  const changed = firstWithout(inBoth, total);
  const ours = firstWithout(inThis, total);
  return {
    changed,
    unchanged: (report.stores ?? 0) - ours,
    only_in_this: ours - changed,
    only_in_other: total - ours,
  };
}

/** The first place of which something does not hold that holds of all before it and of none behind it. */
function firstWithout(holds: (place: number) => boolean, end: number): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From which pair to which the wanted ones stand. */
function sliceOf(part: DiffPart, { changed, only_in_this, only_in_other }: DiffCountsView): [number, number] {
  const afterThis = changed + only_in_this;
  const end = afterThis + only_in_other;
  const slices: Record<DiffPart, [number, number]> = {
    all: [0, end],
    changed: [0, changed],
    this: [changed, afterThis],
    other: [afterThis, end],
  };
  return slices[part];
}

/** @param pairs the keys of each store in both results, one behind the other. */
async function differences(
  client: pg.PoolClient,
  first: string,
  second: string,
  pairs: readonly number[],
): Promise<StoreDifferenceView[]> {
  const ours = await exactRows(
    client,
    first,
    pairs.filter((_, place) => place % 2 === 0),
  );
  const theirs = await exactRows(
    client,
    second,
    pairs.filter((_, place) => place % 2 === 1),
  );
  return Array.from({ length: pairs.length / 2 }, (_, place) => {
    const [inThis, inOther] = pairs.slice(place * 2, place * 2 + 2);
    return presentDifference(rowOf(ours, inThis!), rowOf(theirs, inOther!));
  });
}

function rowOf(rows: ReadonlyMap<number, ExactRow>, key: number): ExactRow | null {
  const row = rows.get(key);
  if (row === undefined && key !== NONE) throw rowsGone();
  return row ?? null;
}

async function exactRows(
  client: pg.PoolClient,
  resultId: string,
  keys: readonly number[],
): Promise<Map<number, ExactRow>> {
  if (keys.length === 0) return new Map();
  const { rows } = await client.query<[number, string, ...string[]]>({
    text: `SELECT store_key, store_id, ${COLUMNS} FROM report_rows WHERE report_id = $1 AND store_key = ANY ($2::int[])`,
    values: [resultId, keys],
    rowMode: 'array',
  });
  return new Map(
    rows.map(([key, storeId, ...figures]) => [key, { storeId, figuresUs: figures.map(Number) }]),
  );
}

function presentDifference(ours: ExactRow | null, theirs: ExactRow | null): StoreDifferenceView {
  const inBoth = ours !== null && theirs !== null;
  const deltasUs = inBoth ? ours.figuresUs.map((us, place) => us - theirs.figuresUs[place]!) : null;
  return {
    store_id: (ours ?? theirs)!.storeId,
    this: ours === null ? null : figuresOf(ours.figuresUs, inUnit),
    other: theirs === null ? null : figuresOf(theirs.figuresUs, inUnit),
    delta: deltasUs === null ? null : figuresOf(deltasUs, inUnit),
    delta_us: deltasUs === null ? null : figuresOf(deltasUs, (us) => us),
  };
}

function figuresOf(
  figuresUs: readonly number[],
  show: (us: number, unitUs: number) => number,
): DiffedFiguresView {
  const entries = FIGURES.map(({ name, unitUs }, place): [string, number] => [
    name,
    show(figuresUs[place]!, unitUs),
  ]);
  return Object.fromEntries(entries) as unknown as DiffedFiguresView;
}

/** With two decimals. Halves go away from zero, so that a difference taken the other way round is its opposite. */
function inUnit(us: number, unitUs: number): number {
  const size = toHundredths(Math.abs(us), unitUs) / 100;
  return us < 0 && size > 0 ? -size : size;
}
