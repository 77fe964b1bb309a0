import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import {
  earliestRelevantUs,
  localClock,
  type StoreCalendar,
  type StoreFacts,
} from '../availability/index.js';
import { type BinaryRows, copyOut, copyOutPages } from '../platform/database/copy-binary-reader.js';
import { DAY_US, dateOfInstant } from '../platform/instant.js';
import { readCalendars, weeklyWindows } from './calendar/store-calendar.reader.js';

/** Which stores somebody asks about, and as of when. */
export interface StoreScope {
  asOfUs: number;
  /** For stores that no file gives a zone. */
  defaultZone: string;
  /** Also those that had no poll at or before `asOfUs`. */
  includeUnpolled: boolean;
  /** Null: all. */
  storeIds: readonly string[] | null;
  /** How many days up to `asOfUs` are looked at; 0: the instant alone. Left out: those of a report's week. */
  days?: number;
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
  /** In force at as-of. */
  zone: string;
  /** The default zone holds on some date of the week, because nobody named one for it. */
  assumedZone: boolean;
  /** Open around the clock on some date of the week, because no hours are known for it. */
  assumedHours: boolean;
  /** Assumed although rows came: every one of them was rejected. */
  hoursRejected: boolean;
}

/** A business day that reaches into a report's week, in whatever zone, is at most so many dates before the UTC date of as-of. */
export const DATES_REPORTED = 10;
/** Into how many chunks stores are cut, as far as the bounds of a chunk allow. */
export interface ChunkSize {
  pieces: number;
  least: number;
  most: number;
}

/** Bounds the memory of a report: what is known of so many stores, their polls apart, takes some 6 MB. */
export const STORES_PER_CHUNK = 8_192;
const LARGEST_CHUNKS: ChunkSize = { pieces: 1, least: 1, most: STORES_PER_CHUNK };

/**
 * The one place where rows become engine input. Every method takes the connection, so that a caller reads all of it
 * in one snapshot.
 */
@Injectable()
export class StoreFactsReader {
  /** The newest poll over all stores that is not after `notAfterUs`; null when there is none. */
  async newestPollUs(client: pg.PoolClient, notAfterUs: number): Promise<number | null> {
    const { rows } = await client.query<{ newest: string | null; ahead: boolean }>(
      `SELECT max(last_poll_us) FILTER (WHERE last_poll_us <= $1) AS newest,
              coalesce(bool_or(last_poll_us > $1), false) AS ahead
         FROM stores`,
      [notAfterUs],
    );
    const { newest, ahead } = rows[0]!;
    const known = newest === null ? null : Number(newest);
    // A clock elsewhere may run ahead of ours: such a store's newest poll in time is one before its last.
    return ahead ? later(known, await this.newestOfThoseAhead(client, notAfterUs)) : known;
  }

  private async newestOfThoseAhead(client: pg.PoolClient, notAfterUs: number): Promise<number | null> {
    const { rows } = await client.query<{ newest: string | null }>(
      `WITH last_in_time AS MATERIALIZED (
         SELECT d.store_key, max(d.day) AS day
           FROM store_day_polls AS d
           JOIN (SELECT store_key FROM stores WHERE last_poll_us > $1) AS s ON s.store_key = d.store_key
          WHERE d.day <= $2 AND d.polls[1] >> 1 <= $1
          GROUP BY d.store_key)
       SELECT max(p.poll >> 1) AS newest
         FROM last_in_time AS l
         JOIN store_day_polls AS d ON d.store_key = l.store_key AND d.day = l.day
        CROSS JOIN LATERAL unnest(d.polls) AS p (poll)
        WHERE p.poll >> 1 <= $1`,
      [notAfterUs, dateOfInstant(notAfterUs)],
    );
    const newest = rows[0]?.newest ?? null;
    return newest === null ? null : Number(newest);
  }

