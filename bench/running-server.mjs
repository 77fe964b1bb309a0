import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PLAIN } from './product.mjs';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const WORKER = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
const PEAK_MEMORY = new URL('peak-memory.mjs', import.meta.url).href;
const LINES_KEPT = 20;

/**
 * Starts the product's server process, which does its work itself unless `environment` names a Redis.
 *
 * @returns {Promise<{origin: string, stop: () => Promise<{peakBytes: number}>}>} when it answers
 * @throws when it ends instead, with what it said
 */
export async function startRunningServer(server, scratch, environment = {}) {
  const { found, stop } = await startProcess(
    MAIN,
    { ...environmentOf(server, scratch), HOST: '127.0.0.1', PORT: '0', ...environment },
    /Storewatch is at (http:\/\/[\d.:]+)/,
  );
  return { origin: found, stop };
}

/** Starts a worker process. `stop` tells the most memory that it held. */
export async function startWorker(server, scratch, environment) {
  const { stop } = await startProcess(
    WORKER,
    { ...environmentOf(server, scratch), ...environment },
    /(Ready): /,
  );
  return { stop };
}

function environmentOf(server, scratch) {
  return {
    ...process.env,
    ...PLAIN,
    DATABASE_URL: server.url,
    REPORTS_DIR: path.join(scratch, 'reports'),
    UPLOADS_DIR: path.join(scratch, 'uploads'),
    USER_ID_SECRET_FILE: path.join(scratch, 'user-id.key'),
  };
}

/** Runs a program until `stop`; resolves when it has written a line that fits. */
async function startProcess(script, env, ready) {
  const child = spawn(process.execPath, ['--import', PEAK_MEMORY, script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const peak = text(child.stdio[3]);
  const said = [];
  const found = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (said.push(line) > LINES_KEPT) said.shift();
        const [, match] = ready.exec(line) ?? [];
        if (match !== undefined) resolve(match);
      });
    }
    void ended.then((code) =>
      reject(new Error(`${path.basename(script)} ended with code ${code}:\n${said.join('\n')}`)),
    );
  });
  return {
    found,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return { peakBytes: Number(await peak) };
    },
  };
}
