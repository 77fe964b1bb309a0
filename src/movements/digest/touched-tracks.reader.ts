import type pg from 'pg';
import type { TrackKey } from '../meaning/track.js';

/** A session as it was worked out before. */
export interface KnownSession {
  readonly startUs: number;
  readonly endUs: number;
}

/** A track with new events, and the time in which its sessions may be other ones now. */
export interface TouchedTrack extends TrackKey {
  readonly fromUs: number;
  readonly toUs: number;
  /** What is known of it there, in order of time. */
  readonly known: readonly KnownSession[];
}

/** Some rows of `movement_touched`, all of one store. */
export interface TouchedRows {
  readonly storeKey: number;
  readonly ids: readonly number[];
  readonly timeoutUs: number;
}

/** As many as are taken in one transaction: some hundred thousand events, usually. */
const ROWS_AT_ONCE = 4_000;

/** The oldest rows of a store that no figure knows yet; none, when all are known. */
export async function touchedRows(client: pg.ClientBase, storeKey: number): Promise<number[]> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT touched AS id FROM movement_touched WHERE store_key = $1 ORDER BY touched LIMIT $2',
    [storeKey, ROWS_AT_ONCE],
  );
  return rows.map(({ id }) => Number(id));
}

/**
 * The tracks of some rows, for a statement that goes on with `ranges`. New events can join sessions that lie no farther
 * from them than the time-out, so the time of those counts too (M12). Holds numbers alone, since COPY takes no parameters.
 */
export function rangesOf({ storeKey, ids, timeoutUs }: TouchedRows): string {
  return `
    WITH touched AS MATERIALIZED (
      SELECT camera_id, track_id, user_id, min(from_us) AS from_us, max(to_us) AS to_us
        FROM movement_touched
       WHERE store_key = ${storeKey} AND touched = ANY ('{${ids.join()}}'::bigint[])
       GROUP BY camera_id, track_id, user_id),
    ranges AS MATERIALIZED (
      SELECT (row_number() OVER (ORDER BY t.camera_id, t.track_id, t.user_id) - 1)::int AS position,
             t.camera_id, t.track_id, t.user_id,
             least(t.from_us, min(s.started_us)) AS from_us, greatest(t.to_us, max(s.ended_us)) AS to_us,
             coalesce(array_agg(s.started_us ORDER BY s.started_us) FILTER (WHERE s.started_us IS NOT NULL), '{}') AS started,
             coalesce(array_agg(s.ended_us ORDER BY s.started_us) FILTER (WHERE s.started_us IS NOT NULL), '{}') AS ended
        FROM touched AS t
        LEFT JOIN movement_sessions AS s
          ON s.store_key = ${storeKey} AND s.track_id = t.track_id AND s.camera_id = t.camera_id AND s.user_id = t.user_id
         AND s.started_us <= t.to_us + ${timeoutUs} AND s.ended_us >= t.from_us - ${timeoutUs}
       GROUP BY t.camera_id, t.track_id, t.user_id, t.from_us, t.to_us)`;
}

/** The tracks that the rows tell of; each stands at its position. */
export async function touchedTracks(client: pg.ClientBase, touched: TouchedRows): Promise<TouchedTrack[]> {
  const { rows } = await client.query<{
    camera_id: string;
    track_id: string;
    user_id: string;
    from_us: string;
    to_us: string;
    started: string[];
    ended: string[];
  }>(
    `${rangesOf(touched)}
     SELECT camera_id, track_id, user_id, from_us, to_us, started, ended FROM ranges ORDER BY position`,
  );
  return rows.map((row) => ({
    cameraId: row.camera_id,
    trackId: Number(row.track_id),
    userId: row.user_id,
    fromUs: Number(row.from_us),
    toUs: Number(row.to_us),
    known: row.started.map((startUs, place) => ({
      startUs: Number(startUs),
      endUs: Number(row.ended[place]),
    })),
  }));
}
