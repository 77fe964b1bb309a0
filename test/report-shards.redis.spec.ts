import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QUEUES } from '../src/platform/queue/queues.js';
import { waitFor } from '../src/platform/wait.js';
import { ShardComputer } from '../src/reports/making/shard.computer.js';
import { WorkerModule } from '../src/worker.module.js';
import { startTestApi, type TestApi, testLogger } from './support/application.js';
import { startRedis, type TestRedis } from './support/redis.js';
import { MANY_STORES, manyStores, Watcher } from './support/shards.js';
import { loadFiles } from './support/stores.js';

const PATIENCE_MS = 20_000;

describe('a report in shards, with Redis', () => {
  let redis: TestRedis;
  let folder: string;
  let api: TestApi;
  let database: Watcher;
  const workers: INestApplicationContext[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-shards-'));
    api = await startTestApi({ redisUrl: redis.url, reportsDir: path.join(folder, 'reports') });
    database = new Watcher(api.databaseUrl);
    await database.start();
    await queueIsUsed();
    workers.push(await startWorker());
    await loadFiles(api, manyStores());
  }, 60_000);

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await database.stop();
    await api.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function startWorker(): Promise<INestApplicationContext> {
    return NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: api.environment, databaseUrl: api.databaseUrl },
        { queues: QUEUES, concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
  }

  async function queueIsUsed(): Promise<void> {
    const used = await waitFor(
      async () => ((await api.http.get('/api/v1/health')).body.mode === 'queue' ? true : null),
      PATIENCE_MS,
    );
    expect(used).toBe(true);
  }

  async function report(): Promise<{ id: string; status: string }> {
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    const ended = await api.http.get(`/api/v1/reports/${body.id}`).set('Prefer', 'wait=20').expect(200);
    return ended.body as { id: string; status: string };
  }

  it('is computed by two workers to the same rows as by one', async () => {
    const alone = await report();
    expect(alone.status).toBe('completed');
    workers.push(await startWorker());
    // Each waits at its first shard for the other, so that neither can do all of them.
    let came = 0;
    let go!: () => void;
    const both = new Promise<void>((resolve) => (go = resolve));
    const computed = workers.map((worker) => {
      const computer = worker.get(ShardComputer, { strict: false });
      const compute = computer.compute.bind(computer);
      let isFirst = true;
      return jest.spyOn(computer, 'compute').mockImplementation(async (...call) => {
        if (isFirst && (came += 1) === workers.length) go();
        isFirst = false;
        await both;
        return compute(...call);
      });
    });
    const shared = await report();
    expect(shared.status).toBe('completed');
    expect(computed.map(({ mock }) => mock.calls.length).reduce((sum, calls) => sum + calls, 0)).toBe(3);
    for (const { mock } of computed) expect(mock.calls.length).toBeGreaterThan(0);
    expect(await database.digest(shared.id)).toEqual(await database.digest(alone.id));
    expect(await database.digest(shared.id)).toMatchObject({ rows: MANY_STORES });
  });
});
