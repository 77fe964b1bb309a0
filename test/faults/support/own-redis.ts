import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

/** A Redis that a test may kill, freeze and start again at the same address. */
export interface OwnRedis {
  url: string;
  kill(): Promise<void>;
  /** @param memory whether it knows what it knew; else it comes back empty. */
  start(memory: 'kept' | 'lost'): Promise<void>;
  /** It keeps its connections and answers nobody, until it is woken. */
  freeze(): void;
  wake(): void;
  close(): Promise<void>;
}

/** Needs the program `redis-server`: a Redis that somebody else runs can't be killed. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const folder = mkdtempSync(path.join(tmpdir(), 'storewatch-faults-'));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const redis: OwnRedis = {
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      if (child === null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = null;
    },
    async start(memory) {
      if (memory === 'lost') rmSync(path.join(folder, 'appendonlydir'), { recursive: true, force: true });
      child = spawn('redis-server', wordsOf(port, folder), { stdio: 'ignore' });
      await once(child, 'spawn');
      await untilItAnswers(port);
    },
    freeze: () => void child?.kill('SIGSTOP'),
    wake: () => void child?.kill('SIGCONT'),
    async close() {
      await redis.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await redis.start('lost');
  return redis;
}

function wordsOf(port: number, folder: string): string[] {
  const listen = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  return [
    ...listen,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--maxmemory-policy',
    'noeviction',
  ];
}

async function untilItAnswers(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // Refused until it listens; the client tries again by itself.
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
