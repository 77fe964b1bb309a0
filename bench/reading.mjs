import { Agent, get } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { figure, quantile } from './figures.mjs';
import { splitFolder } from './folders.mjs';
import { loadByProduct } from './load.mjs';
import { makeReport, post, withWorkers } from './workers.mjs';

const REUSES = 20;
const EXPLAINED = 300;
const ROWS = { rate: 50, seconds: 10 };
const STATUS_RATE = 1_000;
const WARM_UP = { rate: 200, seconds: 3 };

/**
 * How fast a finished report and the status of stores are answered by a server with one worker: a report that is
 * answered from an equal one, why a store has its numbers, pages of rows, and states while another report runs.
 *
 * @param seconds how long states are asked for
 */
export async function measureReading({ server, dataFolder, seconds, scratch, tell }) {
  await loadByProduct(server, splitFolder(dataFolder, path.join(scratch, 'reading')));
  const { result } = await withWorkers(server, scratch, 1, async (origin) => {
    const report = await makeReport(origin);
    const figures = [
      await reuse(origin),
      await explain(origin, report),
      await rows(origin, report),
      ...(await states(origin, report, Math.min(seconds, 30))),
    ];
    for (const { figure: name, unit, median } of figures) tell(`${name}: ${median} ${unit}`);
    return figures;
  });
  return result;
}

/** Trigger to answer, which has to be a completed report already. */
async function reuse(origin) {
  const taken = [];
  for (let n = 0; n < REUSES; n++) {
    const begun = performance.now();
    const report = await post(`${origin}/api/v1/reports`, {});
    taken.push(performance.now() - begun);
    if (report.status !== 'completed' || report.reused_from === null)
      throw new Error(`A report was made again although nothing had changed: ${JSON.stringify(report)}`);
  }
  return figure('reused report', 'ms', taken);
}

/** One store after the other, spread over all. */
async function explain(origin, { id, stores }) {
  const agent = new Agent({ keepAlive: true });
  const taken = [];
  for (let n = 0; n < EXPLAINED; n++) {
    const offset = Math.floor((stores * n) / EXPLAINED);
    const page = await answer(agent, `${origin}/api/v1/reports/${id}/rows?limit=1&offset=${offset}`);
    const store = encodeURIComponent(JSON.parse(page.body).data[0].store_id);
    const begun = performance.now();
    await answer(agent, `${origin}/api/v1/reports/${id}/stores/${store}`);
    taken.push(performance.now() - begun);
  }
  agent.destroy();
  return figure('explain, p95', 'ms', [quantile(taken, 0.95)]);
}

/** Pages of 200, here and there, by different columns. */
async function rows(origin, { id, stores }) {
  const sorts = ['store_id', '-downtime_last_week', 'uptime_last_day', '-longest_outage'];
  const taken = await atRate(ROWS.rate, ROWS.seconds, (n) => {
    const offset = (n * 997) % Math.max(1, stores - 200);
    return `${origin}/api/v1/reports/${id}/rows?limit=200&offset=${offset}&sort=${sorts[n % sorts.length]}`;
  });
  return figure('rows of 200 at 50 a second, p95', 'ms', [quantile(taken, 0.95)]);
}

/** A report's state and that of all stores, while reports are made one after another. */
async function states(origin, { id }, seconds) {
  const addresses = {
    "GET of a report's state": `${origin}/api/v1/reports/${id}`,
    'GET /status': `${origin}/api/v1/status`,
  };
  const figures = [];
  for (const [name, address] of Object.entries(addresses)) {
    // The first one works it out, and the server's code is compiled by the first few hundred.
    await atRate(WARM_UP.rate, WARM_UP.seconds, () => address);
    const over = new AbortController();
    const busy = keepReporting(origin, over.signal);
    const taken = await atRate(STATUS_RATE, seconds, () => address);
    over.abort();
    await busy;
    figures.push(
      figure(`${name} at ${STATUS_RATE} a second, p50`, 'ms', [quantile(taken, 0.5)]),
      figure(`${name} at ${STATUS_RATE} a second, p99`, 'ms', [quantile(taken, 0.99)]),
    );
  }
  return figures;
}

async function keepReporting(origin, signal) {
  while (!signal.aborted) await makeReport(origin);
}

/** Sends so many a second whatever the answers do. @returns for each the time from when it was due to its end, in ms */
async function atRate(rate, seconds, addressOf) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const under = [];
  const started = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    const due = started + (n * 1_000) / rate;
    if (due > performance.now()) await delay(due - performance.now());
    under.push(timed(agent, addressOf(n), due));
  }
  const taken = await Promise.all(under);
  agent.destroy();
  return taken;
}

async function timed(agent, address, due) {
  await answer(agent, address);
  return performance.now() - due;
}

function answer(agent, address) {
  return new Promise((resolve, reject) => {
    const sent = get(address, { agent }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        const body = String(Buffer.concat(pieces));
        if (response.statusCode === 200) resolve({ body });
        else reject(new Error(`${address} was answered ${response.statusCode}: ${body}`));
      });
    });
    sent.once('error', (error) => {
      // The server has closed the kept connection at the very moment when it was to be used again.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(answer(agent, address));
      else reject(error);
    });
  });
}
