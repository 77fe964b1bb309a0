import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { QUEUES, type QueueName } from '../src/platform/queue/queues.js';
import { WorkHandlers } from '../src/platform/queue/work-handlers.js';
import { WorkQueue } from '../src/platform/queue/work-queue.js';
import { waitFor } from '../src/platform/wait.js';
import { WorkerModule } from '../src/worker.module.js';
import { startTestApi, type TestApi, testLogger } from './support/application.js';
import { startRedis, type TestRedis } from './support/redis.js';
import { RedisProcesses } from './support/redis-topologies.js';

const PATIENCE_MS = 10_000;
/** Long enough for a worker to answer, if there were one. */
const SHORT_MS = 300;

const PONG = { task_id: expect.stringMatching(/^ping-/), latency_ms: expect.any(Number) };

async function startWorker(
  api: TestApi,
  queues: readonly QueueName[] = QUEUES,
): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(
    WorkerModule.forRoot(
      { environment: api.environment, databaseUrl: api.databaseUrl },
      { queues, concurrency: 1 },
    ),
    { logger: testLogger(), abortOnError: false },
  );
}

async function modeIs(queue: WorkQueue, mode: 'queue' | 'inline'): Promise<void> {
  expect(await waitFor(() => Promise.resolve(queue.mode() === mode ? true : null), PATIENCE_MS)).toBe(true);
}

describe('a round trip through the queue', () => {
  let redis: TestRedis;
  let api: TestApi;
  let queue: WorkQueue;
  let worker: INestApplicationContext | null = null;

  beforeAll(async () => {
    redis = await startRedis();
    api = await startTestApi({ redisUrl: redis.url });
    queue = api.app.get(WorkQueue);
  });

  beforeEach(() => modeIs(queue, 'queue'));

  afterEach(async () => {
    await worker?.close();
    worker = null;
  });

  afterAll(async () => {
    await api.close();
    await redis.stop();
  });

  async function keysLeft(): Promise<string[]> {
    const client = new Redis(redis.url);
    const keys = await client.keys('*ping-*');
    const waiting = await Promise.all(
      QUEUES.map((name) => client.lrange(`{storewatch}:${name}:wait`, 0, -1)),
    );
    client.disconnect();
    return [...keys, ...waiting.flat().filter((id) => id.startsWith('ping-'))];
  }

  it.each(QUEUES)('is made by a worker of the queue %s, and nothing of it stays', async (name) => {
    worker = await startWorker(api);
    const pong = await queue.ping(name, PATIENCE_MS);
    expect(pong).toEqual(PONG);
    expect(pong!.latency_ms).toBeGreaterThan(0);
    expect(await waitFor(async () => ((await keysLeft()).length === 0 ? true : null), PATIENCE_MS)).toBe(
      true,
    );
  });

  it('asks no handler, and does not wait behind work that lies there', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, place) => queue.enqueue('movements', `flush-test-${place}`)),
    );
    const asked = queue.ping('movements', PATIENCE_MS);
    worker = await startWorker(api);
    const seen = jest.spyOn(worker.get(WorkHandlers), 'run');
    expect(await asked).toEqual(PONG);
    expect(seen.mock.calls.filter(([, id]) => id.startsWith('flush-test')).length).toBeLessThan(20);
  });

  it('comes to nothing where no worker takes from that queue, and takes its job back', async () => {
    worker = await startWorker(api, ['reports']);
    expect(await queue.ping('movements', SHORT_MS)).toBeNull();
    expect(await keysLeft()).toEqual([]);
  });

  it('is told apart from many others at once', async () => {
    worker = await startWorker(api);
    const pongs = await Promise.all(Array.from({ length: 20 }, () => queue.ping('movements', PATIENCE_MS)));
    expect(new Set(pongs.map((pong) => pong?.task_id)).size).toBe(20);
  });

  it('is not tried while Redis is away, and succeeds when it has come back', async () => {
    worker = await startWorker(api);
    await redis.stop();
    await modeIs(queue, 'inline');
    expect(await queue.ping('movements', PATIENCE_MS)).toBeNull();
    await redis.start();
    await modeIs(queue, 'queue');
    const back = await waitFor(() => queue.ping('movements', 1_000), PATIENCE_MS);
    expect(back).toEqual(PONG);
  });
});

describe('a round trip where there is no Redis', () => {
  it('is none', async () => {
    const api = await startTestApi();
    expect(await api.app.get(WorkQueue).ping('movements', PATIENCE_MS)).toBeNull();
    await api.close();
  });
});

describe('a round trip', () => {
  let processes: RedisProcesses;

  beforeEach(async () => {
    processes = await RedisProcesses.create();
  });

  afterEach(() => processes.stop());

  it.each<[string, () => Promise<string>]>([
    [
      'a cluster',
      async () => `redis+cluster://${(await processes.cluster()).map((port) => `127.0.0.1:${port}`).join()}`,
    ],
    [
      'Sentinels',
      async () => `redis+sentinel://127.0.0.1:${(await processes.sentinel()).sentinel}/mymaster/0`,
    ],
  ])('works over %s', async (_, address) => {
    const api = await startTestApi({ redisUrl: await address() });
    const worker = await startWorker(api);
    await modeIs(api.app.get(WorkQueue), 'queue');
    expect(await waitFor(() => api.app.get(WorkQueue).ping('movements', 1_000), PATIENCE_MS)).toEqual(PONG);
    await worker.close();
    await api.close();
  });
});
