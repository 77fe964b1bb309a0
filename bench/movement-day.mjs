import { setTimeout as delay } from 'node:timers/promises';
import { figure, quantile } from './figures.mjs';
import { withClient } from './server.mjs';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const DIGEST_LIMIT_S = 1_800;
const READS = 30;
/** Zones of the floor, side by side: so many columns and rows of them. */
const COLUMNS = 4;
const ROWS = 3;
/** Sessions begin from 8 to 20 o'clock; somebody is seen every four seconds. */
const OPENS_US = 8 * HOUR_US;
const OPEN_FOR_US = 12 * HOUR_US;
const STEP_US = 4_000_000;

/**
 * The day before yesterday in one store: people who walk over twelve zones, straight into the tables that events come
 * to. They are worked out when zones and heat are asked for, and asked for again.
 */
export async function measureMovementDay({ server, origin, quiet: store, sizes }) {
  const dayUs = (Math.floor(Date.now() / 86_400_000) - 2) * DAY_US;
  await withClient(server.url, (client) => makeDay(client, store, dayUs, sizes.day));
  const span = `from=${isoOf(dayUs)}&to=${isoOf(dayUs + DAY_US)}`;
  const of = `${origin}/api/v1/stores/${encodeURIComponent(store)}`;
  const digested = await untilWorkedOut(server, store, `${of}/zones/metrics?${span}`);
  const zones = await readTimes(`${of}/zones/metrics?${span}`);
  const heat = await readTimes(`${of}/heatmap?${span}`);
  const one = (what, unit, values) => figure(`a day of movement events: ${what}`, unit, values);
  return [
    one('worked out', 's', [digested]),
    one('worked out', 'events/s', [sizes.day.events / digested]),
    one('zone metrics', 'ms', zones),
    one('zone metrics, p95', 'ms', [quantile(zones, 0.95)]),
    one('heatmap', 'ms', heat),
    one('heatmap, p95', 'ms', [quantile(heat, 0.95)]),
  ];
}

/** Twelve zones that meet at their edges, and a line across the middle; in force before the day. */
function floor() {
  const places = Array.from({ length: COLUMNS * ROWS }, (_, n) => [n % COLUMNS, Math.floor(n / COLUMNS)]);
  const zones = places.map(([column, row]) => {
    const [left, right] = [column / COLUMNS, (column + 1) / COLUMNS];
    const [top, bottom] = [row / ROWS, (row + 1) / ROWS];
    return {
      key: `zone-${column}-${row}`,
      name: `Zone ${column} ${row}`,
      kind: 'aisle',
      polygon: [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ],
      anchor: 'bottom_center',
      minPresenceMs: 0,
      exitGraceMs: 5_000,
      capacity: null,
      openEvidence: true,
      enabled: true,
    };
  });
  const line = { key: 'middle', name: 'Middle', from: [0.5, 0], to: [0.5, 1] };
  const lines = [{ ...line, anchor: 'bottom_center', enabled: true }];
  return { zones, lines, cameras: [], data: {} };
}

/** People of a session each, one track after another: their ways cross all zones. */
async function makeDay(client, store, dayUs, { events, sessions }) {
  const { rows } = await client.query('SELECT store_key FROM stores WHERE store_id = $1', [store]);
  const key = rows[0].store_key;
  const { ensureMovementPartitions } = await import('../dist/movements/storing/movement-partitions.js');
  await client.query(
    `INSERT INTO store_mapping_revisions (store_key, revision, effective_from_us, content, content_hash, action, takes_up_past)
     VALUES ($1, 1, 0, $2, '', 'replace', false)`,
    [key, floor()],
  );
  await client.query('BEGIN');
  await ensureMovementPartitions(client, [dayUs / DAY_US]);
  const steps = Math.floor(events / sessions);
  await client.query(
    `INSERT INTO movement_events (store_key, at_us, event_id, user_id, track_id, camera_id, bbox, bbox_format, state,
                                  store_name, received_us)
     SELECT $1, at_us, 'day-' || s || '-' || e, 'walker-' || s, s, 'floor', ARRAY[x - 0.02, y - 0.1, x + 0.02, y], 'norm',
            'walking', $2, at_us
       FROM generate_series(0, $3 - 1) AS s CROSS JOIN generate_series(0, $4 - 1) AS e
      CROSS JOIN LATERAL (SELECT $5::bigint + s::bigint * $6 / $3 + e::bigint * $7 AS at_us,
                                 0.5 + 0.45 * sin(s * 1.7 + e * 0.06) AS x, 0.55 + 0.4 * sin(s * 0.9 + e * 0.045) AS y) AS way`,
    [key, store, sessions, steps, dayUs + OPENS_US, OPEN_FOR_US, STEP_US],
  );
  await client.query(
    `INSERT INTO movement_touched (store_key, camera_id, track_id, user_id, from_us, to_us)
     SELECT store_key, camera_id, track_id, user_id, min(at_us), max(at_us) FROM movement_events
      WHERE store_key = $1 AND at_us >= $2 AND at_us < $2 + $3 GROUP BY 1, 2, 3, 4`,
    [key, dayUs, DAY_US],
  );
  await client.query('COMMIT');
  await client.query('ANALYZE movement_events');
}

/**
 * Asks for figures, which works out what is not known yet, until all of the store's are.
 *
 * @returns how long that took, in seconds
 */
async function untilWorkedOut(server, store, url) {
  const started = performance.now();
  for (;;) {
    await read(url);
    const { rows } = await withClient(server.url, (client) =>
      client.query(
        'SELECT EXISTS (SELECT FROM movement_touched JOIN stores USING (store_key) WHERE store_id = $1) AS left',
        [store],
      ),
    );
    if (!rows[0].left) return (performance.now() - started) / 1e3;
    if (performance.now() - started > DIGEST_LIMIT_S * 1_000)
      throw new Error(`After ${DIGEST_LIMIT_S} s movement events still wait to be worked out.`);
    await delay(50);
  }
}

async function readTimes(url) {
  const taken = [];
  for (let n = 0; n < READS; n++) {
    const begun = performance.now();
    await read(url);
    taken.push(performance.now() - begun);
  }
  return taken;
}

async function read(url) {
  const answer = await fetch(url);
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${url} was answered ${answer.status}: ${body}`);
}

const isoOf = (us) => new Date(us / 1_000).toISOString();
