import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { figure, quantile } from './figures.mjs';
import { loadByProduct } from './load.mjs';
import { splitFolder } from './folders.mjs';
import { startRunningServer } from './running-server.mjs';
import { sendForAWhile } from './sender.mjs';
import { withClient } from './server.mjs';

const MIB = 2 ** 20;
const CONNECTIONS = 4;
const POLLS_A_REQUEST = 1_000;
const DRAIN_LIMIT_S = 120;
const DAY_MS = 86_400_000;
/** Behind all that the files hold, a day for each run, and never ahead of the clock. */
const START_MS = Date.now() - 3 * DAY_MS;
/** Polls a second; 0: no pause. */
const RUNS = [
  ['live polls', 20_000],
  ['flat out', 0],
];

/**
 * Sends live polls of the folder's stores to the server after the folder was loaded, every store in turn: on four
 * connections, 1,000 polls a request, first 20,000 a second, then as many as it takes. Afterwards every poll that was
 * accepted has to be stored, once.
 *
 * @param seconds how long each of the two lasts
 * @returns figures of both
 */
export async function measureLivePolls({ server, dataFolder, seconds, scratch, tell }) {
  await loadByProduct(server, splitFolder(dataFolder, path.join(scratch, 'live-polls')));
  const stores = await storesOf(path.join(dataFolder, 'store_status.csv'));
  const figures = [];
  let first = START_MS;
  for (const [name, rate] of RUNS) {
    const taken = await measureRun({ server, scratch, stores, seconds, rate, first });
    first += DAY_MS;
    tell(
      `${name}: ${Math.round(taken.rate).toLocaleString('en')} a second, ` +
        `p99 ${quantile(taken.answers, 0.99).toFixed(0)} ms`,
    );
    figures.push(...figuresOf(name, taken));
  }
  return figures;
}

async function measureRun({ server, scratch, stores, seconds, rate, first }) {
  const before = await storedPolls(server);
  const product = await startRunningServer(server, scratch);
  let taken;
  try {
    const sent = await send(product.origin, { stores, seconds, rate, first });
    const waiting = await waitingPolls(server);
    const drained = await drain(server);
    const missing = sent.accepted - ((await storedPolls(server)) - before);
    taken = { ...sent, waiting, drained, missing };
  } finally {
    taken = { ...taken, ...(await product.stop()) };
  }
  return taken;
}

function figuresOf(name, taken) {
  const one = (what, unit, value) => figure(`${name}: ${what}`, unit, [value]);
  return [
    one('accepted', 'polls/s', taken.rate),
    one('answer, p50', 'ms', quantile(taken.answers, 0.5)),
    one('answer, p99', 'ms', quantile(taken.answers, 0.99)),
    one('answer, longest', 'ms', quantile(taken.answers, 1)),
    one('refused', 'requests', taken.refused),
    one('waiting at the end', 'polls', taken.waiting),
    one('folded after', 's', taken.drained),
    one('missing or doubled', 'polls', Math.abs(taken.missing)),
    one('peak memory', 'MiB', taken.peakBytes / MIB),
  ];
}

function send(origin, { stores, seconds, rate, first }) {
  return sendForAWhile(`${origin}/api/v1/polls`, {
    connections: CONNECTIONS,
    requestsASecond: rate / POLLS_A_REQUEST,
    seconds,
    bodyOf: (number) => pollsOf(stores, first, number),
  });
}

/** Every store in turn; no store has two polls at one instant, so that each that is accepted can be counted. */
function pollsOf(stores, firstMs, number) {
  const first = number * POLLS_A_REQUEST;
  const polls = [];
  for (let place = first; place < first + POLLS_A_REQUEST; place++) {
    const round = Math.floor(place / stores.length);
    const ms = firstMs + round * 40;
    polls.push(
      `{"store_id":"${stores[place % stores.length]}","status":"${place % 7 === 0 ? 'inactive' : 'active'}","timestamp_utc":"${new Date(ms).toISOString()}"}`,
    );
  }
  return Buffer.from(`[${polls.join()}]`);
}

/** The stores that a file of polls names. */
export async function storesOf(file) {
  const stores = new Set();
  for await (const line of createInterface({ input: createReadStream(file) }))
    stores.add(line.slice(0, line.indexOf(',')));
  stores.delete('store_id');
  return [...stores];
}

async function drain(server) {
  const started = performance.now();
  while ((await waitingPolls(server)) > 0) {
    if (performance.now() - started > DRAIN_LIMIT_S * 1_000)
      throw new Error(`Live polls still wait after ${DRAIN_LIMIT_S} s.`);
    await delay(100);
  }
  return (performance.now() - started) / 1e3;
}

const waitingPolls = (server) => count(server, 'SELECT coalesce(sum(size), 0) AS count FROM poll_inbox');
const storedPolls = (server) =>
  count(server, 'SELECT coalesce(sum(cardinality(polls)), 0) AS count FROM store_day_polls');

async function count(server, sql) {
  return withClient(server.url, async (client) => Number((await client.query(sql)).rows[0].count));
}
