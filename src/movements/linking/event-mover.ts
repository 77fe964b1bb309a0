import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { int8Array, textArray } from '../../platform/database/binary-parameters.js';
import { repeatBrokenOff } from '../../platform/database/broken-off.js';
import { inTransaction } from '../../platform/database/connection.js';
import { LINKING_LOCK } from '../../platform/database/locks.js';
import { foldName } from '../../stores/store-text.js';
import type { Bbox, BboxFormat, MovementEvent, Role } from '../movement-event.js';
import { resolveStores } from '../store-names.reader.js';
import { contentDigest } from '../storing/content-digest.js';
import { keepDeadLetters } from '../storing/dead-letter.js';
import { takeIds } from '../storing/movement-ids.js';
import { BEGIN_STORING, lockMovements } from '../storing/movement-lock.js';
import { copyEvents, type KeyedEvent, noteTouched } from '../storing/movement-rows.js';

/** What became of events whose store is known now. */
export interface MovedEvents {
  /** Belong to their store now. */
  linked: number;
  /** The store had them already. */
  repeated: number;
  /** The store has other events under their ids; kept as dead letters. */
  conflicts: number;
}

/** A transaction of so many takes some tenths of a second. */
const EVENTS_AT_ONCE = 2_000;

/** Gives events that were stored under a name to the store that has the name now. */
@Injectable()
export class EventMover {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Waits until nobody stores events who looked names up before. Whoever begins later sees every name that is
   * committed by now, so what `move` finds is all that there will be.
   */
  async awaitStoring(): Promise<void> {
    await inTransaction(this.dataSource, lockMovements);
  }

  /**
   * Moves the oldest events of a name, in one transaction: cut off anywhere, it has happened or it has not. Figures of
   * the store take them up as they do late events.
   *
   * @param name as events have it.
   * @returns null when there are none left, or no store has the name any more.
   */
  move(name: string): Promise<MovedEvents | null> {
    // Whoever forgets old ids may break it off.
    return repeatBrokenOff(() =>
      inTransaction(this.dataSource, (client) => moveWithin(client, name), BEGIN_STORING),
    );
  }
}

async function moveWithin(client: pg.PoolClient, name: string): Promise<MovedEvents | null> {
  // Two at once would take the same events.
  await client.query('SELECT pg_advisory_xact_lock($1)', [LINKING_LOCK]);
  const storeKey = (await resolveStores(client, [name])).get(name);
  if (storeKey === undefined) return null;
  const events = await takeOut(client, name, storeKey);
  if (events.length === 0) return null;
  const { fresh, repeated, clashing } = await takeIds(client, events);
  const added = await notThere(client, storeKey, fresh);
  if (added.length > 0) {
    await copyEvents(client, added);
    await noteTouched(client, added);
  }
  await keepDeadLetters(
    client,
    clashing.map(({ event }) => ({
      reason: 'event_id_conflict',
      detail: `It was stored under the name '${event.store}'. The store that has the name now has another event under the id '${event.eventId}'.`,
      content: event,
    })),
  );
  return {
    linked: added.length,
    repeated: repeated + fresh.length - added.length,
    conflicts: clashing.length,
  };
}

interface Row {
  event_id: string;
  user_id: string;
  track_id: number;
  camera_id: string;
  bbox: Bbox;
  bbox_format: BboxFormat;
  frame_w: number | null;
  frame_h: number | null;
  state: string;
  at_us: number;
  received_us: number;
  confidence: number | null;
  role: Role | null;
  /** As it was worked out from what the client sent; null: its id is forgotten. */
  digest: number | null;
}

/** Removes the oldest events of the name with their ids. @returns them, as events of the store. */
async function takeOut(client: pg.ClientBase, name: string, storeKey: number): Promise<KeyedEvent[]> {
  const folded = foldName(name.trim());
  const { rows } = await client.query<Row>(
    `SELECT e.event_id, e.user_id, e.track_id::float8 AS track_id, e.camera_id, e.bbox, e.bbox_format, e.frame_w,
            e.frame_h, e.state, e.at_us::float8 AS at_us, e.received_us::float8 AS received_us, e.confidence, e.role,
            i.digest
       FROM (SELECT * FROM movement_events
              WHERE store_key = 0 AND unmapped_name = $1 AND store_name = $2 ORDER BY at_us LIMIT ${EVENTS_AT_ONCE}) AS e
       LEFT JOIN movement_event_ids AS i
         ON i.store_key = e.store_key AND i.event_id = e.event_id AND i.unmapped_name = e.unmapped_name`,
    [folded, name],
  );
  if (rows.length === 0) return [];
  const ids = textArray(rows.map((row) => row.event_id));
  await client.query(
    `DELETE FROM movement_events AS e USING unnest($2::bigint[], $3::text[]) AS given (at_us, event_id)
      WHERE e.store_key = 0 AND e.unmapped_name = $1 AND e.at_us = given.at_us AND e.event_id = given.event_id`,
    [folded, int8Array(rows.map((row) => row.at_us)), ids],
  );
  await client.query(
    `DELETE FROM movement_event_ids WHERE store_key = 0 AND unmapped_name = $1 AND event_id = ANY ($2::text[])`,
    [folded, ids],
  );
  return rows.map((row) => {
    const event = eventOf(row, name);
    return { event, storeKey, unmappedName: null, digest: row.digest ?? contentDigest(event) };
  });
}

function eventOf(row: Row, store: string): MovementEvent {
  const { frame_w: w, frame_h: h } = row;
  return {
    eventId: row.event_id,
    store,
    userId: row.user_id,
    trackId: row.track_id,
    cameraId: row.camera_id,
    bbox: row.bbox,
    bboxFormat: row.bbox_format,
    frame: w === null || h === null ? null : { w, h },
    state: row.state,
    atUs: row.at_us,
    receivedUs: row.received_us,
    confidence: row.confidence,
    role: row.role,
  };
}

/** Those that the store does not have: ids are forgotten after some days, events later. */
async function notThere(
  client: pg.ClientBase,
  storeKey: number,
  events: readonly KeyedEvent[],
): Promise<KeyedEvent[]> {
  const { rows } = await client.query<{ at_us: number; event_id: string }>(
    `SELECT e.at_us::float8 AS at_us, e.event_id
       FROM unnest($2::bigint[], $3::text[]) AS given (at_us, event_id)
       JOIN movement_events AS e ON e.store_key = $1 AND e.at_us = given.at_us AND e.event_id = given.event_id`,
    [
      storeKey,
      int8Array(events.map(({ event }) => event.atUs)),
      textArray(events.map(({ event }) => event.eventId)),
    ],
  );
  const there = new Set(rows.map((row) => `${row.at_us} ${row.event_id}`));
  return events.filter(({ event }) => !there.has(`${event.atUs} ${event.eventId}`));
}
