import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const PEAK_MEMORY = new URL('peak-memory.mjs', import.meta.url).href;

/**
 * Runs a program of Node in a process of its own.
 *
 * @returns {Promise<{result: object, peakBytes: number}>} the JSON of its last line, and the most memory it held
 * @throws when it fails, with what it said
 */
export async function runMeasured(script, args, environment = {}) {
  const child = spawn(process.execPath, ['--import', PEAK_MEMORY, script, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, complaints, peak] = await Promise.all([
    ended,
    ...child.stdio.slice(1).map((pipe) => text(pipe)),
  ]);
  if (code !== 0)
    throw new Error(`${script} ${args.join(' ')} ended with code ${code}:\n${complaints}${output}`);
  return { result: JSON.parse(output.trimEnd().split('\n').at(-1)), peakBytes: Number(peak) };
}
