import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QUEUES } from '../src/platform/queue/queues.js';
import { waitFor } from '../src/platform/wait.js';
import { LabComputer } from '../src/reports/lab/lab.computer.js';
import { WorkerModule } from '../src/worker.module.js';
import { startTestApi, type TestApi, testLogger, TWO_STORES } from './support/application.js';
import { endedLab, requestLab } from './support/labs.js';
import { startRedis, type TestRedis } from './support/redis.js';
import { loadFiles } from './support/stores.js';

const PATIENCE_MS = 20_000;

describe('the policy lab, with Redis', () => {
  let redis: TestRedis;
  let api: TestApi;
  let worker: INestApplicationContext;

  beforeAll(async () => {
    redis = await startRedis();
    api = await startTestApi({ redisUrl: redis.url });
    worker = await NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: api.environment, databaseUrl: api.databaseUrl },
        { queues: QUEUES, concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
    const health = async () => (await api.http.get('/api/v1/health')).body.mode as string;
    expect(await waitFor(async () => ((await health()) === 'queue' ? true : null), PATIENCE_MS)).toBe(true);
    await loadFiles(api, TWO_STORES);
  }, 60_000);

  afterAll(async () => {
    await worker.close();
    await api.close();
    await redis.stop();
  });

  it('is the work of a worker, and none of the server that takes the request', async () => {
    const [here, there] = [api.app, worker].map((process) =>
      jest.spyOn(process.get(LabComputer, { strict: false }), 'compute'),
    );
    const id = await requestLab(api, { sets: [{}, { unobserved: 'up' }] });
    expect(await endedLab(api, id)).toMatchObject({ status: 'completed', result: { differing_stores: 2 } });
    expect(there).toHaveBeenCalledTimes(1);
    expect(here).not.toHaveBeenCalled();
  });
});
