// Starts the program as a user would, from a copy of the checkout without anything built: `npm start`, a report, Ctrl-C;
// then dist/main.js on the data that are there now, and Ctrl-C again.
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './prepare.mjs';

const START_LIMIT_MS = 240_000;
const STOP_LIMIT_MS = 60_000;
const LOOK_MS = 200;

const base = mkdtempSync(path.join(tmpdir(), 'storewatch boot-'));
const checkout = path.join(base, 'a checkout');
let running;

/** The checkout as it is committed, near enough: nothing installed, built, loaded or made. */
function copyCheckout() {
  chmodSync(base, 0o755);
  const left = new Set(['node_modules', 'dist', '.git', '.storewatch', '.cache', '.env', 'src/metadata.ts']);
  const isLeft = (name) =>
    left.has(name) || /^data\/(?!sample|README)/.test(name) || /^reports\/(?!sample)/.test(name);
  cpSync(root, checkout, { recursive: true, filter: (file) => !isLeft(path.relative(root, file)) });
  // Installing is tried where this run began; here it would only be done twice.
  symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Starts a program of the copy in a process group of its own, as a terminal does, and waits until it is healthy. */
async function boot(...command) {
  const port = await freePort();
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...environment } = process.env;
  const child = spawn(command[0], command.slice(1), {
    cwd: checkout,
    env: { ...environment, PORT: `${port}` },
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  running = child;
  const origin = `http://127.0.0.1:${port}`;
  await until(`${command.join(' ')} answers`, START_LIMIT_MS, async () => {
    if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with code ${child.exitCode}.`);
    try {
      return (await fetch(`${origin}/api/v1/health`)).ok;
    } catch {
      // Not listening yet.
      return false;
    }
  });
  return { child, origin };
}

/** Waits for what the program does by itself on an empty database: it loads the sample and makes a report. */
async function awaitFirstReport(origin) {
  await until('there is a first report', START_LIMIT_MS, async () => {
    const { data } = await (await fetch(`${origin}/api/v1/reports`)).json();
    return data.some((report) => report.status === 'completed');
  });
}

/** Asks for a report, waits for its end, and gives its CSV's lines. */
async function makeReport(origin) {
  const accepted = await fetch(`${origin}/api/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { id } = await accepted.json();
  if (accepted.status !== 202) throw new Error(`POST /api/v1/reports answered ${accepted.status}.`);
  await until(`report ${id} is completed`, START_LIMIT_MS, async () => {
    const report = await (await fetch(`${origin}/api/v1/reports/${id}`)).json();
    if (['failed', 'cancelled', 'expired'].includes(report.status)) throw new Error(JSON.stringify(report));
    return report.status === 'completed';
  });
  const file = await fetch(`${origin}/api/v1/reports/${id}/file?format=csv`);
  if (file.status !== 200) throw new Error(`The report's file answered ${file.status}.`);
  return (await file.text()).trimEnd().split('\n');
}

/** Ctrl-C: the signal goes to the whole process group. Gives how the first process ended. */
async function interrupt({ child }) {
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  process.kill(-child.pid, 'SIGINT');
  const how = await Promise.race([ended, delay(STOP_LIMIT_MS, 'nothing', { ref: false })]);
  if (how === 'nothing') throw new Error(`It was still running ${STOP_LIMIT_MS / 1000} s after Ctrl-C.`);
  if (existsSync(path.join(checkout, '.storewatch', 'db', 'data', 'postmaster.pid'))) {
    throw new Error('Its database still runs, or did not end cleanly.');
  }
  return how;
}

async function until(what, limitMs, condition) {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += LOOK_MS) {
    if (await condition()) return;
    await delay(LOOK_MS);
  }
  throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}.`);
}

function demand(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

try {
  copyCheckout();
  const first = await boot('npm', 'start');
  await awaitFirstReport(first.origin);
  const lines = await makeReport(first.origin);
  demand(lines.length > 1, 'The report on the sample has no rows.');
  const how = await interrupt(first);
  // npm ends itself by the signal, whatever its program's exit code is.
  demand([0, 130, 'SIGINT'].includes(how), `npm start ended with ${how} after Ctrl-C.`);

  const second = await boot(process.execPath, '--enable-source-maps', 'dist/main.js');
  const again = await makeReport(second.origin);
  demand(again.join() === lines.join(), 'After a restart the same data gave another report.');
  const code = await interrupt(second);
  demand(code === 0, `dist/main.js ended with ${code} after Ctrl-C; it has to be 0.`);
  console.log(`Started twice, ${lines.length - 1} rows in the report, ended cleanly.`);
} catch (error) {
  console.error(`The boot failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (running !== undefined && running.exitCode === null && running.signalCode === null) {
    process.kill(-running.pid, 'SIGKILL');
  }
  rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
