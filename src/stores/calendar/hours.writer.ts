import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { lockFacts } from '../fact-lock.js';
import { noteFactChange } from '../fact-versions.js';
import type { MergeCounts } from '../merge-counts.js';
import { ensureStores, IDS_A_STATEMENT } from '../store-keys.js';

/** All weekly windows of one store: (weekday, start, end) triples in order, each once. */
export interface StoreWindows {
  /** Index into `HoursLoad.storeIds`. */
  store: number;
  triples: readonly number[];
}

export interface HoursLoad {
  /** Stores with hours to keep. */
  storeIds: readonly string[];
  storeWindows: Iterable<StoreWindows>;
  /** Stores for which rows came and every one of them was rejected. */
  rejectedStoreIds: readonly string[];
}

/** Writes the business hours of stores. */
@Injectable()
export class HoursWriter {
  /**
   * Replaces all hours of each store that has some here, within the caller's transaction; other stores keep theirs.
   * They hold for all time: changes that were dated go. A store with nothing but rejected rows keeps its hours too,
   * and is flagged when it has none. Counts are of rows: a row is unchanged when the store had just this window and
   * no change, inserted when it had no hours, replaced otherwise.
   */
  async merge(client: pg.PoolClient, load: HoursLoad): Promise<MergeCounts> {
    await lockFacts(client);
    await client.query(
      `CREATE TEMPORARY TABLE staged_hours (store_key integer NOT NULL, windows integer[] NOT NULL) ON COMMIT DROP`,
    );
    const keys = await ensureStores(client, load.storeIds);
    await copyIn(client, 'staged_hours', ['store_key', 'windows'], async (rows) => {
      for (const { store, triples } of load.storeWindows) {
        rows.row(2);
        rows.int4(keys[store]!);
        rows.int4Array(triples);
        await rows.drained();
      }
    });
    const { rows } = await client.query<Record<keyof MergeCounts, string> & { changes: boolean }>(MERGE);
    const unflagged = await client.query(
      `UPDATE stores SET hours_rejected = false
        WHERE hours_rejected AND store_key IN (SELECT store_key FROM staged_hours)`,
    );
    const flagged = await this.flagRejected(client, load.rejectedStoreIds);
    const { inserted, replaced, unchanged, changes } = rows[0]!;
    await noteFactChange(client, { calendar: changes || flagged || unflagged.rowCount !== 0 });
    return { inserted: Number(inserted), replaced: Number(replaced), unchanged: Number(unchanged) };
  }

  private async flagRejected(client: pg.PoolClient, storeIds: readonly string[]): Promise<boolean> {
    let flagged = false;
    const keys = await ensureStores(client, storeIds);
    for (let start = 0; start < keys.length; start += IDS_A_STATEMENT) {
      const { rowCount } = await client.query(
        `UPDATE stores AS s SET hours_rejected = true
          WHERE store_key = ANY ($1::int[]) AND NOT hours_rejected
            AND NOT EXISTS (SELECT FROM business_hours AS h WHERE h.store_key = s.store_key)`,
        [Array.from(keys.subarray(start, start + IDS_A_STATEMENT))],
      );
      flagged ||= rowCount !== 0;
    }
    return flagged;
  }
}

const MERGE = `
  WITH compared AS MATERIALIZED (
    SELECT s.store_key, s.windows, e.windows AS former, cardinality(s.windows) / 3 AS given, c.store_key AS changed,
           CASE WHEN e.windows IS NULL OR c.store_key IS NOT NULL THEN 0
                WHEN e.windows = s.windows THEN cardinality(s.windows) / 3
                ELSE (SELECT count(*)
                        FROM generate_series(1, cardinality(s.windows), 3) AS a
                        JOIN generate_series(1, cardinality(e.windows), 3) AS b
                          ON s.windows[a:a + 2] = e.windows[b:b + 2]) END AS unchanged
      FROM staged_hours AS s
      LEFT JOIN business_hours AS e ON e.store_key = s.store_key
      LEFT JOIN (SELECT DISTINCT store_key FROM store_hours_changes) AS c ON c.store_key = s.store_key
  ), written AS (
    INSERT INTO business_hours AS h (store_key, windows)
    SELECT store_key, windows FROM compared WHERE former IS DISTINCT FROM windows ORDER BY store_key
    ON CONFLICT ON CONSTRAINT business_hours_pkey DO UPDATE SET windows = excluded.windows
    RETURNING 1
  ), removed AS (
    DELETE FROM store_hours_changes AS c USING compared WHERE c.store_key = compared.changed
    RETURNING 1
  )
  SELECT coalesce(sum(given) FILTER (WHERE former IS NULL AND changed IS NULL), 0) AS inserted,
         coalesce(sum(given - unchanged) FILTER (WHERE former IS NOT NULL OR changed IS NOT NULL), 0) AS replaced,
         coalesce(sum(unchanged), 0) AS unchanged,
         EXISTS (SELECT FROM written) OR EXISTS (SELECT FROM removed) AS changes
    FROM compared`;
