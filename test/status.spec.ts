import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { loadFiles, STORE, urlOf, weekly } from './support/stores.js';
import { waitFor } from '../src/platform/wait.js';

const STATUS = '/api/v1/status';
const AT_18 = '2023-01-18T18:00:00.000000Z';

interface Listed {
  store_id: string;
  since: string;
}

describe('the status of all stores', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  async function statusAt(asOf: string) {
    return (await api.http.get(`${STATUS}?as_of=${asOf}`).expect(200)).body;
  }

  /** Waits until the present state has come so far: it is worked out every few seconds. */
  async function present(isIt: (body: Record<string, unknown>) => boolean) {
    const body = await waitFor(async () => {
      const answer = (await api.http.get(STATUS).expect(200)).body;
      return isIt(answer) ? answer : null;
    }, 15_000);
    if (body === null) throw new Error('The status never came to be so.');
    return body;
  }

  it('is empty and without an instant while there is no poll', async () => {
    const { body } = await api.http.get(STATUS).expect(200);
    expect(body).toMatchObject({ as_of: null, total: 0, open: 0, unpolled: 0 });
    const down = await api.http.get(`${STATUS}/down`).expect(200);
    expect(down.body).toMatchObject({ as_of: null, total: 0, data: [], next_cursor: null });
  });

  describe('on loaded data', () => {
    beforeAll(async () => {
      await loadFiles(api, TWO_STORES);
    });

    it('is that at the newest poll, once the load is seen', async () => {
      const body = await present(({ total }) => total === 2);
      expect(body).toEqual({
        as_of: AT_18,
        computed_at: expect.stringMatching(/Z$/),
        total: 2,
        open: 2,
        up: 1,
        down: 1,
        unobserved: 0,
        closed: 0,
        inactive: 0,
        unpolled: 0,
      });
    });

    it('lists the stores that are down, since when, and by which poll', async () => {
      const { body } = await api.http.get(`${STATUS}/down?as_of=${AT_18}`).expect(200);
      expect(body).toMatchObject({ as_of: AT_18, state: 'down', total: 1, next_cursor: null });
      expect(body.data).toEqual([
        {
          store_id: STORE,
          name: null,
          zone: 'America/New_York',
          since: '2023-01-18T17:00:00.000000Z',
          for_s: 3600,
          down_s: 3600,
          left_s: 4 * 3600,
          poll: '2023-01-18T17:00:00.000000Z',
          poll_status: 'inactive',
          evidence: null,
        },
      ]);
    });

    it('was another one then: nothing after the instant is known', async () => {
      expect(await statusAt('2023-01-18T16:59:59Z')).toMatchObject({ up: 1, down: 0, total: 2, unpolled: 1 });
      expect(await statusAt('2023-01-18T13:59:59Z')).toMatchObject({ open: 0, unpolled: 2 });
      expect(await statusAt('2023-01-18T22:00:00Z')).toMatchObject({ closed: 1, unobserved: 1 });
    });

    it('takes the next business day for unobserved until it is polled', async () => {
      expect(await statusAt('2023-01-19T15:00:00Z')).toMatchObject({ unobserved: 2, open: 2 });
      const { body } = await api.http
        .get(`${STATUS}/down?state=unobserved&as_of=2023-01-19T15:00:00Z`)
        .expect(200);
      expect(body.data).toMatchObject([
        { store_id: '0012', since: '2023-01-18T18:30:00.000000Z' },
        { store_id: STORE, since: '2023-01-19T14:00:00.000000Z', for_s: 3600, poll: null, poll_status: null },
      ]);
    });

    it('counts stores outside their active dates apart', async () => {
      await api.http.put(urlOf(STORE)).send({ active_until: '2023-01-18' }).expect(200);
      expect(await statusAt('2023-01-20T15:00:00Z')).toMatchObject({ inactive: 1, total: 2 });
      await api.http.put(urlOf(STORE)).send({ active_until: null }).expect(200);
    });

    it('has a tag that holds while the counts do', async () => {
      const { headers } = await api.http.get(`${STATUS}?as_of=${AT_18}`).expect(200);
      await api.http.get(`${STATUS}?as_of=${AT_18}`).set('If-None-Match', headers['etag']!).expect(304);
      await api.http
        .get(`${STATUS}?as_of=2023-01-18T16:00:00Z`)
        .set('If-None-Match', headers['etag']!)
        .expect(200);
    });

    it.each([
      '?as_of=now',
      '?limit=5',
      '/down?state=up',
      '/down?limit=501',
      '/down?cursor=x',
      '/down?cursor=a&cursor=b',
    ])('refuses %s', async (query) => {
      await api.http.get(`${STATUS}${query}`).expect(400);
    });

    it('refuses the cursor of another instant', async () => {
      const cursor = Buffer.from('1674064800000000 16740612000 1').toString('base64url');
      await api.http.get(`${STATUS}/down?as_of=2023-01-18T16:00:00Z&cursor=${cursor}`).expect(400);
    });
  });

  describe('of many stores', () => {
    const hour = (store: number): string => String(10 + (store % 5)).padStart(2, '0');

    beforeAll(async () => {
      const stores = Array.from({ length: 23 }, (_, i) => `many-${String(i).padStart(2, '0')}`);
      await loadFiles(api, {
        'store_status.csv': [
          'store_id,status,timestamp_utc',
          ...stores.map((id, i) => `${id},inactive,2023-02-01 ${hour(i)}:00:00 UTC`),
          '',
        ].join('\n'),
        'timezone.csv': `store_id,timezone_str\n${stores.map((id) => `${id},Etc/UTC\n`).join('')}`,
        'menu_hours.csv': `store_id,day,start_time_local,end_time_local\n${stores.map((id, i) => `${id},2,${hour(i)}:00:00,23:00:00\n`).join('')}`,
      });
    });

    it('pages through those that are down, longest first, each of them once', async () => {
      const seen: Listed[] = [];
      let rest: string | null = 'as_of=2023-02-01T20:00:00Z';
      while (rest !== null) {
        const response: { body: { data: Listed[]; next_cursor: string | null } } = await api.http
          .get(`${STATUS}/down?limit=5&${rest}`)
          .expect(200);
        expect(response.body).toMatchObject({ as_of: '2023-02-01T20:00:00.000000Z', total: 23 });
        seen.push(...response.body.data);
        const { next_cursor } = response.body;
        rest = next_cursor === null ? null : `cursor=${next_cursor}`;
      }
      expect(new Set(seen.map(({ store_id }) => store_id)).size).toBe(23);
      const sinces = seen.map(({ since }) => since);
      expect(sinces).toEqual(sinces.toSorted());
    });

    it('agrees with the outages of a report as of then', async () => {
      const { body: report } = await api.http
        .post('/api/v1/reports')
        .send({ as_of: '2023-02-01T20:00:00Z', unobserved: 'exclude' })
        .expect(202);
      await api.http.get(report.links.self).set('Prefer', 'wait=20').expect(200);
      const { body } = await api.http.get(`${STATUS}/down?as_of=2023-02-01T20:00:00Z&limit=3`).expect(200);
      for (const { store_id, since } of body.data as Listed[]) {
        const why = await api.http.get(`${report.links.self}/stores/${store_id}`).expect(200);
        expect(why.body.outages.at(-1)).toMatchObject({ start: since, end: null });
      }
    });
  });

  describe('as it changes', () => {
    it('is told by events, with the polls that come', async () => {
      const { port } = api.app.getHttpServer().address() as { port: number };
      const gone = new AbortController();
      const response = await fetch(`http://127.0.0.1:${port}${STATUS}/events`, { signal: gone.signal });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const told: Record<string, unknown>[] = [];
      const read = (async () => {
        let text = '';
        for await (const bytes of response.body!) {
          text += Buffer.from(bytes).toString();
          const events = text.split('\n\n');
          text = events.pop()!;
          for (const event of events) {
            const data = /^data: (.*)$/m.exec(event)?.[1];
            if (data !== undefined) told.push(JSON.parse(data));
          }
        }
      })().catch(() => undefined);
      expect(await waitFor(async () => (told.length > 0 ? true : null), 10_000)).toBe(true);
      await api.http
        .post('/api/v1/polls')
        .send({ store_id: 'live', status: 'inactive', timestamp_utc: '2023-03-01T12:00:00Z' })
        .expect(202);
      const changed = async () => (told.at(-1)!['as_of'] === '2023-03-01T12:00:00.000000Z' ? true : null);
      expect(await waitFor(changed, 15_000)).toBe(true);
      expect(told.at(-1)).toMatchObject({ down: 1 });
      expect(told.at(-1)).not.toHaveProperty('computed_at');
      gone.abort();
      await read;
    });
  });

  it('is of nobody once the data is cleared', async () => {
    await api.http.delete('/api/v1/data').expect(200);
    await present(({ total }) => total === 0);
    await api.http.post('/api/v1/stores').send({ store_id: 'new', zone: 'Etc/UTC' }).expect(201);
    await api.http
      .put(urlOf('new', '/hours'))
      .send({ windows: weekly('00:00', '24:00'), effective_from: 'always' })
      .expect(200);
    expect(await present(({ total }) => total === 1)).toMatchObject({ as_of: null, unpolled: 1 });
  });
});
