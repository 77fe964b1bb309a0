import type pg from 'pg';
import { countRows } from '../../platform/database/row-count.js';
import { foldName } from '../../stores/store-text.js';
import type { BboxFormat, Role } from '../movement-event.js';
import { resolveStores } from '../store-names.reader.js';

/** Which events are wanted; null: whichever. */
export interface MovementFilter {
  /** Id, name or alias of a store, or a name that no store has. */
  readonly store: string | null;
  /** Under any of which events may have the person: hashes, unless hashing is off. */
  readonly userIds: readonly string[] | null;
  readonly trackId: number | null;
  readonly cameraId: string | null;
  /** Microseconds since 1970. */
  readonly fromUs: number | null;
  /** Exclusive. */
  readonly toUs: number | null;
}

/** An event's place in the order of all. */
export interface MovementPlace {
  readonly atUs: number;
  readonly storeKey: number;
  readonly eventId: string;
  /** Folded; '' for events of a store. Two names that no store has may use one id. */
  readonly unmappedName: string;
}

/** An event as it is stored. */
export interface StoredMovement extends MovementPlace {
  readonly storeId: string | null;
  readonly storeName: string;
  readonly userId: string;
  readonly trackId: number;
  readonly cameraId: string;
  readonly bbox: readonly number[];
  readonly bboxFormat: BboxFormat;
  readonly frameW: number | null;
  readonly frameH: number | null;
  readonly state: string;
  readonly confidence: number | null;
  readonly role: Role | null;
  readonly receivedUs: number;
}

const UNMAPPED_NAME = `coalesce(e.unmapped_name, '')`;
const NEWEST_FIRST = `e.at_us DESC, e.store_key DESC, e.event_id DESC, ${UNMAPPED_NAME} DESC`;
const COLUMNS = `e.at_us::float8 AS "atUs", e.store_key AS "storeKey", e.event_id AS "eventId", ${UNMAPPED_NAME} AS "unmappedName", s.store_id AS "storeId",
  e.store_name AS "storeName", e.user_id AS "userId", e.track_id::float8 AS "trackId", e.camera_id AS "cameraId", e.bbox,
  e.bbox_format AS "bboxFormat", e.frame_w AS "frameW", e.frame_h AS "frameH", e.state, e.confidence, e.role,
  e.received_us::float8 AS "receivedUs"`;

/** The newest events of the filter that come after a place; null: from the newest. */
export async function readMovements(
  client: pg.ClientBase,
  filter: MovementFilter,
  after: MovementPlace | null,
  limit: number,
): Promise<StoredMovement[]> {
  const where = await whereOf(client, filter);
  if (after !== null) {
    // Of no meaning beside the other, but partitions are passed over by it.
    where.add((atUs) => `e.at_us <= ${atUs}::bigint`, after.atUs);
    where.add(
      (atUs, key, id, name) =>
        `(e.at_us, e.store_key, e.event_id, ${UNMAPPED_NAME}) < (${atUs}::bigint, ${key}::int, ${id}::text, ${name}::text)`,
      after.atUs,
      after.storeKey,
      after.eventId,
      after.unmappedName,
    );
  }
  return page(client, where, limit, 0);
}

/** Events by number: the newest first, `skip` of them passed over. */
export async function readMovementPage(
  client: pg.ClientBase,
  skip: number,
  limit: number,
): Promise<StoredMovement[]> {
  return page(client, new Where(), limit, skip);
}

/** How many events are stored; an estimate, where they are too many to be counted while somebody waits. */
export async function countMovements(client: pg.ClientBase): Promise<number> {
  return (await countRows(client, { table: 'movement_events', each: '1' })).rows;
}

async function page(
  client: pg.ClientBase,
  where: Where,
  limit: number,
  skip: number,
): Promise<StoredMovement[]> {
  const { rows } = await client.query<StoredMovement>(
    `SELECT ${COLUMNS}
       FROM movement_events AS e LEFT JOIN stores AS s ON s.store_key = e.store_key
      ${where.sql} ORDER BY ${NEWEST_FIRST} LIMIT ${where.parameter(limit)} OFFSET ${where.parameter(skip)}`,
    where.values,
  );
  return rows;
}

async function whereOf(client: pg.ClientBase, filter: MovementFilter): Promise<Where> {
  const where = new Where();
  if (filter.store !== null) {
    const key = (await resolveStores(client, [filter.store])).get(filter.store);
    if (key === undefined)
      where.add((name) => `e.store_key = 0 AND e.unmapped_name = ${name}`, foldName(filter.store.trim()));
    else where.add((value) => `e.store_key = ${value}`, key);
  }
  if (filter.userIds !== null) where.add((ids) => `e.user_id = ANY (${ids}::text[])`, filter.userIds);
  if (filter.trackId !== null) where.add((id) => `e.track_id = ${id}`, filter.trackId);
  if (filter.cameraId !== null) where.add((id) => `e.camera_id = ${id}`, filter.cameraId);
  if (filter.fromUs !== null) where.add((us) => `e.at_us >= ${us}`, filter.fromUs);
  if (filter.toUs !== null) where.add((us) => `e.at_us < ${us}`, filter.toUs);
  return where;
}

/** Conditions, and the values that they speak of. */
class Where {
  readonly values: unknown[] = [];
  private readonly conditions: string[] = [];

  get sql(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }

  add(condition: (...parameters: string[]) => string, ...values: unknown[]): void {
    this.conditions.push(condition(...values.map((value) => this.parameter(value))));
  }

  parameter(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
