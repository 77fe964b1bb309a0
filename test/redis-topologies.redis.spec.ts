import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { waitFor } from '../src/platform/wait.js';
import { WorkerModule } from '../src/worker.module.js';
import { QUEUES } from '../src/platform/queue/queues.js';
import {
  startTestApi,
  type TestApi,
  testLogger,
  TWO_STORES,
  TWO_STORES_REPORT,
} from './support/application.js';
import { RedisProcesses } from './support/redis-topologies.js';

const PATIENCE_MS = 20_000;

describe('the queue', () => {
  let redis: RedisProcesses;
  let api: TestApi;
  let worker: INestApplicationContext | undefined;

  beforeEach(async () => {
    redis = await RedisProcesses.create();
  });

  afterEach(async () => {
    await worker?.close();
    await api.close();
    await redis.stop();
  });

  async function start(redisUrl: string): Promise<void> {
    api = await startTestApi({ redisUrl });
    await api.putData(TWO_STORES);
    worker = await NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: api.environment, databaseUrl: api.databaseUrl },
        { queues: [...QUEUES], concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
    await becomes('queue', (health) => health.components.workers.status);
  }

  interface Health {
    mode: string;
    components: { workers: { status: string } };
  }

  /** Waits until the work goes to the queue and `look` no longer says that anything is amiss. */
  async function becomes(mode: string, look: (health: Health) => string): Promise<void> {
    const reached = await waitFor(async () => {
      const { body } = await api.http.get('/api/v1/health');
      return body.mode === mode && look(body) === 'ok' ? true : null;
    }, PATIENCE_MS);
    expect(reached).toBe(true);
  }

  async function report(): Promise<string> {
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    const ended = await api.http.get(`/api/v1/reports/${body.id}`).set('Prefer', 'wait=20').expect(200);
    expect(ended.body).toMatchObject({ status: 'completed', error: null });
    return (await api.http.get(`/api/v1/reports/${body.id}/file`).buffer(true).expect(200)).text;
  }

  it('lies in a cluster', async () => {
    const ports = await redis.cluster();
    await start(`redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join()}`);
    await api.http.post('/api/v1/imports').send({ source: 'directory' }).expect(202);
    expect(await report()).toBe(TWO_STORES_REPORT);
  });

  it('follows the master that Sentinels name, and work goes on when another takes its place', async () => {
    const { sentinel, master } = await redis.sentinel();
    await start(`redis+sentinel://127.0.0.1:${sentinel}/mymaster/0`);
    await api.http.post('/api/v1/imports').send({ source: 'directory' }).expect(202);
    expect(await report()).toBe(TWO_STORES_REPORT);
    await redis.kill(master);
    // Triggered while there is no master: made all the same.
    expect(await report()).toBe(TWO_STORES_REPORT);
    await becomes('queue', (health) => health.components.workers.status);
    expect(await report()).toBe(TWO_STORES_REPORT);
  });
});
