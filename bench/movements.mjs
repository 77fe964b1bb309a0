import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import copy from 'pg-copy-streams';
import { figure, quantile } from './figures.mjs';
import { splitFolder } from './folders.mjs';
import { storesOf } from './live-polls.mjs';
import { loadByProduct } from './load.mjs';
import { measureMovementDay } from './movement-day.mjs';
import { sendForAWhile } from './sender.mjs';
import { withClient } from './server.mjs';
import { withWorkers } from './workers.mjs';

const CONNECTIONS = 4;
const EVENTS_A_REQUEST = 100;
/** The longest array that is taken. */
const MOST_A_REQUEST = 1_000;
const DRAIN_LIMIT_S = 300;
const STORES = 50;

export const MOVEMENT_SIZES = {
  /** Events a second that are sent, for as long as live polls are. */
  rate: 5_000,
  /** Events that wait in Redis before the first worker comes. */
  backlog: 200_000,
  /** A day of one store whose zones are measured. */
  day: { events: 1_000_000, sessions: 20_000 },
};

/** Measures with the folder's stores after its load; the rest as `measureWithStores`. */
export async function measureMovements({ server, dataFolder, scratch, ...setting }) {
  await loadByProduct(server, splitFolder(dataFolder, path.join(scratch, 'movements')));
  const stores = (await storesOf(path.join(dataFolder, 'store_status.csv'))).slice(0, STORES);
  return measureWithStores({ server, scratch, stores, ...setting });
}

/**
 * Movement events behind a queue: how fast one worker stores what waits, beside a bare COPY of the same rows, how
 * events are taken while it works, and how fast a day of one store is worked out and its zones are told.
 *
 * @param stores two or more that the database knows; it knows no event
 * @param seconds how long events are sent
 */
export async function measureWithStores({ server, scratch, stores, seconds, tell, sizes = MOVEMENT_SIZES }) {
  const figures = [];
  await withWorkers(server, scratch, 0, async (origin, hire) => {
    // The last store is nobody's but the day's.
    const setting = {
      server,
      origin,
      hire,
      stores: stores.slice(0, -1),
      quiet: stores.at(-1),
      sizes,
      seconds,
    };
    for (const measure of [flush, intake, measureMovementDay]) {
      const taken = await measure(setting);
      for (const { figure: name, unit, median } of taken) tell(`${name}: ${median} ${unit}`);
      figures.push(...taken);
    }
  });
  return figures;
}

/** Events that were taken while no worker was there. The clock runs from when the first one is stored. */
async function flush({ server, origin, hire, stores, sizes }) {
  await sendBacklog(origin, stores, sizes.backlog);
  const early = await storedEvents(server);
  await hire();
  await untilStored(server, early + 1);
  const first = await storedEvents(server);
  const { seconds } = await untilStored(server, sizes.backlog);
  const rate = (sizes.backlog - first) / seconds;
  const bare = await bareCopy(server);
  return [
    figure('waiting events stored', 'events/s', [rate]),
    figure('the same by bare COPY', 'events/s', [bare]),
    figure('waiting events stored / bare COPY', 'ratio', [rate / bare]),
  ];
}

async function intake({ server, origin, stores, sizes, seconds }) {
  const before = await storedEvents(server);
  const sent = await sendForAWhile(`${origin}/api/v1/movements`, {
    connections: CONNECTIONS,
    requestsASecond: sizes.rate / EVENTS_A_REQUEST,
    seconds,
    bodyOf: (number) => eventsOf(stores, number, EVENTS_A_REQUEST),
  });
  const { seconds: drained } = await untilStored(server, before + sent.accepted);
  const missing = sent.accepted - ((await storedEvents(server)) - before);
  const one = (what, unit, value) => figure(`movement events: ${what}`, unit, [value]);
  return [
    one('accepted', 'events/s', sent.rate),
    one('answer, p50', 'ms', quantile(sent.answers, 0.5)),
    one('answer, p99', 'ms', quantile(sent.answers, 0.99)),
    one('refused', 'requests', sent.refused),
    one('stored after', 's', drained),
    one('missing or doubled', 'events', Math.abs(missing)),
  ];
}

async function sendBacklog(origin, stores, events) {
  let sent = 0;
  for (let number = 0; sent < events; number++) {
    const size = Math.min(MOST_A_REQUEST, events - sent);
    const answer = await fetch(`${origin}/api/v1/movements`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: eventsOf(stores, number, size),
    });
    if (answer.status !== 202)
      throw new Error(`Events were answered ${answer.status}: ${await answer.text()}`);
    sent += size;
  }
}

/** What is stored, once more: into a table of the same columns without a key or an index. @returns rows a second */
async function bareCopy(server) {
  return withClient(server.url, async (client) => {
    await client.query('DROP TABLE IF EXISTS bare_copy');
    await client.query('CREATE TABLE bare_copy (LIKE movement_events)');
    const rows = await text(client.query(copy.to('COPY (SELECT * FROM movement_events) TO STDOUT')));
    const started = performance.now();
    const into = client.query(copy.from('COPY bare_copy FROM STDIN'));
    await pipeline(Readable.from([rows]), into);
    const seconds = (performance.now() - started) / 1e3;
    await client.query('DROP TABLE bare_copy');
    return into.rowCount / seconds;
  });
}

/** What cameras send: the instants are those of their receipt. */
function eventsOf(stores, number, size) {
  const events = [];
  for (let place = number * size; place < (number + 1) * size; place++) {
    const left = place % 1_100;
    events.push(
      `{"user_id":"person-${place % 5_003}","track_id":${place % 997},"bbox":[${left},100,${left + 80},320],` +
        `"frame":{"w":1280,"h":720},"state":"walking","camera_id":"camera-${place % 4}","store":"${stores[place % stores.length]}"}`,
    );
  }
  return Buffer.from(`[${events.join()}]`);
}

/** @returns {Promise<{seconds: number}>} how long it took until so many events were stored */
async function untilStored(server, events) {
  const started = performance.now();
  for (;;) {
    if ((await storedEvents(server)) >= events) return { seconds: (performance.now() - started) / 1e3 };
    if (performance.now() - started > DRAIN_LIMIT_S * 1_000)
      throw new Error(`After ${DRAIN_LIMIT_S} s not all movement events are stored.`);
    await delay(50);
  }
}

async function storedEvents(server) {
  return withClient(server.url, async (client) =>
    Number((await client.query('SELECT count(*) FROM movement_events')).rows[0].count),
  );
}
