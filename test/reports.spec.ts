import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from './support/application.js';
import { holdClock } from './support/stores.js';

interface ReportBody {
  id: string;
  status: string;
  as_of: string | null;
  error: string | null;
  stores: number | null;
  files: { format: string; bytes: number; sha256: string; url: string }[];
  links: { self: string };
}

describe('reports over HTTP', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  function addressOf(route: string): string {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    return `http://127.0.0.1:${port}${route}`;
  }

  async function trigger(request: object = {}): Promise<ReportBody> {
    const { body } = await api.http.post('/api/v1/reports').send(request).expect(202);
    return body as ReportBody;
  }

  async function ended(id: string): Promise<ReportBody> {
    const { body } = await api.http.get(`/api/v1/reports/${id}`).set('Prefer', 'wait=20').expect(200);
    return body as ReportBody;
  }

  describe('on an empty database', () => {
    it('says that there is nothing to report on', async () => {
      const report = await ended((await trigger()).id);
      expect(report.status).toBe('failed');
      expect(report.error).toContain('There is nothing to report on: no poll has been loaded yet');
      await api.http
        .get(`/api/v1/reports/${report.id}/file`)
        .expect(409)
        .expect((response) => expect(response.body.detail).toContain('nothing to report on'));
    });
  });

  describe('without an as-of, while some polls are ahead of the clock', () => {
    afterEach(() => jest.restoreAllMocks());

    it.each([
      ['2023-01-18T15:00:00Z', '2023-01-18T12:00:00.000000Z'],
      ['2023-01-18T11:00:00Z', '2023-01-16T10:00:00.000000Z'],
      ['2023-01-18T12:00:00Z', '2023-01-18T12:00:00.000000Z'],
    ])('take at %s the newest one that is not, of %s', async (now, asOf) => {
      const instants = [
        '2023-01-16 10:00:00',
        '2023-01-18 12:00:00',
        '2023-01-18 20:00:00',
        '2023-01-19 01:00:00',
      ];
      await api.putData({
        'store_status.csv': [
          'store_id,status,timestamp_utc',
          ...instants.map((instant) => `ahead,active,${instant} UTC`),
          '',
        ].join('\n'),
      });
      await api.http.post('/data/').expect(200);
      holdClock(api, now);
      expect(await ended((await trigger()).id)).toMatchObject({ status: 'completed', as_of: asOf });
    });

    afterAll(() => api.http.delete('/api/v1/data').expect(200));
  });

  describe('on loaded data', () => {
    beforeAll(async () => {
      await api.putData(TWO_STORES);
      await api.http.post('/data/').expect(200);
    });

    it('is triggered, followed and downloaded', async () => {
      const accepted = await api.http.post('/api/v1/reports').send({ label: 'Monday' }).expect(202);
      expect(accepted.headers['location']).toBe(`/api/v1/reports/${accepted.body.id}`);
      expect(accepted.headers['retry-after']).toBe('1');
      const report = await ended(accepted.body.id);
      expect(report).toMatchObject({
        status: 'completed',
        label: 'Monday',
        as_of: '2023-01-18T18:00:00.000000Z',
        stores: 2,
        options: { windows: 'rolling', unobserved: 'down', estimator: 'step' },
        progress: { done: 2, total: 2 },
        error: null,
      });
      const file = await api.http
        .get(`/api/v1/reports/${report.id}/file?format=csv`)
        .buffer(true)
        .expect(200);
      expect(file.text).toBe(TWO_STORES_REPORT);
      expect(file.headers['content-disposition']).toBe(`attachment; filename="${report.id}.csv"`);
      expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
      const csv = report.files.find((one) => one.format === 'csv')!;
      expect(file.headers['etag']).toBe(`"${csv.sha256}"`);
      expect(csv.bytes).toBe(Buffer.byteLength(file.text));
      await api.http.get(csv.url).set('If-None-Match', `"${csv.sha256}"`).expect(304);
    });

    it('writes metadata that tells how the figures came about', async () => {
      const report = await ended((await trigger()).id);
      const { body } = await api.http.get(`/api/v1/reports/${report.id}/file?format=json`).expect(200);
      expect(body).toMatchObject({
        report_id: report.id,
        as_of: '2023-01-18T18:00:00.000000Z',
        algorithm: { name: 'storewatch-availability', version: 1 },
        tzdata: process.versions.tz,
        counts: { stores: 2, stores_without_polls: 0, assumed_zones: 0, assumed_hours: 1, hours_rejected: 0 },
      });
    });

    it('takes every option', async () => {
      const report = await ended(
        (
          await trigger({
            as_of: '2023-01-18T17:30:00Z',
            windows: 'calendar',
            unobserved: 'exclude',
            estimator: 'nearest',
            store_ids: ['8419537941919820732'],
          })
        ).id,
      );
      const { text } = await api.http.get(`/api/v1/reports/${report.id}/file`).buffer(true).expect(200);
      // Up from the opening at 14:00Z to the middle of 15:00:00.5Z and 17:00Z, down from there to 17:30Z.
      expect(text.split('\n')[1]).toBe('8419537941919820732,0.00,2.00,2.00,60.00,1.50,1.50');
    });

    it('names stores that were asked for and have nothing to tell', async () => {
      const report = await ended((await trigger({ store_ids: ['nobody'] })).id);
      expect(report).toMatchObject({ status: 'failed', stores: null });
      expect(report.error).toContain('none of the stores that were named has a poll at or before');
    });

    it('lists reports newest first, page by page', async () => {
      const ids = [(await trigger()).id, (await trigger()).id, (await trigger()).id];
      const first = await api.http.get('/api/v1/reports?limit=2').expect(200);
      expect(first.body.data.map((report: ReportBody) => report.id)).toEqual([ids[2], ids[1]]);
      const second = await api.http
        .get(`/api/v1/reports?limit=2&cursor=${first.body.next_cursor}`)
        .expect(200);
      expect(second.body.data[0].id).toBe(ids[0]);
      await Promise.all(ids.map(ended));
    });

    it('makes the same file again whenever it is asked the same', async () => {
      const reports = await Promise.all([trigger(), trigger(), trigger()]);
      const files = await Promise.all(
        reports.map(async ({ id }) => (await ended(id)).files.find((file) => file.format === 'csv')!.sha256),
      );
      expect(new Set(files).size).toBe(1);
    });

    it('gives no bytes of a file that was changed or removed behind its back: it makes the file again', async () => {
      const report = await ended((await trigger({ force: true })).id);
      const file = path.join(api.environment.reportsDir, `${report.id}.csv`);
      for (const spoil of [() => writeFile(file, 'torn'), () => rm(file)]) {
        await spoil();
        const { text } = await api.http.get(`/api/v1/reports/${report.id}/file`).buffer(true).expect(200);
        expect(text).toBe(TWO_STORES_REPORT);
        expect(await readFile(file, 'utf8')).toBe(TWO_STORES_REPORT);
      }
    });

    it('leaves no temporary file', async () => {
      await ended((await trigger()).id);
      expect((await readdir(api.environment.reportsDir)).filter((name) => name.endsWith('.part'))).toEqual(
        [],
      );
    });
  });

  it('take null for what is left out', async () => {
    const { body } = await api.http
      .post('/api/v1/reports')
      .send({
        as_of: null,
        label: null,
        store_ids: null,
        windows: null,
        unobserved: null,
        estimator: null,
        include_unpolled: null,
      })
      .expect(202);
    await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
  });

  describe('asked for nonsense', () => {
    it.each([
      [{ as_of: 'yesterday' }, '/as_of', 'instant with its zone'],
      [{ as_of: '2256-01-01T00:00:00Z' }, '/as_of', 'instant with its zone'],
      [{ as_of: '2023-02-30T00:00:00Z' }, '/as_of', 'instant with its zone'],
      [{ as_of: '2023-01-18T18:00:00' }, '/as_of', 'instant with its zone'],
      [{ windows: 'weekly' }, '/windows', 'one of rolling, calendar'],
      [{ unobserved: 'maybe' }, '/unobserved', 'one of down, up, exclude'],
      [{ estimator: 'guess' }, '/estimator', 'one of step, nearest'],
      [
        { store_ids: [5778] },
        '/store_ids',
        'store_ids has to hold text: ids are text, also where they look like',
      ],
      [{ store_ids: ['a\u0000b'] }, '/store_ids', 'without control characters'],
      [{ store_ids: ['a\ud800'] }, '/store_ids', 'without control characters'],
      [{ label: 'a\u0000' }, '/label', 'without control characters'],
      [{ label: '\udc00a' }, '/label', 'without control characters'],
      [{ stores: [] }, '/stores', 'is unknown here'],
    ])('refuses %j, and says where and what is allowed', async (request, pointer, sentence) => {
      const { body, headers } = await api.http.post('/api/v1/reports').send(request).expect(400);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(body.errors).toContainEqual(
        expect.objectContaining({ pointer, detail: expect.stringContaining(sentence) }),
      );
      expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('takes characters of every plane in a label', async () => {
      expect((await trigger({ label: 'Lundi 🏪 — été' })).id).toBeDefined();
    });

    it('tells every problem at once', async () => {
      const { body } = await api.http.post('/api/v1/reports').send({ windows: 1, estimator: 2 }).expect(400);
      expect(body.errors).toHaveLength(2);
    });

    it.each(['not-a-uuid', '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000', '..%2f..%2fetc%2fpasswd'])(
      'answers 404 for the id %s',
      async (id) => {
        const { body } = await api.http.get(`/api/v1/reports/${id}`).expect(404);
        expect(body).toMatchObject({ status: 404, title: 'Not found', error: 'Not found' });
        await api.http.get(`/api/v1/reports/${id}/file`).expect(404);
      },
    );

    it.each(['limit=0', 'limit=501', 'limit=ten', 'limit=10&limit=20', 'cursor=x', 'sort=(select 1)'])(
      'refuses the query %s',
      async (query) => {
        await api.http.get(`/api/v1/reports?${query}`).expect(400);
      },
    );

    it.each(['limit=abc', 'limit=0', 'limit=501', 'limit=1.5'])(
      'says once what %s should be',
      async (query) => {
        const { body } = await api.http.get(`/api/v1/reports?${query}`).expect(400);
        expect(body.detail).toBe('limit has to be a whole number from 1 to 500.');
      },
    );

    it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', ''])(
      'refuses a body of type "%s" rather than overlook it',
      async (type) => {
        const before = (await api.http.get('/api/v1/reports').expect(200)).body.data.length;
        const answer = await fetch(addressOf('/api/v1/reports'), {
          method: 'POST',
          body: Buffer.from('{"unobserved":"exclude"}'),
          headers: type === '' ? {} : { 'Content-Type': type },
        });
        expect(answer.status).toBe(415);
        expect(await answer.json()).toMatchObject({
          detail: expect.stringContaining('Content-Type: application/json'),
        });
        expect((await api.http.get('/api/v1/reports').expect(200)).body.data).toHaveLength(before);
      },
    );

    it('refuses a body of another type that comes in pieces', async () => {
      const body = new Blob(['{"unobserved":"exclude"}']).stream();
      const answer = await fetch(addressOf('/API/v1/reports/'), {
        method: 'POST',
        body,
        duplex: 'half',
      } as RequestInit);
      expect(answer.status).toBe(415);
    });

    it('needs no body, and no type for none', async () => {
      expect((await fetch(addressOf('/api/v1/reports'), { method: 'POST' })).status).toBe(202);
    });

    it('takes any body from the earlier clients', async () => {
      for (const address of ['/reports/trigger', '/trigger_report', '/api/trigger_report']) {
        await api.http.post(address).type('form').send('whatever=1').expect(200);
        await api.http.post(address).send([1]).expect(200);
      }
    });

    it('refuses a list instead of an object', async () => {
      const { body } = await api.http
        .post('/api/v1/reports')
        .send([{ unobserved: 'exclude' }])
        .expect(400);
      expect(body.detail).toContain('one JSON object');
    });

    it.each([20, 3_000, 100_000])('refuses a body that is nested %d deep, in plain words', async (depth) => {
      for (const [open, close, middle] of [
        ['[', ']', ''],
        ['{"a":', '}', '1'],
      ] as const) {
        const { body } = await api.http
          .post('/api/v1/reports')
          .type('json')
          .send(`{"label":${open.repeat(depth)}${middle}${close.repeat(depth)}}`)
          .expect(400);
        expect(body.detail).toBe(
          'The body is nested too deeply: more than 16 objects and lists are in each other.',
        );
      }
    });

    it.each(['{"constructor":{}}', '{"__proto__":{"x":1}}', '{"label":{"prototype":1}}'])(
      'refuses the body %s, which nobody sends in good faith',
      async (body) => {
        await api.http.post('/api/v1/reports').set('Content-Type', 'application/json').send(body).expect(400);
        expect(({} as { x?: number }).x).toBeUndefined();
      },
    );

    it('answers a body that is no JSON with 400, and one that is too large with 413', async () => {
      await api.http
        .post('/api/v1/reports')
        .set('Content-Type', 'application/json')
        .send('{"a":')
        .expect(400);
      await api.http
        .post('/api/v1/reports')
        .send({ label: 'x'.repeat(2_000_000) })
        .expect(413);
    });
  });

  describe('asked by a page of another origin', () => {
    it('changes nothing and tells nothing', async () => {
      await api.http.post('/api/v1/reports').set('Origin', 'https://evil.example').send({}).expect(403);
      await api.http.post('/api/v1/reports').set('Origin', 'null').send({}).expect(403);
      await api.http.post('/api/v1/reports').set('Host', 'evil.example').send({}).expect(403);
      await api.http.get('/api/v1/reports').set('Host', 'evil.example').expect(403);
    });
  });
});
