import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { earliestRelevantUs, type StoreFacts, type WeeklyWindow } from '../availability/index.js';
import { type BinaryRows, copyOut } from '../platform/database/copy-binary-reader.js';

/** Which stores somebody asks about, and as of when. */
export interface StoreScope {
  asOfUs: number;
  /** For stores that no file gives a zone. */
  defaultZone: string;
  /** Also those that had no poll at or before `asOfUs`. */
  includeUnpolled: boolean;
  /** Null: all. */
  storeIds: readonly string[] | null;
}

/** A piece of the stores in scope that fits in memory: all keys between the two, or those listed. */
export interface StoreChunk {
  fromKey: number;
  toKey: number;
  keys: readonly number[] | null;
  stores: number;
}

/** One store as the engine takes it, and where its facts had to be assumed. */
export interface StoreRecord {
  storeKey: number;
  storeId: string;
  facts: StoreFacts;
  assumedZone: boolean;
  /** Open around the clock, because no row of hours is known. */
  assumedHours: boolean;
  /** Assumed although rows came: every one of them was rejected. */
  hoursRejected: boolean;
}

/** Bounds the memory of a report: at a poll every ten minutes, a chunk's polls take some 20 MB. */
const STORES_PER_CHUNK = 2_048;
const US_PER_DAY = 86_400_000_000;

/**
 * The one place where rows become engine input. Every method takes the connection, so that a caller reads all of it
 * in one snapshot.
 */
@Injectable()
export class StoreFactsReader {
  /** The newest poll over all stores that is not after `notAfterUs`; null when there is none. */
  async newestPollUs(client: pg.PoolClient, notAfterUs: number): Promise<number | null> {
    const lastDay = dateOf(notAfterUs);
    const { rows } = await client.query<{ newest: string | null }>(
      `SELECT max(poll >> 1) AS newest
         FROM store_day_polls AS d CROSS JOIN LATERAL unnest(d.polls) AS p (poll)
        WHERE d.day = ANY (ARRAY(SELECT DISTINCT day FROM store_day_polls WHERE day <= $1 ORDER BY day DESC LIMIT 2))
          AND poll >> 1 <= $2`,
      [lastDay, notAfterUs],
    );
    const newest = rows[0]?.newest ?? null;
    return newest === null ? null : Number(newest);
  }

  /** The stores in scope, cut into chunks by key. */
  async chunks(client: pg.PoolClient, scope: StoreScope): Promise<StoreChunk[]> {
    const { rows } = await client.query<{
      from_key: number;
      to_key: number;
      keys: number[] | null;
      stores: number;
    }>(
      `SELECT min(store_key) AS from_key, max(store_key) AS to_key, count(*)::int AS stores,
              CASE WHEN $3::text[] IS NOT NULL THEN array_agg(store_key) END AS keys
         FROM (SELECT store_key, (row_number() OVER (ORDER BY store_key) - 1) / $4 AS chunk
                 FROM stores
                WHERE ($2 OR first_poll_us <= $1) AND ($3::text[] IS NULL OR store_id = ANY ($3))) AS numbered
        GROUP BY chunk ORDER BY chunk`,
      [scope.asOfUs, scope.includeUnpolled, scope.storeIds, STORES_PER_CHUNK],
    );
    return rows.map((row) => ({
      fromKey: row.from_key,
      toKey: row.to_key,
      keys: row.keys,
      stores: row.stores,
    }));
  }

  /** Stores that are known, but had no poll at or before `asOfUs`. */
  async countUnpolled(client: pg.PoolClient, asOfUs: number): Promise<number> {
    const { rows } = await client.query<{ stores: number }>(
      'SELECT count(*)::int AS stores FROM stores WHERE first_poll_us IS NULL OR first_poll_us > $1',
      [asOfUs],
    );
    return rows[0]!.stores;
  }

  /** What is known of the stores of one chunk, by key: as much of their polls as can matter at `asOfUs`. */
  async read(client: pg.PoolClient, chunk: StoreChunk, scope: StoreScope): Promise<StoreRecord[]> {
    const ours = keyCondition(chunk);
    const stores = await copyOut(
      client,
      `SELECT s.store_key, s.store_id, s.zone, s.hours_rejected, h.windows
         FROM stores AS s LEFT JOIN business_hours AS h ON h.store_key = s.store_key
        WHERE s.${ours} ${scope.includeUnpolled ? '' : `AND s.first_poll_us <= ${scope.asOfUs}`}
        ORDER BY s.store_key`,
    );
    const polls = await copyOut(
      client,
      `SELECT store_key, polls FROM store_day_polls
        WHERE ${ours} AND day BETWEEN '${dateOf(earliestRelevantUs(scope.asOfUs))}' AND '${dateOf(scope.asOfUs)}'
        ORDER BY store_key, day`,
    );
    return recordsOf(stores, pollsByStore(polls), scope.defaultZone);
  }
}

function keyCondition(chunk: StoreChunk): string {
  return chunk.keys === null
    ? `store_key BETWEEN ${chunk.fromKey} AND ${chunk.toKey}`
    : `store_key = ANY ('{${chunk.keys.join()}}'::int[])`;
}

function dateOf(instantUs: number): string {
  return new Date(Math.floor(instantUs / US_PER_DAY) * (US_PER_DAY / 1000)).toISOString().slice(0, 10);
}

/** The poll codes of each store in order of time; the rows come in order of store and day. */
function pollsByStore(rows: BinaryRows): Map<number, Float64Array> {
  const byStore = new Map<number, Float64Array>();
  let buffer = new Float64Array(4_096);
  let used = 0;
  let current: number | null = null;
  const keep = (): void => {
    if (current !== null) byStore.set(current, buffer.slice(0, used));
    used = 0;
  };
  while (rows.next()) {
    const key = rows.int4();
    if (key !== current) {
      keep();
      current = key;
    }
    const count = rows.peekElements();
    if (used + count > buffer.length) buffer = grown(buffer, used + count);
    used = rows.int8ArrayInto(buffer, used);
  }
  keep();
  return byStore;
}

function grown(buffer: Float64Array, least: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(least, buffer.length * 2));
  larger.set(buffer);
  return larger;
}

const NO_POLLS = new Float64Array(0);

function recordsOf(
  rows: BinaryRows,
  polls: ReadonlyMap<number, Float64Array>,
  defaultZone: string,
): StoreRecord[] {
  const records: StoreRecord[] = [];
  while (rows.next()) {
    const storeKey = rows.int4()!;
    const storeId = rows.text()!;
    const zone = rows.text();
    const hoursRejected = rows.bool()!;
    const windows = rows.int4Array();
    records.push({
      storeKey,
      storeId,
      facts: {
        zone: zone ?? defaultZone,
        hours: windows && weeklyWindows(windows),
        polls: polls.get(storeKey) ?? NO_POLLS,
      },
      assumedZone: zone === null,
      assumedHours: windows === null,
      hoursRejected,
    });
  }
  return records;
}

function weeklyWindows(triples: Int32Array): WeeklyWindow[] {
  const windows: WeeklyWindow[] = [];
  for (let i = 0; i < triples.length; i += 3) {
    windows.push({ weekday: triples[i]!, startSecond: triples[i + 1]!, endSecond: triples[i + 2]! });
  }
  return windows;
}
