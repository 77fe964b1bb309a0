import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { lockFacts } from '../fact-lock.js';
import { noteFactChange } from '../fact-versions.js';
import type { MergeCounts } from '../merge-counts.js';
import { ensureStores } from '../store-keys.js';

/** The windows of one store on one date. */
export interface StoreDate {
  /** Index into `ExceptionsLoad.storeIds`. */
  store: number;
  /** Days since 1970-01-01. */
  date: number;
  /** (start, end) pairs in seconds after midnight, in order, each once; none: closed. */
  pairs: readonly number[];
}

export interface ExceptionsLoad {
  storeIds: readonly string[];
  storeDates: Iterable<StoreDate>;
}

/** Writes the dates on which stores have windows of their own. */
@Injectable()
export class ExceptionsWriter {
  /**
   * Replaces the windows of each date that a store has here, within the caller's transaction; other dates and stores
   * keep theirs. Counts are of rows, a closed date being one: unchanged when the date had just this window, inserted
   * when it was no exception, replaced otherwise.
   */
  async merge(client: pg.PoolClient, load: ExceptionsLoad): Promise<MergeCounts> {
    await lockFacts(client);
    await client.query(
      `CREATE TEMPORARY TABLE staged_exceptions (store_key integer NOT NULL, date date NOT NULL, windows integer[] NOT NULL)
       ON COMMIT DROP`,
    );
    const keys = await ensureStores(client, load.storeIds);
    await copyIn(client, 'staged_exceptions', ['store_key', 'date', 'windows'], async (rows) => {
      for (const { store, date, pairs } of load.storeDates) {
        rows.row(3);
        rows.int4(keys[store]!);
        rows.date(date);
        rows.int4Array(pairs);
        await rows.drained();
      }
    });
    const { rows } = await client.query<Record<keyof MergeCounts, string> & { changes: boolean }>(MERGE);
    const { inserted, replaced, unchanged, changes } = rows[0]!;
    await noteFactChange(client, { calendar: changes });
    return { inserted: Number(inserted), replaced: Number(replaced), unchanged: Number(unchanged) };
  }
}

const MERGE = `
  WITH compared AS MATERIALIZED (
    SELECT s.store_key, s.date, s.windows, e.windows AS former, greatest(1, cardinality(s.windows) / 2) AS given,
           CASE WHEN e.windows IS NULL THEN 0
                WHEN e.windows = s.windows THEN greatest(1, cardinality(s.windows) / 2)
                ELSE (SELECT count(*)
                        FROM generate_series(1, cardinality(s.windows), 2) AS a
                        JOIN generate_series(1, cardinality(e.windows), 2) AS b
                          ON s.windows[a:a + 1] = e.windows[b:b + 1]) END AS unchanged
      FROM staged_exceptions AS s
      LEFT JOIN store_exceptions AS e ON e.store_key = s.store_key AND e.date = s.date
  ), written AS (
    INSERT INTO store_exceptions AS x (store_key, date, windows)
    SELECT store_key, date, windows FROM compared WHERE former IS DISTINCT FROM windows ORDER BY store_key, date
    ON CONFLICT ON CONSTRAINT store_exceptions_pkey DO UPDATE SET windows = excluded.windows
    RETURNING 1
  )
  SELECT coalesce(sum(given) FILTER (WHERE former IS NULL), 0) AS inserted,
         coalesce(sum(given - unchanged) FILTER (WHERE former IS NOT NULL), 0) AS replaced,
         coalesce(sum(unchanged), 0) AS unchanged,
         EXISTS (SELECT FROM written) AS changes
    FROM compared`;
