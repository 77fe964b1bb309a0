import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { PROJECT_ROOT } from '../src/platform/environment.js';
import { QUEUES, type QueueName } from '../src/platform/queue/queues.js';
import { WorkerModule } from '../src/worker.module.js';
import { startTestApi, type TestApi, testLogger } from './support/application.js';
import { startRedis, type TestRedis } from './support/redis.js';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const NOBODY_LISTENS = 'redis://127.0.0.1:1';

describe('the commands for movement logs, and the doctor', () => {
  let folder: string;
  let redis: TestRedis;
  let operator: Redis;
  let api: TestApi;
  let worker: INestApplicationContext | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewatch-commands-'));
    redis = await startRedis();
    operator = new Redis(redis.url);
    // What waits is stored when it is asked for.
    api = await startTestApi({ redisUrl: redis.url, movementFlushMs: 3_600_000 });
  });

  afterEach(async () => {
    await worker?.close();
    worker = null;
    await operator.del('movement_logs');
    // Stores first, as everybody takes them.
    await api.app
      .get(DataSource)
      .query('LOCK TABLE stores; TRUNCATE movement_events, movement_event_ids, movement_touched');
  });

  afterAll(async () => {
    await api.close();
    operator.disconnect();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the built program as a user does. */
  function storewatch(args: readonly string[], redisUrl: string | null = redis.url): Promise<Ended> {
    const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env;
    const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'dist', 'cli.js'), ...args], {
      env: {
        ...inherited,
        DATABASE_URL: api.databaseUrl,
        ...(redisUrl !== null && { REDIS_URL: redisUrl }),
        REPORTS_DIR: folder,
        PORT: '0',
        MOVEMENT_FLUSH_SECONDS: '3600',
        USER_ID_SECRET_FILE: path.join(folder, 'user-id.key'),
      },
    });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ ...ended, code }));
    });
  }

  async function startWorker(queues: readonly QueueName[] = QUEUES): Promise<void> {
    worker = await NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: api.environment, databaseUrl: api.databaseUrl },
        { queues, concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
  }

  async function storedOf(store: string): Promise<number> {
    const [row] = await api.app
      .get(DataSource)
      .query('SELECT count(*)::int AS count FROM movement_events WHERE store_name = $1', [store]);
    return row.count as number;
  }

  describe('movements', () => {
    it('adds samples to what waits in Redis, and stores all that waits when told to', async () => {
      const added = await storewatch(['movements', 'sample', '--count', '1200', '--store', 'Store A']);
      expect(added).toMatchObject({
        code: 0,
        stdout: "1,200 sample events for 'Store A' added: 1,200 into Redis (movement_logs holds 1,200)\n",
      });
      expect(await operator.llen('movement_logs')).toBe(1_200);
      expect(added.stderr).not.toContain('does not answer');
      const processed = await storewatch(['movements', 'process']);
      expect(processed).toMatchObject({ code: 0, stdout: '1,200 movement events stored, 0 wait\n' });
      expect(processed.stderr).not.toContain('does not answer');
      expect(await operator.llen('movement_logs')).toBe(0);
      expect(await storedOf('Store A')).toBe(1_200);
      expect((await storewatch(['movements', 'process'])).stdout).toBe('0 movement events stored, 0 wait\n');
    });

    it.each([
      ['there is no Redis', null],
      ['Redis does not answer', NOBODY_LISTENS],
    ])('adds them straight to the database when %s', async (_, url) => {
      const added = await storewatch(['movements', 'sample', '--count', '3'], url);
      expect(added).toMatchObject({
        code: 0,
        stdout: "3 sample events for 'Sample store' added: 3 straight into PostgreSQL\n",
      });
      expect(await storedOf('Sample store')).toBe(3);
    });

    it('says that nothing waits where there is no Redis, and fails where it does not answer', async () => {
      const without = await storewatch(['movements', 'process'], null);
      expect(without.stdout).toContain('there is no Redis');
      expect(without.code).toBe(0);
      const away = await storewatch(['movements', 'process'], NOBODY_LISTENS);
      expect(away.stderr).toContain('Redis does not answer');
      expect(away.code).toBe(1);
    });

    it.each([
      [['movements', 'sample', '--count', '0'], 'whole number from 1 to 10000'],
      [['movements', 'sample', '--count', '1e9'], 'whole number from 1 to 10000'],
      [['movements', 'sample', '--store', ' '], 'text of 1 to 200 characters'],
      [['movements', 'dance'], 'unknown command'],
      [['doctor', '--everything'], 'unknown option'],
    ])('%j ends with 2 and says what is allowed', async (args, sentence) => {
      const { code, stderr } = await storewatch(args);
      expect(stderr).toContain(sentence);
      expect(code).toBe(2);
    });
  });

  describe('doctor', () => {
    it('looks at what it is told to look at, and at nothing else', async () => {
      const { stdout, code } = await storewatch(['doctor', '--redis', '--database']);
      expect(code).toBe(0);
      expect(stdout.match(/^(ok {2}|FAIL) \w+/gm)).toEqual(['ok   Database', 'ok   Redis']);
    });

    it('sends a job through each queue to a worker and back, and says how long that took', async () => {
      await startWorker();
      const { stdout, stderr, code } = await storewatch(['doctor', '--queue']);
      expect(stderr).toBe('');
      expect(stdout).toMatch(
        /^ok {3}Queue {5}a worker answers: ingestion in [\d.]+ ms, reports in [\d.]+ ms, movements in [\d.]+ ms\n$/,
      );
      expect(code).toBe(0);
    });

    it('fails where no worker answers, and says which queues and what to do', async () => {
      await startWorker(['reports']);
      const { stdout, code } = await storewatch(['doctor', '--queue']);
      expect(stdout).toContain('FAIL Queue');
      expect(stdout).toContain('for ingestion, movements');
      expect(stdout).toContain('Start a worker');
      expect(code).toBe(1);
    });

    it('looks at everything with --all, and without an option at all that needs no worker', async () => {
      await startWorker();
      const all = await storewatch(['doctor', '--all']);
      expect(all.stdout.match(/^(ok {2}|FAIL) \w+/gm)).toEqual(
        ['Node', 'Database', 'Redis', 'Queue', 'Reports', 'Port'].map((name) => `ok   ${name}`),
      );
      expect(all.code).toBe(0);
      expect((await storewatch(['doctor'])).stdout).not.toContain('Queue');
    });

    it('ends with 1 when one of those fails', async () => {
      const { stdout, code } = await storewatch(['doctor', '--redis'], NOBODY_LISTENS);
      expect(stdout).toMatch(/^FAIL Redis/);
      expect(stdout.match(/^(ok {2}|FAIL)/gm)).toHaveLength(1);
      expect(code).toBe(1);
      const queue = await storewatch(['doctor', '--queue'], NOBODY_LISTENS);
      expect(queue.stdout).toMatch(/^FAIL Queue.*Redis does not answer/);
      expect(queue.code).toBe(1);
      expect((await storewatch(['doctor', '--queue'], null)).code).toBe(0);
    });
  });
});
