import type pg from 'pg';
import { type Queryable, rowsOf } from '../../platform/database/queryable.js';
import type { Watermark } from '../../stores/fact-versions.js';
import type { ReportMetadata } from '../making/report-metadata.js';

/** As metadata tell of an outage of the collector. */
export interface ShownOutage {
  start: string;
  end: string;
  ongoing: boolean;
}

/** A completed report whose rows another one may share. */
export interface EarlierReport {
  id: string;
  /** Under which the rows and files lie: of the first of a chain, also when that one has been deleted. */
  resultId: string;
  /** Those of its metadata. */
  collectorOutages: readonly ShownOutage[];
}

/** What the rows lie under has to be there: neither ended otherwise nor expired. A deleted one leaves it to the others. */
const USABLE = `r.result_key = $1 AND r.status = 'completed'
   AND NOT EXISTS (SELECT FROM reports AS o WHERE o.report_id = r.result_id AND o.status <> 'completed')`;

/** The newest report that says in rows and metadata what a computation would say now; null when there is none. */
export async function findEqual(
  db: Queryable,
  resultKey: string,
  watermark: Watermark,
): Promise<EarlierReport | null> {
  const [row] = await rowsOf<EarlierReport>(
    db,
    `SELECT r.report_id AS id, r.result_id AS "resultId", r.metadata->'collector_outages' AS "collectorOutages"
       FROM reports AS r WHERE ${USABLE} AND r.watermark = $2
      ORDER BY r.completed_at DESC LIMIT 1`,
    [resultKey, textOf(watermark)],
  );
  return row ?? null;
}

/** All results with the same rows, whatever polls changed around their days: one report for each. */
export function findEqualRows(db: Queryable, resultKey: string): Promise<EarlierReport[]> {
  return rowsOf<EarlierReport>(
    db,
    `SELECT DISTINCT ON (r.result_id) r.report_id AS id, r.result_id AS "resultId",
            r.metadata->'collector_outages' AS "collectorOutages"
       FROM reports AS r WHERE ${USABLE}
      ORDER BY r.result_id DESC, r.completed_at DESC`,
    [resultKey],
  );
}

/**
 * Keeps an earlier report from being deleted until the transaction ends, so that whoever deletes a result sees the
 * report that refers to it by then.
 *
 * @param watermark of the report that is answered from it
 * @returns the metadata of that report: those of the earlier one, with what may have changed beside its rows. Null: it
 *   is not there any more.
 */
export async function keepEarlier(
  client: pg.ClientBase,
  { id }: EarlierReport,
  watermark: Watermark,
): Promise<ReportMetadata | null> {
  const { rows } = await client.query<{ metadata: ReportMetadata }>(
    `SELECT metadata FROM reports WHERE report_id = $1 AND status = 'completed' FOR SHARE`,
    [id],
  );
  const [earlier] = rows;
  if (earlier === undefined) return null;
  const { metadata } = earlier;
  return {
    ...metadata,
    watermark: textOf(watermark),
    counts: { ...metadata.counts, stores_without_polls: watermark.unpolledStores },
  };
}

/** As it is kept with a report, and shown. */
export function textOf({ rows, around }: Watermark): string {
  return `${rows};${around}`;
}
