import type { MappingContent } from '../../../src/blueprints/mapping-content.js';
import { waitFor } from '../../../src/platform/wait.js';
import type { Site } from './site.js';

const FIGURES = [
  'movement_sessions',
  'zone_visits',
  'line_crossings',
  'session_heat',
  'store_presence',
] as const;
const DIGESTED_MS = 90_000;

/** Four zones side by side and two lines between them: whoever walks about is in all, and crosses both. */
const CONTENT: MappingContent = {
  zones: [0, 1, 2, 3].map((place) => ({
    key: `zone-${place}`,
    name: `Zone ${place}`,
    kind: 'aisle',
    polygon: [
      [place / 4, 0],
      [(place + 1) / 4, 0],
      [(place + 1) / 4, 1],
      [place / 4, 1],
    ],
    anchor: 'bottom_center',
    minPresenceMs: 0,
    exitGraceMs: 2_000,
    capacity: null,
    openEvidence: true,
    enabled: true,
  })),
  lines: [1, 2].map((place) => ({
    key: `line-${place}`,
    name: `Line ${place}`,
    from: [place / 3, 0],
    to: [place / 3, 1],
    anchor: 'bottom_center',
    enabled: true,
  })),
  cameras: [],
  data: {},
};

/** Gives every store the layout, in force since ever. */
export async function layFloor(site: Site): Promise<void> {
  await site.query(
    `INSERT INTO store_mapping_revisions (store_key, revision, effective_from_us, content, content_hash, action, takes_up_past)
     SELECT store_key, 1, 0, $1, '', 'replace', false FROM stores`,
    [CONTENT],
  );
}

/** Whether events are stored that no figure knows yet. */
export async function hasUndigested(site: Site): Promise<boolean> {
  const [row] = await site.query<{ waits: boolean }>('SELECT EXISTS (SELECT FROM movement_touched) AS waits');
  return row!.waits;
}

/** Waits until the figures of all that is stored are known. */
export async function untilDigested(site: Site): Promise<void> {
  const done = await waitFor(async () => ((await hasUndigested(site)) ? null : true), DIGESTED_MS);
  if (done === null) throw new Error(`Events wait to be worked out:\n${site.words}`);
}

/** Works all figures out anew, from nothing but the events. Those of unknown stores have none. */
export async function digestAnew(site: Site): Promise<void> {
  await site.query(`TRUNCATE ${FIGURES.join(', ')}`);
  await site.query(
    `INSERT INTO movement_touched (store_key, camera_id, track_id, user_id, from_us, to_us)
     SELECT store_key, camera_id, track_id, user_id, min(at_us), max(at_us) FROM movement_events
      WHERE store_key <> 0 GROUP BY 1, 2, 3, 4`,
  );
  await untilDigested(site);
}

/** Every figure, each table in one word, with the number of its rows. */
export async function figuresOfFloor(site: Site): Promise<Record<string, { rows: number; md5: string }>> {
  const figures: Record<string, { rows: number; md5: string }> = {};
  for (const table of FIGURES) {
    const [row] = await site.query<{ rows: number; md5: string }>(
      `SELECT count(*)::int AS rows, md5(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '')) AS md5
         FROM (SELECT to_jsonb(f)::text AS line FROM ${table} AS f) AS lines`,
    );
    figures[table] = row!;
  }
  return figures;
}
