import type pg from 'pg';
import { int8Array, int4Array, textArray } from '../../platform/database/binary-parameters.js';
import { type BinaryRowWriter, copyIn } from '../../platform/database/copy-binary-writer.js';
import type { MovementEvent } from '../movement-event.js';
import { MOVEMENT_TABLE } from './movement-partitions.js';

/** An event with its place in the tables. */
export interface KeyedEvent {
  readonly event: MovementEvent;
  /** 0: no store has the name. */
  readonly storeKey: number;
  /** The name, folded, where no store has it; else null. */
  readonly unmappedName: string | null;
  readonly digest: number;
}

const COLUMNS = [
  'store_key',
  'at_us',
  'event_id',
  'user_id',
  'track_id',
  'camera_id',
  'bbox',
  'bbox_format',
  'frame_w',
  'frame_h',
  'state',
  'store_name',
  'unmapped_name',
  'confidence',
  'role',
  'received_us',
] as const;

/** Rows between two looks at whether the server keeps up. */
const ROWS_A_LOOK = 64;

export async function copyEvents(client: pg.PoolClient, events: readonly KeyedEvent[]): Promise<void> {
  await copyIn(client, MOVEMENT_TABLE, COLUMNS, async (rows) => {
    for (const [place, event] of events.entries()) {
      writeRow(rows, event);
      if (place % ROWS_A_LOOK === 0) await rows.drained();
    }
  });
}

function writeRow(rows: BinaryRowWriter, { event, storeKey, unmappedName }: KeyedEvent): void {
  rows.row(COLUMNS.length);
  rows.int4(storeKey);
  rows.int8(event.atUs);
  rows.text(event.eventId);
  rows.text(event.userId);
  rows.int8(event.trackId);
  rows.text(event.cameraId);
  rows.float8Array(event.bbox);
  rows.text(event.bboxFormat);
  if (event.frame === null) {
    rows.null();
    rows.null();
  } else {
    rows.int4(event.frame.w);
    rows.int4(event.frame.h);
  }
  rows.text(event.state);
  rows.text(event.store);
  if (unmappedName === null) rows.null();
  else rows.text(unmappedName);
  if (event.confidence === null) rows.null();
  else rows.float4(event.confidence);
  if (event.role === null) rows.null();
  else rows.text(event.role);
  rows.int8(event.receivedUs);
}

interface Touched {
  readonly storeKey: number;
  readonly cameraId: string;
  readonly trackId: number;
  readonly userId: string;
  fromUs: number;
  toUs: number;
}

/** Leaves word which tracks have new events; of events without a store there is nothing to work out. */
export async function noteTouched(client: pg.PoolClient, events: readonly KeyedEvent[]): Promise<void> {
  const tracks = new Map<string, Touched>();
  for (const { event, storeKey } of events) {
    if (storeKey === 0) continue;
    const { cameraId, trackId, userId, atUs } = event;
    const key = JSON.stringify([storeKey, cameraId, trackId, userId]);
    const known = tracks.get(key);
    if (known === undefined)
      tracks.set(key, { storeKey, cameraId, trackId, userId, fromUs: atUs, toUs: atUs });
    else {
      known.fromUs = Math.min(known.fromUs, atUs);
      known.toUs = Math.max(known.toUs, atUs);
    }
  }
  if (tracks.size === 0) return;
  const touched = [...tracks.values()];
  await client.query(
    `INSERT INTO movement_touched (store_key, camera_id, track_id, user_id, from_us, to_us)
     SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])`,
    [
      int4Array(touched.map((one) => one.storeKey)),
      textArray(touched.map((one) => one.cameraId)),
      int8Array(touched.map((one) => one.trackId)),
      textArray(touched.map((one) => one.userId)),
      int8Array(touched.map((one) => one.fromUs)),
      int8Array(touched.map((one) => one.toUs)),
    ],
  );
}
