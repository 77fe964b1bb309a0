import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { getQueueToken } from '@nestjs/bull';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bull';
import { Redis } from 'ioredis';
import { KEY_PREFIX } from '../src/platform/queue/bull-options.js';
import { type QueueName, QUEUES, type WorkItem, WORKLOADS } from '../src/platform/queue/queues.js';
import { waitFor } from '../src/platform/wait.js';
import { WorkerModule } from '../src/worker.module.js';
import {
  startTestApi,
  type TestApi,
  testLogger,
  TWO_STORES,
  TWO_STORES_REPORT,
} from './support/application.js';
import { startRedis, type TestRedis } from './support/redis.js';

const PATIENCE_MS = 20_000;

describe('with Redis', () => {
  let redis: TestRedis;
  let folder: string;
  let api: TestApi;
  let worker: INestApplicationContext | null = null;

  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-queue-'));
    api = await startTestApi({ redisUrl: redis.url, reportsDir: path.join(folder, 'reports') });
    await api.putData(TWO_STORES);
  });

  beforeEach(() => modeIs('queue'));

  afterEach(() => stopWorker());

  afterAll(async () => {
    await api.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function startWorker(queues: readonly QueueName[] = QUEUES): Promise<void> {
    worker = await NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: api.environment, databaseUrl: api.databaseUrl },
        { queues, concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
  }

  async function stopWorker(): Promise<void> {
    await worker?.close();
    worker = null;
  }

  async function modeIs(mode: 'queue' | 'inline'): Promise<void> {
    const reached = await waitFor(async () => {
      const { body } = await api.http.get('/api/v1/health');
      return body.mode === mode ? true : null;
    }, PATIENCE_MS);
    expect(reached).toBe(true);
  }

  async function statusOf(id: string): Promise<string> {
    return (await api.http.get(`/api/v1/reports/${id}`)).body.status as string;
  }

  const ended = (id: string): Promise<{ body: { status: string; error: string | null } }> =>
    api.http.get(`/api/v1/reports/${id}`).set('Prefer', 'wait=20').expect(200);

  it('makes in the worker what was triggered in the server', async () => {
    const load = await api.http.post('/api/v1/imports').send({ source: 'directory' }).expect(202);
    const report = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    // Nobody takes it: the server itself must not, while there is a queue.
    expect(await statusOf(report.body.id)).toBe('pending');
    expect((await api.http.get('/api/v1/health')).body.components.workers).toMatchObject({
      status: 'degraded',
      count: 0,
    });
    await startWorker();
    expect((await ended(report.body.id)).body).toMatchObject({ status: 'completed', error: null });
    expect((await api.http.get(`/api/v1/imports/${load.body.id}`)).body.status).toBe('completed');
    const file = await api.http.get(`/api/v1/reports/${report.body.id}/file`).buffer(true).expect(200);
    expect(file.text).toBe(TWO_STORES_REPORT);
    expect((await api.http.get('/api/v1/health')).body.components.workers).toMatchObject({
      status: 'ok',
      count: 1,
    });
  });

  it('names the kinds of work that no worker takes', async () => {
    await startWorker([...WORKLOADS.reports, ...WORKLOADS.ingestion]);
    const { workers } = (await api.http.get('/api/v1/health').expect(200)).body.components;
    expect(workers).toMatchObject({ status: 'degraded', count: 1 });
    expect(workers.detail).toMatch(/^1 ready, but none takes movements .* worker --queues movements$/);
  });

  it('counts no worker of another database of the same Redis', async () => {
    const other = new URL(redis.url);
    other.pathname = '/15';
    const connections = await Promise.all(
      QUEUES.map(async (name) => {
        const client = new Redis(other.href);
        await client.client('SETNAME', `${KEY_PREFIX}:${Buffer.from(name).toString('base64')}`);
        return client;
      }),
    );
    try {
      expect((await api.http.get('/api/v1/health')).body.components.workers.count).toBe(0);
    } finally {
      for (const client of connections) client.disconnect();
    }
  });

  it('leaves no job and no result in Redis', async () => {
    await startWorker();
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    await ended(body.id);
    const client = new Redis(redis.url);
    const left = await waitFor(
      async () => ((await client.keys(`*${body.id}*`)).length === 0 ? true : null),
      PATIENCE_MS,
    );
    expect(left).toBe(true);
    client.disconnect();
  });

  it('does the work itself when Redis goes away, answers quickly, and goes back to the queue when it returns', async () => {
    await redis.stop();
    const begun = performance.now();
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    expect(performance.now() - begun).toBeLessThan(3_000);
    await modeIs('inline');
    expect((await ended(body.id)).body.status).toBe('completed');
    expect((await api.http.get('/api/v1/health')).body.components.queue.status).toBe('degraded');
    await redis.start();
    await modeIs('queue');
    const queued = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    expect(await statusOf(queued.body.id)).toBe('pending');
    await startWorker();
    expect((await ended(queued.body.id)).body.status).toBe('completed');
  });

  it('loses nothing when Redis forgets everything', async () => {
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await startWorker();
    expect((await ended(body.id)).body.status).toBe('completed');
  });

  it('runs no report twice, however often it is put into the queue', async () => {
    await startWorker();
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    const first = (await ended(body.id)).body;
    // Doubled jobs, as a replay after an outage leaves them.
    const queue = api.app.get<Queue<WorkItem>>(getQueueToken('reports'), { strict: false });
    await Promise.all(['one', 'two', 'three'].map((jobId) => queue.add({ id: body.id }, { jobId })));
    const drained = await waitFor(async () => {
      const { waiting, active } = await queue.getJobCounts();
      return waiting + active === 0 ? true : null;
    }, PATIENCE_MS);
    expect(drained).toBe(true);
    expect((await ended(body.id)).body).toEqual(first);
  });
});
