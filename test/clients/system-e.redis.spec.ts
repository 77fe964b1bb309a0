import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QUEUES } from '../../src/platform/queue/queues.js';
import { WorkerModule } from '../../src/worker.module.js';
import {
  startTestApi,
  type TestApi,
  testLogger,
  TWO_STORES,
  TWO_STORES_REPORT,
} from '../support/application.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import {
  type Answer,
  askUntil,
  clientOf,
  IDLE_BODIES,
  NOBODY,
  ownCsv,
  reusedFrom,
  type Send,
} from './support/client.js';

describe.each(['queue', 'inline'] as const)(
  'a client of system E, with Redis so that work is done in mode %s,',
  (mode) => {
    let redis: TestRedis;
    let api: TestApi;
    let worker: INestApplicationContext | null = null;
    let send: Send;

    beforeAll(async () => {
      redis = await startRedis();
      api = await startTestApi({ redisUrl: redis.url });
      send = await clientOf(api);
      await api.putData(TWO_STORES);
      if (mode === 'inline') await redis.stop();
      else worker = await startWorker();
      await askUntil(
        () => send('GET', '/api/v1/health'),
        (answer) => answer.json()['mode'] === mode,
      );
    });

    afterAll(async () => {
      await worker?.close();
      // Connections that still wait for it would outlive the test by seconds.
      if (mode === 'inline') await redis.start();
      await askUntil(
        () => send('GET', '/api/v1/health'),
        (answer) => answer.json()['mode'] === 'queue',
      );
      await api.close();
      await redis.stop();
    });

    const startWorker = (): Promise<INestApplicationContext> =>
      NestFactory.createApplicationContext(
        WorkerModule.forRoot(
          { environment: api.environment, databaseUrl: api.databaseUrl },
          { queues: QUEUES, concurrency: 1 },
        ),
        { logger: testLogger(), abortOnError: false },
      );

    async function trigger(address = '/api/trigger_report'): Promise<string> {
      const answer = await send('POST', address);
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual({ report_id: expect.any(String), status: 'Running' });
      return answer.json()['report_id'] as string;
    }

    const ended = (id: string): Promise<Answer> =>
      askUntil(
        () => send('GET', `/api/get_report/${id}`),
        (answer) => answer.json()['status'] !== 'Running',
      );

    const completed = (id: string): object => ({
      status: 'Completed',
      filepath: `reports/store_report_${id}.csv`,
      download_url: `/api/download_report/${id}`,
    });

    it('sees a report on nothing fail, and finds no file of it', async () => {
      await send('DELETE', '/data/');
      const id = await trigger();
      expect((await ended(id)).json()).toEqual({ status: 'Failed' });
      expect((await send('GET', `/api/download_report/${id}`)).status).toBe(409);
    });

    describe('with data', () => {
      beforeEach(async () => {
        expect((await send('POST', '/data/')).status).toBe(200);
      });

      it('triggers, asks, and downloads from where it is told', async () => {
        const id = await trigger();
        const last = await ended(id);
        expect(last.json()).toEqual(completed(id));
        const file = await send('GET', last.json()['download_url'] as string);
        expect(file.status).toBe(200);
        expect(file.headers).toMatchObject({
          'content-type': expect.stringContaining('text/csv'),
          'content-disposition': expect.stringMatching(/^attachment; filename=".*\.csv"$/),
        });
        expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
        expect(file.bytes).toEqual(await ownCsv(send, id));
      });

      it('gets figures on what has come since, computed in this mode', async () => {
        await ended(await trigger());
        await send('POST', '/api/v1/polls', {
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ store_id: 'late', status: 'active', timestamp_utc: '2023-01-18T17:00:00Z' }),
        });
        const id = await trigger();
        expect((await ended(id)).json()).toEqual(completed(id));
        expect(await reusedFrom(send, id)).toBeNull();
        const file = await send('GET', `/api/download_report/${id}`);
        expect(file.bytes.toString()).toContain('\nlate,');
        expect(file.bytes).toEqual(await ownCsv(send, id));
        expect((await send('DELETE', '/data/')).status).toBe(200);
      });

      it('may end every address with a slash, and ask with HEAD', async () => {
        const id = await trigger('/api/trigger_report/');
        await ended(id);
        expect((await send('GET', `/api/get_report/${id}/`)).json()).toEqual(completed(id));
        expect((await send('GET', `/api/download_report/${id}/`)).bytes.toString()).toBe(TWO_STORES_REPORT);
        const head = await send('HEAD', `/api/download_report/${id}`);
        expect(head.status).toBe(200);
        expect(head.bytes).toHaveLength(0);
        expect(head.headers['content-length']).toBe(String(Buffer.byteLength(TWO_STORES_REPORT)));
      });

      it('is answered at once from an equal report, by an id of its own', async () => {
        const first = await trigger();
        await ended(first);
        const second = await trigger();
        expect(second).not.toBe(first);
        expect((await send('GET', `/api/get_report/${second}`)).json()).toEqual(completed(second));
        expect(await reusedFrom(send, second)).not.toBeNull();
        expect((await send('GET', `/api/download_report/${second}`)).bytes.toString()).toBe(
          TWO_STORES_REPORT,
        );
      });

      it.each(IDLE_BODIES)('may trigger with %s', async (_, sent) => {
        const answer = await send('POST', '/api/trigger_report', sent);
        expect(answer.status).toBe(200);
        expect((await ended(answer.json()['report_id'] as string)).json()['status']).toBe('Completed');
      });
    });

    it.each([NOBODY, 'unknown'])('is told that there is no report %s', async (id) => {
      for (const address of [
        `/api/get_report/${id}`,
        `/api/download_report/${id}`,
        `/api/download_report/${id}/`,
      ]) {
        expect((await send('GET', address)).status).toBe(404);
      }
    });

    it('is shown the first page', async () => {
      const page = await send('GET', '/', { headers: { Accept: 'text/html' } });
      expect(page.status).toBe(200);
      expect(page.headers['content-type']).toContain('text/html');
    });
  },
);
