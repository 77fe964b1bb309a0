import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from '../support/application.js';
import {
  type Answer,
  askUntil,
  clientOf,
  curl,
  IDLE_BODIES,
  NOBODY,
  ownCsv,
  reusedFrom,
  type Send,
} from './support/client.js';

describe('a client of system A', () => {
  let api: TestApi;
  let send: Send;
  let base: string;

  beforeAll(async () => {
    api = await startTestApi();
    send = await clientOf(api);
    base = await api.app.getUrl();
  });

  afterAll(() => api.close());

  const trigger = async (address = '/reports/trigger'): Promise<string> =>
    (await send('POST', address)).json()['report_id'] as string;

  const ended = (id: string): Promise<Answer> =>
    askUntil(
      () => send('GET', `/reports/status?report_id=${id}`),
      (answer) => ['COMPLETED', 'FAILED'].includes(answer.json()['status'] as string),
    );

  it('sees a report on nothing fail, and finds no file of it', async () => {
    const id = await trigger();
    expect((await ended(id)).json()).toEqual({ report_id: id, status: 'FAILED', url: null });
    expect((await send('GET', `/files/reports/${id}.csv`)).status).toBe(409);
  });

  describe('with data', () => {
    beforeAll(async () => {
      await api.putData(TWO_STORES);
      expect((await send('POST', '/data/')).status).toBe(200);
    });

    it('gets its report by two calls of curl, and the files by a third and a fourth', async () => {
      const triggered = JSON.parse(await curl('-X', 'POST', `${base}/reports/trigger`)) as Record<
        string,
        string
      >;
      expect(triggered).toEqual({
        report_id: expect.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
        status: 'PENDING',
        task_id: expect.any(String),
      });
      const id = triggered['report_id']!;
      const seen = new Set<unknown>();
      const last = await askUntil(
        async () =>
          JSON.parse(await curl(`${base}/reports/status?report_id=${id}`)) as Record<string, string>,
        ({ status, url, report_id }) => {
          seen.add(status);
          expect(report_id).toBe(id);
          if (status !== 'COMPLETED') expect(url).toBeNull();
          return status === 'COMPLETED';
        },
      );
      expect(['PENDING', 'RUNNING', 'COMPLETED']).toEqual(expect.arrayContaining([...seen]));
      expect(last['url']).toBe(`/files/reports/${id}.csv`);
      const csv = await curl(`${base}${last['url']}`);
      expect(csv).toBe(TWO_STORES_REPORT);
      expect(csv).toBe((await ownCsv(send, id)).toString());
      const metadata = await curl(`${base}${last['url']!.replace('.csv', '.json')}`);
      expect(JSON.parse(metadata)).toMatchObject({ report_id: id });
      expect(metadata).toBe((await send('GET', `/api/v1/reports/${id}/file?format=json`)).bytes.toString());
    });

    it('may end every address with a slash', async () => {
      const id = await trigger('/reports/trigger/');
      await ended(id);
      const status = await send('GET', `/reports/status/?report_id=${id}`);
      expect(status.json()).toMatchObject({ report_id: id, status: 'COMPLETED' });
      for (const address of [`/files/reports/${id}.csv`, `/files/reports/${id}.csv/`]) {
        const file = await send('GET', address);
        expect(file.status).toBe(200);
        expect(file.bytes).toEqual(await ownCsv(send, id));
      }
    });

    it('gets attachments of their types', async () => {
      const id = await trigger();
      await ended(id);
      const csv = await send('GET', `/files/reports/${id}.csv`);
      expect(csv.headers).toMatchObject({
        'content-type': expect.stringContaining('text/csv'),
        'content-disposition': expect.stringMatching(/^attachment; filename=".*\.csv"$/),
        'content-length': String(csv.bytes.length),
      });
      const json = await send('GET', `/files/reports/${id}.json`);
      expect(json.headers).toMatchObject({
        'content-type': expect.stringContaining('application/json'),
        'content-disposition': expect.stringMatching(/^attachment; filename=".*\.json"$/),
      });
    });

    it('is answered at once from an equal report, by an id of its own', async () => {
      const first = await trigger();
      await ended(first);
      const second = await trigger();
      expect(second).not.toBe(first);
      const status = await send('GET', `/reports/status?report_id=${second}`);
      expect(status.json()).toEqual({
        report_id: second,
        status: 'COMPLETED',
        url: `/files/reports/${second}.csv`,
      });
      expect(await reusedFrom(send, second)).not.toBeNull();
      expect((await send('GET', `/files/reports/${second}.csv`)).bytes.toString()).toBe(TWO_STORES_REPORT);
      const metadata = await send('GET', `/files/reports/${second}.json`);
      expect(metadata.status).toBe(200);
      expect(metadata.bytes).toEqual((await send('GET', `/api/v1/reports/${second}/file?format=json`)).bytes);
    });

    it('may ask with HEAD, and is told how much there is', async () => {
      const id = await trigger();
      await ended(id);
      const head = await send('HEAD', `/files/reports/${id}.csv`);
      expect(head.status).toBe(200);
      expect(head.bytes).toHaveLength(0);
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(TWO_STORES_REPORT)));
      expect((await send('HEAD', `/reports/status?report_id=${id}`)).status).toBe(200);
    });

    it.each(IDLE_BODIES)('may trigger with %s', async (_, sent) => {
      const answer = await send('POST', '/reports/trigger', sent);
      expect(answer.status).toBe(200);
      expect((await ended(answer.json()['report_id'] as string)).json()['status']).toBe('COMPLETED');
    });

    it.each(['', '?report_id=', '?report_id=short', '?report_id=a/../b', `?report_id=${'x'.repeat(65)}`])(
      'is refused the status with %j',
      async (query) => {
        for (const address of ['/reports/status', '/reports/status/']) {
          expect((await send('GET', address + query)).status).toBe(400);
        }
      },
    );

    it.each([NOBODY, '1756601234567890-123456', 'abc_DEF-123'])(
      'is told that there is no report %s',
      async (id) => {
        expect((await send('GET', `/reports/status?report_id=${id}`)).status).toBe(404);
        for (const name of [`${id}.csv`, `${id}.json`, `${id}.csv/`, `${id}.xlsx`, id]) {
          expect((await send('GET', `/files/reports/${name}`)).status).toBe(404);
        }
      },
    );
  });
});
