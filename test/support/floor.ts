import { DataSource } from 'typeorm';
import type { Line, MappingContent, Zone } from '../../src/blueprints/index.js';
import type { MovementEvent } from '../../src/movements/movement-event.js';
import { MovementWriter } from '../../src/movements/storing/movement.writer.js';
import type { TestApi } from './application.js';

export const SECOND_US = 1_000_000;

/** A rectangle of the plan, where everybody counts at once. */
export function zone(
  key: string,
  [left, top, right, bottom]: readonly [number, number, number, number],
  rules: Partial<Zone> = {},
): Zone {
  return {
    key,
    name: key.toUpperCase(),
    kind: 'aisle',
    polygon: [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ],
    anchor: 'bottom_center',
    minPresenceMs: 0,
    exitGraceMs: 0,
    capacity: null,
    openEvidence: true,
    enabled: true,
    ...rules,
  };
}

/** From the bottom of the plan to its top, so that its left is the left of the plan. */
export function upright(key: string, x: number): Line {
  return { key, name: key.toUpperCase(), from: [x, 1], to: [x, 0], anchor: 'bottom_center', enabled: true };
}

/** Lets a layout hold for a store from an instant on, as if somebody had entered it. */
export async function layOut(
  api: TestApi,
  storeId: string,
  content: Partial<MappingContent>,
  { fromUs = 0, takesUpPast = false } = {},
): Promise<void> {
  await api.app.get(DataSource).query(
    `INSERT INTO store_mapping_revisions (store_key, revision, effective_from_us, content, content_hash, action, takes_up_past)
     SELECT s.store_key, 1 + (SELECT count(*) FROM store_mapping_revisions AS r WHERE r.store_key = s.store_key),
            $2, $3::jsonb, '-', 'replace', $4
       FROM stores AS s WHERE s.store_id = $1`,
    [
      storeId,
      fromUs,
      JSON.stringify({ zones: [], lines: [], cameras: [], data: {}, ...content }),
      takesUpPast,
    ],
  );
}

/** Somebody's feet at a place of the plan. */
export interface Sighting {
  readonly atUs: number;
  readonly x: number;
  readonly y: number;
}

let events = 0;

/** Events of one track. */
export function seen(
  storeName: string,
  userId: string,
  sightings: readonly Sighting[],
  more: Partial<MovementEvent> = {},
): MovementEvent[] {
  return sightings.map(({ atUs, x, y }) => {
    events += 1;
    return {
      eventId: `event-${events}`,
      store: storeName,
      userId,
      trackId: 1,
      cameraId: '',
      bbox: [x - 0.01, y - 0.1, x + 0.01, y],
      bboxFormat: 'norm',
      frame: null,
      state: 'walking',
      atUs,
      receivedUs: atUs,
      confidence: null,
      role: null,
      ...more,
    };
  });
}

/** Stores events as the product does, in batches. */
export async function store(api: TestApi, all: readonly MovementEvent[], batch = 500): Promise<void> {
  const writer = api.app.get(MovementWriter, { strict: false });
  for (let from = 0; from < all.length; from += batch) await writer.store(all.slice(from, from + batch));
}
