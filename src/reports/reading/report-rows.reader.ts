import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction, ONE_SNAPSHOT, withConnection } from '../../platform/database/connection.js';
import type { Report } from '../requests/report.entity.js';
import { keysBetween, KeyOrders, lengthOf } from './key-orders.js';
import type { ReportRowListView, ReportRowView } from './report-rows.view.js';
import { requireRows, rowsById, rowsByKey, rowsGone, type ShownRow } from './row-cells.js';
import { orderName, type RowsQuery } from './rows-query.js';

/** Shows the rows of a finished report, sorted and filtered, page by page. */
@Injectable()
export class ReportRowsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly orders: KeyOrders,
  ) {}

  /**
   * A page of the rows that pass the filters. Rows that compare equal stand in the byte order of `store_id`, so that
   * no two pages overlap; nulls come last.
   *
   * @param other a report whose figures are to stand beside those of each row.
   * @throws Problem 410 when the rows are no longer kept.
   */
  async page(report: Report, query: RowsQuery, other: Report | null): Promise<ReportRowListView> {
    const order = await this.orders.get(orderName(report.resultId, query), () =>
      inTransaction(this.dataSource, (client) => orderOf(client, report, query), ONE_SNAPSHOT),
    );
    const keys = keysBetween(order, query.offset, query.offset + query.limit);
    const data = await withConnection(this.dataSource, async (client) => {
      const rows = await rowsByKey(client, report.resultId, keys);
      if (rows.size < keys.length) throw rowsGone();
      const page: ReportRowView[] = keys.map((key) => rows.get(key)!);
      if (other !== null) await compare(client, other, keys, page);
      return page;
    });
    return { data, total: lengthOf(order), offset: query.offset };
  }
}

/** The keys of all rows that pass, in their order, in one value: a million of them are four megabytes. */
async function orderOf(client: pg.PoolClient, report: Report, query: RowsQuery): Promise<Buffer> {
  await requireRows(client, report);
  const picked = query.sort.map(({ field }, place) => `, ${field.sql} AS by_${place}`).join('');
  const order = query.sort.map(
    ({ descending }, place) => `by_${place} ${descending ? 'DESC' : 'ASC'} NULLS LAST, `,
  );
  const { rows } = await client.query<{ keys: Buffer | null }>(
    `WITH found AS MATERIALIZED (SELECT store_key, store_id${picked} FROM ${query.source} WHERE ${query.where})
     SELECT string_agg(int4send(store_key), ''::bytea ORDER BY ${order.join('')}store_id) AS keys FROM found`,
    [report.resultId, ...query.values],
  );
  return rows[0]?.keys ?? Buffer.alloc(0);
}

/**
 * Puts the other report's row beside each. Mostly a store has the same key in both; only one that was cleared and
 * loaded again in between has to be looked for by its id.
 */
async function compare(
  client: pg.PoolClient,
  other: Report,
  keys: readonly number[],
  page: readonly ReportRowView[],
): Promise<void> {
  await requireRows(client, other);
  const byKey = await rowsByKey(client, other.resultId, keys);
  const found = (place: number): ShownRow | undefined => {
    const row = byKey.get(keys[place]!);
    return row?.['store_id'] === idOf(page[place]!) ? row : undefined;
  };
  const missing = page.filter((_, place) => found(place) === undefined).map(idOf);
  const byId = await rowsById(client, other.resultId, missing);
  for (const [place, row] of page.entries()) row['compared'] = found(place) ?? byId.get(idOf(row)) ?? null;
}

function idOf(row: ReportRowView): string {
  return row['store_id'] as string;
}
