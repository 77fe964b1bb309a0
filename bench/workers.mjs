import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRunningServer, startWorker } from './running-server.mjs';

/** A Redis as a queue needs it (nothing evicted, all logged) on loopback. Needs `redis-server`. */
async function startRedis(scratch) {
  const port = await freePort();
  const folder = mkdtempSync(path.join(scratch, 'redis-'));
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };
  const child = spawn(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  await new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error('Measuring with workers needs redis-server.')));
    child.stdout.on('data', (piece) => {
      if (String(piece).includes('Ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error('redis-server ended at once.')));
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Lends a server with so many worker processes behind a Redis.
 *
 * @param use takes the server's origin, and a function that starts another worker
 * @returns what `use` gave, and the most memory that a worker held
 */
export async function withWorkers(server, scratch, workers, use) {
  const stops = [];
  let peakBytes = 0;
  try {
    const redis = await startRedis(scratch);
    stops.push(redis.stop);
    const environment = { REDIS_URL: redis.url };
    const running = await startRunningServer(server, scratch, environment);
    stops.push(running.stop);
    const hire = async () => {
      const worker = await startWorker(server, scratch, environment);
      stops.push(async () => {
        peakBytes = Math.max(peakBytes, (await worker.stop()).peakBytes);
      });
    };
    for (let n = 0; n < workers; n++) await hire();
    await untilTaken(running.origin, workers);
    return { result: await use(running.origin, hire), peak: () => peakBytes };
  } finally {
    // Workers first: they hand back what they hold.
    for (const stop of stops.toReversed()) await stop();
  }
}

/** A worker that has said it is ready may still be on its way to the queue. */
async function untilTaken(origin, workers) {
  for (let tries = 0; tries < 100; tries++) {
    const { components } = await (await fetch(`${origin}/api/v1/health`)).json();
    if (components.workers.count >= workers) return;
    await delay(100);
  }
  throw new Error(`${workers} workers did not come to the queue within 10 s.`);
}

const LONGEST_S = 3_600;

/**
 * Triggers a report that is computed although nothing has changed, and waits for it.
 *
 * @returns {Promise<{seconds: number, id: string, stores: number}>} from trigger to completed, as its own row says
 */
export async function makeReport(origin) {
  const report = await post(`${origin}/api/v1/reports`, { force: true });
  const started = performance.now();
  for (;;) {
    const answer = await fetch(`${origin}/api/v1/reports/${report.id}`, { headers: { Prefer: 'wait=20' } });
    const view = await answer.json();
    if (view.status === 'completed')
      return {
        id: view.id,
        stores: view.stores,
        seconds: (Date.parse(view.completed_at) - Date.parse(view.created_at)) / 1e3,
      };
    if (!['pending', 'running'].includes(view.status) || performance.now() - started > LONGEST_S * 1_000)
      throw new Error(`The report is ${view.status}: ${JSON.stringify(view)}`);
  }
}

/** @throws when the answer is no success */
export async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${url} was answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** How many worker processes a report is measured with. Beyond the machine's cores they share what there is. */
export const CREWS = [
  { workers: 1, key: 'oneWorker', name: 'one worker' },
  { workers: 2, key: 'twoWorkers', name: 'two workers' },
  { workers: 4, key: 'fourWorkers', name: 'four workers' },
];

/** A report of everything loaded, made by so many worker processes: once to warm up, then the median one of three. */
export async function reportByWorkers(server, scratch, workers) {
  const { result, peak } = await withWorkers(server, scratch, workers, async (origin) => {
    await makeReport(origin);
    const taken = [];
    for (let n = 0; n < 3; n++) taken.push(await makeReport(origin));
    const middle = taken.sort((a, b) => a.seconds - b.seconds)[1];
    const csv = readFileSync(path.join(scratch, 'reports', `${middle.id}.csv`), 'utf8');
    return { seconds: middle.seconds, csv };
  });
  return { ...result, peakBytes: peak() };
}
