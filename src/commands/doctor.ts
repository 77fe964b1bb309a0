import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { openDatabase } from '../platform/database/open-database.js';
import { type Environment, loadEnvironment } from '../platform/environment.js';
import { CommandFailure } from './exit.js';

const LEAST_NODE = [20, 19] as const;
const LEAST_FREE_BYTES = 500_000_000;
const REDIS_PATIENCE_MS = 1_000;

interface Finding {
  ok: boolean;
  /** What is. */
  detail: string;
  /** What to do about it. */
  advice?: string;
}

/** Looks at everything that `serve` needs, and says what to do about what is missing. Changes nothing but the database. */
export async function doctor(): Promise<void> {
  const environment = loadEnvironment();
  const checks: [string, () => Promise<Finding>][] = [
    ['Node', () => Promise.resolve(node())],
    ['Database', () => database(environment)],
    ['Redis', () => redis(environment)],
    ['Reports', () => reportsFolder(environment)],
    ['Port', () => port(environment)],
  ];
  let broken = 0;
  for (const [name, check] of checks) {
    const finding = await check().catch((error: unknown): Finding => ({ ok: false, detail: String(error) }));
    process.stdout.write(`${finding.ok ? 'ok  ' : 'FAIL'} ${name.padEnd(9)} ${finding.detail}\n`);
    if (finding.advice !== undefined) process.stdout.write(`               ${finding.advice}\n`);
    if (!finding.ok) broken += 1;
  }
  if (broken > 0) throw new CommandFailure(`${broken} of ${checks.length} checks failed.`);
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
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: REDIS_PATIENCE_MS,
    commandTimeout: REDIS_PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The rejection below tells the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const policy = /maxmemory_policy:(\S+)/.exec(await client.info('memory'))?.[1];
    return policy === 'noeviction'
      ? { ok: true, detail: 'answers, noeviction' }
      : {
          ok: false,
          detail: `answers, but evicts (${policy})`,
          advice: 'Set maxmemory-policy noeviction: other policies drop accepted jobs silently.',
        };
  } catch (error) {
    return {
      ok: false,
      detail: `does not answer: ${(error as Error).message}`,
      advice: 'Start it, or unset REDIS_URL to work without.',
    };
  } finally {
    client.disconnect();
  }
}

async function reportsFolder({ reportsDir }: Environment): Promise<Finding> {
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
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      resolve({
        ok: false,
        detail: `${host}:${wanted} ${taken ? 'is taken' : error.message}`,
        advice: 'Stop what listens there (a Storewatch that runs already is fine), or set PORT.',
      });
    });
    server.listen(wanted, host, () =>
      server.close(() => resolve({ ok: true, detail: `${host}:${wanted} is free` })),
    );
  });
}
