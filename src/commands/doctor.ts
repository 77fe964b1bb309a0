import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { SystemClock } from '../platform/clock.js';
import { openDatabase } from '../platform/database/open-database.js';
import { type Environment, loadEnvironment } from '../platform/environment.js';
import { PING_PATIENCE_MS, pingQueues } from './ping-queues.js';
import { examineRedisAt, reasonOf } from '../platform/queue/redis-check.js';
import { storageOf } from '../platform/storage/storage-of.js';
import { CommandFailure } from './exit.js';

const LEAST_NODE = [20, 19] as const;
const LEAST_FREE_BYTES = 500_000_000;
const PATIENCE_MS = 1_000;

interface Finding {
  ok: boolean;
  /** What is. */
  detail: string;
  /** What to do about it. */
  advice?: string;
}

/** What to look at. Without any of them: everything but the queue, which takes a worker. */
export interface DoctorOptions {
  database: boolean;
  redis: boolean;
  queue: boolean;
  all: boolean;
}

interface Check {
  name: string;
  /** By which option it is asked for alone. */
  option?: keyof DoctorOptions;
  /** It is made only when it is asked for. */
  onDemand?: boolean;
  look(environment: Environment): Promise<Finding> | Finding;
}

const CHECKS: readonly Check[] = [
  { name: 'Node', look: node },
  { name: 'Database', option: 'database', look: database },
  { name: 'Redis', option: 'redis', look: redis },
  { name: 'Queue', option: 'queue', onDemand: true, look: queue },
  { name: 'Reports', look: reports },
  { name: 'Port', look: port },
];

/** Looks at everything that `serve` needs, and says what to do about what is missing. Changes nothing but the database. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const environment = loadEnvironment();
  const checks = checksOf(options);
  let broken = 0;
  for (const { name, look } of checks) {
    const finding = await found(look, environment);
    process.stdout.write(`${finding.ok ? 'ok  ' : 'FAIL'} ${name.padEnd(9)} ${finding.detail}\n`);
    if (finding.advice !== undefined) process.stdout.write(`               ${finding.advice}\n`);
    if (!finding.ok) broken += 1;
  }
  if (broken > 0) throw new CommandFailure(`${broken} of ${checks.length} checks failed.`);
}

function checksOf(options: DoctorOptions): readonly Check[] {
  if (options.all) return CHECKS;
  const named = CHECKS.filter(({ option }) => option !== undefined && options[option]);
  return named.length > 0 ? named : CHECKS.filter(({ onDemand }) => onDemand !== true);
}

async function found(look: Check['look'], environment: Environment): Promise<Finding> {
  try {
    return await look(environment);
  } catch (error) {
    return { ok: false, detail: String(error) };
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return ok
    ? { ok, detail: `${process.versions.node}, time zones of ${process.versions.tz}` }
    : { ok, detail: process.versions.node, advice: `Install Node ${LEAST_NODE.join('.')} or newer.` };
}

async function database(environment: Environment): Promise<Finding> {
  const opened = await openDatabase(environment, () => undefined);
  await opened.close();
  return { ok: true, detail: `${opened.description}, up to date` };
}

async function redis({ redisUrl }: Environment): Promise<Finding> {
  if (redisUrl === null) return { ok: true, detail: 'none named: the server does the work itself' };
  try {
    const problems = await examineRedisAt(redisUrl);
    return problems.length === 0
      ? { ok: true, detail: 'answers, and is set as a queue needs it' }
      : { ok: false, detail: 'answers, but is not set as a queue needs it', advice: problems.join(' ') };
  } catch (error) {
    return {
      ok: false,
      detail: `does not answer (${reasonOf(error)})`,
      advice: 'Start it, or unset REDIS_URL to work without.',
    };
  }
}

/** A job goes to a worker and comes back, through each queue that workers can be told to take from. */
async function queue({ redisUrl }: Environment): Promise<Finding> {
  if (redisUrl === null) return { ok: true, detail: 'none, without Redis: the server does the work itself' };
  const pongs = await pingQueues(redisUrl);
  if (pongs === null)
    return { ok: false, detail: 'Redis does not answer, so no job can be sent', advice: 'Start it first.' };
  const mute = pongs.filter(({ latencyMs }) => latencyMs === null).map(({ name }) => name);
  if (mute.length === 0)
    return {
      ok: true,
      detail: `a worker answers: ${pongs.map(({ name, latencyMs }) => `${name} in ${latencyMs} ms`).join(', ')}`,
    };
  return {
    ok: false,
    detail: `no worker answers within ${PING_PATIENCE_MS / 1_000} s for ${mute.join(', ')}`,
    advice: 'Start a worker that takes them: npm run -s storewatch -- worker',
  };
}

async function reports(environment: Environment): Promise<Finding> {
  const { s3, reportsDir } = environment;
  if (s3 !== null) {
    const storage = await storageOf(environment, new SystemClock());
    return { ok: true, detail: await storage.check() };
  }
  await mkdir(reportsDir, { recursive: true });
  await access(reportsDir, constants.W_OK);
  const { bavail, bsize } = await statfs(reportsDir);
  const free = bavail * bsize;
  const detail = `${reportsDir}, ${(free / 1e9).toFixed(1)} GB free`;
  return free >= LEAST_FREE_BYTES
    ? { ok: true, detail }
    : { ok: false, detail, advice: 'Free some space: a report may fail to be written.' };
}

async function port({ host, port: wanted }: Environment): Promise<Finding> {
  const refusal = await refusalOf(host, wanted);
  if (refusal === null) return { ok: true, detail: `${host}:${wanted} is free` };
  if (refusal.code === 'EADDRINUSE' && (await isStorewatch(host, wanted)))
    return { ok: true, detail: `${host}:${wanted} is served by a Storewatch that runs already` };
  return {
    ok: false,
    detail: `${host}:${wanted} ${refusal.code === 'EADDRINUSE' ? 'is taken by another program' : refusal.message}`,
    advice: 'Stop what listens there, or set PORT.',
  };
}

/** Why the port can't be listened at; null: it can. */
function refusalOf(host: string, wanted: number): Promise<NodeJS.ErrnoException | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(wanted, host, () => server.close(() => resolve(null)));
  });
}

async function isStorewatch(host: string, taken: number): Promise<boolean> {
  const name = host.includes(':') ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`http://${name}:${taken}/livez`, { signal, redirect: 'error' });
    const { status } = (await response.json()) as { status?: unknown };
    return response.ok && status === 'ok';
  } catch {
    // Whatever it is, it does not talk as one of ours.
    return false;
  }
}
