import type pg from 'pg';
import { type BinaryRows, copyOutPages } from '../../platform/database/copy-binary-reader.js';
import { BBOX_FORMATS } from '../movement-event.js';
import type { Observation } from '../meaning/track.js';
import { rangesOf, type TouchedRows, type TouchedTrack } from './touched-tracks.reader.js';

/** All observations of one track in its range. */
export interface TrackObservations {
  readonly track: TouchedTrack;
  readonly observations: readonly Observation[];
}

const FORMAT_NUMBER = `CASE e.bbox_format ${BBOX_FORMATS.map((name, place) => `WHEN '${name}' THEN ${place}`).join(' ')} END`;

/**
 * The events of tracks, one track after another, in order of time and id. In binary form: a day of a store may be a
 * million events.
 * @param tracks as `touchedTracks` gives them in the same transaction; one without events is not in the answer
 */
export async function* readObservations(
  client: pg.PoolClient,
  touched: TouchedRows,
  tracks: readonly TouchedTrack[],
): AsyncGenerator<TrackObservations> {
  const fromUs = Math.min(...tracks.map((track) => track.fromUs));
  const toUs = Math.max(...tracks.map((track) => track.toUs));
  const pages = copyOutPages(
    client,
    `${rangesOf(touched)}
     SELECT r.position, e.at_us, ${FORMAT_NUMBER}, e.bbox[1], e.bbox[2], e.bbox[3], e.bbox[4], e.frame_w, e.frame_h
       FROM ranges AS r
       JOIN movement_events AS e
         ON e.store_key = ${touched.storeKey} AND e.track_id = r.track_id AND e.camera_id = r.camera_id AND e.user_id = r.user_id
        AND e.at_us BETWEEN r.from_us AND r.to_us
      WHERE e.at_us BETWEEN ${fromUs} AND ${toUs}
      ORDER BY r.position, e.at_us, e.event_id`,
  );
  let position = -1;
  let observations: Observation[] = [];
  for await (const page of pages) {
    while (page.next()) {
      const its = page.int4()!;
      if (its !== position) {
        if (observations.length > 0) yield { track: tracks[position]!, observations };
        position = its;
        observations = [];
      }
      observations.push(observationOf(page));
    }
  }
  if (observations.length > 0) yield { track: tracks[position]!, observations };
}

function observationOf(row: BinaryRows): Observation {
  const atUs = row.int8()!;
  const format = BBOX_FORMATS[row.int4()!]!;
  const bbox = [row.float8()!, row.float8()!, row.float8()!, row.float8()!] as const;
  const w = row.int4();
  const h = row.int4();
  // They come in order of their ids, which therefore need not come with them.
  return { atUs, eventId: '', box: { bbox, format, frame: w === null || h === null ? null : { w, h } } };
}