  /** The stores in scope, cut into chunks by key. */
  async chunks(client: pg.PoolClient, scope: StoreScope, size = LARGEST_CHUNKS): Promise<StoreChunk[]> {
    const { rows } = await client.query<{
      from_key: number;
      to_key: number;
      keys: number[] | null;
      stores: number;
    }>(
      `SELECT min(store_key) AS from_key, max(store_key) AS to_key, count(*)::int AS stores,
              CASE WHEN $3::text[] IS NOT NULL THEN array_agg(store_key) END AS keys
         FROM (SELECT store_key, (row_number() OVER (ORDER BY store_key) - 1)
                                 / greatest($5, least($6, ceil(count(*) OVER () / $4::float8)))::int AS chunk
                 FROM stores
                WHERE ($2 OR first_poll_us <= $1) AND ($3::text[] IS NULL OR store_id = ANY ($3))) AS numbered
        GROUP BY chunk ORDER BY chunk`,
      [scope.asOfUs, scope.includeUnpolled, scope.storeIds, size.pieces, size.least, size.most],
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

  /**
   * What is known of the stores of one chunk, by key: as much of their polls as can matter at `asOfUs`. It comes page
   * by page as the server sends it, so that the memory is the same however often a store is polled. The polls of a
   * store are good until the next store is asked for.
   */
  async *read(
    client: pg.PoolClient,
    chunk: StoreChunk,
    scope: StoreScope,
  ): AsyncGenerator<Iterable<StoreRecord>> {
    const ours = keyCondition(chunk);
    const stores = await copyOut(
      client,
      `SELECT s.store_key, s.store_id, s.zone, s.hours_rejected, h.windows
         FROM stores AS s LEFT JOIN business_hours AS h ON h.store_key = s.store_key
        WHERE s.${ours} ${scope.includeUnpolled ? '' : `AND s.first_poll_us <= ${scope.asOfUs}`}
        ORDER BY s.store_key`,
    );
    const calendars = await readCalendars(client, ours, scope.asOfUs, scope.days);
    const pages = copyOutPages(
      client,
      `SELECT store_key, polls FROM store_day_polls
        WHERE ${ours} AND day BETWEEN '${dateOfInstant(earliestRelevantUs(scope.asOfUs, scope.days))}' AND '${dateOfInstant(scope.asOfUs)}'
        ORDER BY store_key, day`,
    );
    const join = new StorePollJoin(recordsOf(stores, calendars, scope));
    for await (const polls of pages) yield join.take(polls);
    yield join.rest();
  }
}

function keyCondition(chunk: StoreChunk): string {
  return chunk.keys === null
    ? `store_key BETWEEN ${chunk.fromKey} AND ${chunk.toKey}`
    : `store_key = ANY ('{${chunk.keys.join()}}'::int[])`;
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

const NO_POLLS = new Float64Array(0);

/** Lays polls, which come in order of store and day, beside their stores, which come in order too. */
class StorePollJoin {
  private next = 0;
  private buffer = new Float64Array(4_096);
  private used = 0;
  private usedOf: number | null = null;

  constructor(private readonly stores: readonly StoreRecord[]) {}

  /** The stores that are complete: all those before the last one that the page names. */
  *take(polls: BinaryRows): Generator<StoreRecord> {
    while (polls.next()) {
      const key = polls.int4()!;
      if (key !== this.usedOf) {
        yield* this.before(key);
        this.usedOf = key;
        this.used = 0;
      }
      const count = polls.peekElements();
      if (this.used + count > this.buffer.length) this.buffer = grown(this.buffer, this.used + count);
      this.used = polls.int8ArrayInto(this.buffer, this.used);
    }
  }

  rest(): Generator<StoreRecord> {
    return this.before(Infinity);
  }

  private *before(key: number): Generator<StoreRecord> {
    for (
      let store = this.stores[this.next];
      store !== undefined && store.storeKey < key;
      store = this.stores[this.next]
    ) {
      const polls = store.storeKey === this.usedOf ? this.buffer.subarray(0, this.used) : NO_POLLS;
      yield { ...store, facts: { ...store.facts, polls } };
      this.next += 1;
    }
  }
}

function grown(buffer: Float64Array, least: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(least, buffer.length * 2));
  larger.set(buffer);
  return larger;
}

/** The stores without their polls. */
function recordsOf(
  rows: BinaryRows,
  calendars: ReadonlyMap<number, StoreCalendar>,
  { asOfUs, defaultZone }: StoreScope,
): StoreRecord[] {
  const first = Math.floor(asOfUs / DAY_US) - DATES_REPORTED;
  const records: StoreRecord[] = [];
  while (rows.next()) {
    const storeKey = rows.int4()!;
    const storeId = rows.text()!;
    const zone = rows.text();
    const hoursRejected = rows.bool()!;
    const windows = rows.int4Array();
    const calendar = calendars.get(storeKey) ?? null;
    const hoursChanged = isInForce(calendar?.hoursChanges, first);
    records.push({
      storeKey,
      storeId,
      zone: zoneAt(asOfUs, zone ?? defaultZone, calendar),
      facts: {
        zone: zone ?? defaultZone,
        hours: windows && weeklyWindows(windows),
        calendar,
        polls: NO_POLLS,
      },
      assumedZone: zone === null && !isInForce(calendar?.zoneChanges, first),
      assumedHours: windows === null && !hoursChanged,
      hoursRejected: hoursRejected && !hoursChanged,
    });
  }
  return records;
}

/** The zone by which a store's clock is set at an instant. */
function zoneAt(instantUs: number, first: string, calendar: StoreCalendar | null): string {
  let zone = first;
  for (const change of calendar?.zoneChanges ?? []) {
    // It holds from 00:00 of its date by the zone before it.
    if (localClock(zone).wallAt(instantUs) < change.fromDate * DAY_US) break;
    zone = change.zone;
  }
  return zone;
}

/** Whether somebody said what holds on a date, so that nothing has to be assumed. */
export function isInForce(changes: readonly { fromDate: number }[] | undefined, date: number): boolean {
  return changes?.[0] !== undefined && changes[0].fromDate <= date;
}
