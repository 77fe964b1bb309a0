import type pg from 'pg';
import { int8Array, textArray } from '../../platform/database/binary-parameters.js';
import { type BinaryRowWriter, copyIn } from '../../platform/database/copy-binary-writer.js';
import type { Session, TrackKey } from '../meaning/track.js';
import { encodeCells } from './cells.js';

/** What a track's figures in a time are from now on. */
export interface TrackFigures extends TrackKey {
  /** What begins between the two is replaced, ends included. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly sessions: readonly Session[];
}

const TRACK = ['store_key', 'track_id', 'camera_id', 'user_id'] as const;
/** Tables of figures, and by which column their rows lie in time. */
const PLACES = [
  ['movement_sessions', 'started_us'],
  ['zone_visits', 'enter_us'],
  ['line_crossings', 'at_us'],
] as const;

/** Rows between two looks at whether the server keeps up. */
const ROWS_A_LOOK = 64;

/**
 * Replaces what is known of some tracks.
 * @returns the quarters of an hour in which somebody may have come or gone by that
 */
export async function replaceFigures(
  client: pg.PoolClient,
  storeKey: number,
  tracks: readonly TrackFigures[],
): Promise<Set<number>> {
  const quarters = await removeFigures(client, storeKey, tracks);
  for (const { sessions } of tracks)
    for (const session of sessions) for (const { quarter } of session.quarters) quarters.add(quarter);
  await writeSessions(client, storeKey, tracks);
  await writeVisits(client, storeKey, tracks);
  await writeCrossings(client, storeKey, tracks);
  await writeHeat(client, storeKey, tracks);
  return quarters;
}

async function removeFigures(
  client: pg.PoolClient,
  storeKey: number,
  tracks: readonly TrackFigures[],
): Promise<Set<number>> {
  const parameters = [
    storeKey,
    int8Array(tracks.map(({ trackId }) => trackId)),
    textArray(tracks.map(({ cameraId }) => cameraId)),
    textArray(tracks.map(({ userId }) => userId)),
    int8Array(tracks.map(({ fromUs }) => fromUs)),
    int8Array(tracks.map(({ toUs }) => toUs)),
  ];
  const rowsIn = (table: string, column: string): string =>
    `DELETE FROM ${table} AS f
      USING unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
            AS given (track_id, camera_id, user_id, from_us, to_us)
      WHERE f.store_key = $1 AND f.track_id = given.track_id AND f.camera_id = given.camera_id
        AND f.user_id = given.user_id AND f.${column} BETWEEN given.from_us AND given.to_us`;
  for (const [table, column] of PLACES) await client.query(rowsIn(table, column), parameters);
  const { rows } = await client.query<{ quarter: number }>(
    `WITH gone AS (${rowsIn('session_heat', 'started_us')} RETURNING f.quarter)
     SELECT DISTINCT quarter FROM gone`,
    parameters,
  );
  return new Set(rows.map(({ quarter }) => quarter));
}

/** Fills a table by one row for each item. */
async function write<T>(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
  items: Iterable<T>,
  put: (rows: BinaryRowWriter, item: T) => void,
): Promise<void> {
  await copyIn(client, table, columns, async (rows) => {
    let count = 0;
    for (const item of items) {
      rows.row(columns.length);
      put(rows, item);
      count += 1;
      if (count % ROWS_A_LOOK === 0) await rows.drained();
    }
  });
}

function* rowsOf<T>(
  tracks: readonly TrackFigures[],
  of: (session: Session) => Iterable<T>,
): Generator<{ track: TrackFigures; session: Session; item: T }> {
  for (const track of tracks)
    for (const session of track.sessions) for (const item of of(session)) yield { track, session, item };
}

function putTrack(rows: BinaryRowWriter, storeKey: number, track: TrackKey): void {
  rows.int4(storeKey);
  rows.int8(track.trackId);
  rows.text(track.cameraId);
  rows.text(track.userId);
}

function writeSessions(
  client: pg.PoolClient,
  storeKey: number,
  tracks: readonly TrackFigures[],
): Promise<void> {
  const columns = [...TRACK, 'started_us', 'ended_us', 'observations', 'revision'];
  const sessions = rowsOf(tracks, (session) => [session]);
  return write(client, 'movement_sessions', columns, sessions, (rows, { track, item }) => {
    putTrack(rows, storeKey, track);
    rows.int8(item.startUs);
    rows.int8(item.endUs);
    rows.int4(item.observations);
    rows.int4(item.revision);
  });
}

function writeVisits(
  client: pg.PoolClient,
  storeKey: number,
  tracks: readonly TrackFigures[],
): Promise<void> {
  const columns = [...TRACK, 'zone_key', 'enter_us', 'exit_us', 'revision'];
  const visits = rowsOf(tracks, (session) => session.visits);
  return write(client, 'zone_visits', columns, visits, (rows, { track, item }) => {
    putTrack(rows, storeKey, track);
    rows.text(item.zoneKey);
    rows.int8(item.enterUs);
    rows.int8(item.exitUs);
    rows.int4(item.revision);
  });
}

function writeCrossings(
  client: pg.PoolClient,
  storeKey: number,
  tracks: readonly TrackFigures[],
): Promise<void> {
  const columns = [...TRACK, 'line_key', 'at_us', 'is_entry', 'revision'];
  const crossings = rowsOf(tracks, (session) => session.crossings);
  return write(client, 'line_crossings', columns, crossings, (rows, { track, item }) => {
    putTrack(rows, storeKey, track);
    rows.text(item.lineKey);
    rows.int8(item.atUs);
    rows.bool(item.direction === 'entry');
    rows.int4(item.revision);
  });
}

function writeHeat(client: pg.PoolClient, storeKey: number, tracks: readonly TrackFigures[]): Promise<void> {
  const columns = [...TRACK, 'started_us', 'quarter', 'observations', 'evidence', 'cells'];
  const quarters = rowsOf(tracks, (session) => session.quarters);
  return write(client, 'session_heat', columns, quarters, (rows, { track, session, item }) => {
    putTrack(rows, storeKey, track);
    rows.int8(session.startUs);
    rows.int4(item.quarter);
    rows.int4(item.observations);
    rows.bool(item.evidence);
    rows.bytes(encodeCells(item.cells));
  });
}
