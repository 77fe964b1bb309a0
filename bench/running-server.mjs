import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PLAIN } from './product.mjs';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const PEAK_MEMORY = new URL('peak-memory.mjs', import.meta.url).href;
const LINES_KEPT = 20;

/**
 * Starts the product's server process, which does its work itself.
 *
 * @returns {Promise<{origin: string, stop: () => Promise<{peakBytes: number}>}>} when it answers
 * @throws when it ends instead, with what it said
 */
export async function startRunningServer(server, scratch) {
  const child = spawn(process.execPath, ['--import', PEAK_MEMORY, MAIN], {
    env: {
      ...process.env,
      ...PLAIN,
      DATABASE_URL: server.url,
      REPORTS_DIR: path.join(scratch, 'reports'),
      UPLOADS_DIR: path.join(scratch, 'uploads'),
      HOST: '127.0.0.1',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const peak = text(child.stdio[3]);
  const said = [];
  const origin = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (said.push(line) > LINES_KEPT) said.shift();
        const [, address] = /Storewatch is at (http:\/\/[\d.:]+)/.exec(line) ?? [];
        if (address !== undefined) resolve(address);
      });
    }
    void ended.then((code) => reject(new Error(`The server ended with code ${code}:\n${said.join('\n')}`)));
  });
  return {
    origin,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return { peakBytes: Number(await peak) };
    },
  };
}
