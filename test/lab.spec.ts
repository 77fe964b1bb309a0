import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { Policy } from '../src/availability/index.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import {
  differencesOf,
  endedLab,
  LABS,
  makeReport,
  type MadeReport,
  POLICIES,
  requestLab,
  resultOf,
  totalsOf,
  unevenStores,
} from './support/labs.js';
import { loadFiles, STORE } from './support/stores.js';

const THREE_WAYS = [{ unobserved: 'down' }, { unobserved: 'up' }, { unobserved: 'exclude' }];
const nameOf = ({ windows, unobserved, estimator }: Policy): string =>
  `${windows}, ${unobserved}, ${estimator}`;

describe('the policy lab', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  it('says on an empty database that there is nothing to compare on', async () => {
    const lab = await endedLab(api, await requestLab(api, { sets: THREE_WAYS }));
    expect(lab).toMatchObject({ status: 'failed', as_of: null, result: null });
    expect(lab.error).toContain('no poll has been loaded yet');
  });

  describe('on two stores whose figures are known', () => {
    beforeAll(() => loadFiles(api, TWO_STORES));

    it('is requested, followed and read', async () => {
      const { body, headers } = await api.http
        .post(LABS)
        .send({ sets: [{}, { name: 'generous', unobserved: 'up' }] })
        .expect(202);
      expect(headers).toMatchObject({ location: `${LABS}/${body.id}`, 'retry-after': '1' });
      expect(await endedLab(api, body.id)).toMatchObject({
        id: body.id,
        status: 'completed',
        as_of: '2023-01-18T18:00:00.000000Z',
        sets: [
          { name: 'rolling, down, step', windows: 'rolling', unobserved: 'down', estimator: 'step' },
          { name: 'generous', windows: 'rolling', unobserved: 'up', estimator: 'step' },
        ],
        include_unpolled: false,
        store_ids: null,
        progress: { done: 2, total: 2 },
        error: null,
        links: { self: `${LABS}/${body.id}` },
      });
    });

    it('counts the days without a poll as each set says, and names the stores for which that matters', async () => {
      const result = await resultOf(api, { sets: THREE_WAYS });
      const week = (place: number): object => result.sets[place]!.totals.last_week;
      expect(result).toMatchObject({ stores: 2, differing_stores: 2 });
      const both = { open_hours: 224, unobserved_hours: 196.5 };
      expect(week(0)).toEqual({
        ...both,
        uptime_hours: 26.5,
        downtime_hours: 197.5,
        excluded_hours: 0,
        availability_percent: 11.83,
      });
      expect(week(1)).toEqual({
        ...both,
        uptime_hours: 223,
        downtime_hours: 1,
        excluded_hours: 0,
        availability_percent: 99.55,
      });
      expect(week(2)).toEqual({
        ...both,
        uptime_hours: 26.5,
        downtime_hours: 1,
        excluded_hours: 196.5,
        availability_percent: 96.36,
      });
      expect(result.most_differing).toEqual([
        {
          store_id: '0012',
          zone: 'Asia/Kolkata',
          uptime_last_week_spread: 144.5,
          uptime_last_week_spread_us: 520_200_000_000,
          figures: [
            figures('rolling, down, step', [60, 23.5, 23.5], [0, 0.5, 144.5]),
            figures('rolling, up, step', [60, 24, 168], [0, 0, 0]),
            figures('rolling, exclude, step', [60, 23.5, 23.5], [0, 0, 0]),
          ],
        },
        {
          store_id: STORE,
          zone: 'America/New_York',
          uptime_last_week_spread: 52,
          uptime_last_week_spread_us: 187_200_000_000,
          figures: [
            figures('rolling, down, step', [0, 3, 3], [60, 5, 53]),
            figures('rolling, up, step', [0, 7, 55], [60, 1, 1]),
            figures('rolling, exclude, step', [0, 3, 3], [60, 1, 1]),
          ],
        },
      ]);
    });

    function figures(set: string, uptime: readonly number[], downtime: readonly number[]): object {
      const [uptime_last_hour, uptime_last_day, uptime_last_week] = uptime;
      const [downtime_last_hour, downtime_last_day, downtime_last_week] = downtime;
      return {
        set,
        uptime_last_hour,
        uptime_last_day,
        uptime_last_week,
        downtime_last_hour,
        downtime_last_day,
        downtime_last_week,
      };
    }

    it('has no availability where nothing is open, or nothing counts', async () => {
      // Before the store's first opening of its only polled day.
      const result = await resultOf(api, {
        as_of: '2023-01-18T15:00:00.5Z',
        store_ids: [STORE],
        sets: [
          { unobserved: 'exclude' },
          { unobserved: 'exclude', windows: 'calendar' },
          { estimator: 'nearest' },
        ],
      });
      expect(result.sets[0]!.totals.last_hour.availability_percent).toBe(100);
      const unpolled = await resultOf(api, {
        as_of: '2023-01-18T14:00:00Z',
        store_ids: [STORE],
        include_unpolled: true,
        sets: [{ unobserved: 'exclude' }, { unobserved: 'down' }],
      });
      expect(unpolled.sets[0]).toMatchObject({
        totals: { last_week: { uptime_hours: 0, downtime_hours: 0, availability_percent: null } },
        availability_last_week: { without: 1, quantiles: { p50: null } },
      });
      expect(unpolled.sets[1]!.totals.last_week.availability_percent).toBe(0);
    });

    it('takes what live polls said before it was asked for', async () => {
      const poll = { store_id: STORE, status: 'active', timestamp_utc: '2023-01-18T18:30:00Z' };
      await api.http.post('/api/v1/polls').send(poll).expect(202);
      const lab = await endedLab(api, await requestLab(api, { sets: THREE_WAYS }));
      expect(lab.as_of).toBe('2023-01-18T18:30:00.000000Z');
    });

    it('names what has nothing to tell', async () => {
      const lab = await endedLab(api, await requestLab(api, { sets: THREE_WAYS, store_ids: ['nobody'] }));
      expect(lab).toMatchObject({
        status: 'failed',
        result: null,
        store_ids: ['nobody'],
        store_ids_count: 1,
      });
      expect(lab.error).toContain('none of the stores that were named has a poll at or before');
    });

    it('lists comparisons newest first, page by page, without results', async () => {
      const ids = [];
      for (let count = 0; count < 3; count += 1) ids.unshift(await requestLab(api, { sets: THREE_WAYS }));
      await Promise.all(ids.map((id) => endedLab(api, id)));
      const { body: first } = await api.http.get(`${LABS}?limit=2`).expect(200);
      expect(first.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
      expect(first.data[0]).toMatchObject({ status: 'completed', result: null });
      const { body: second } = await api.http.get(`${LABS}?limit=2&cursor=${first.next_cursor}`).expect(200);
      expect(second.data[0].id).toBe(ids[2]);
    });

    it('is no report, and leaves reports at their addresses', async () => {
      const id = await requestLab(api, { sets: THREE_WAYS });
      await endedLab(api, id);
      await api.http.get(`/api/v1/reports/${id}`).expect(404);
      const { body } = await api.http.get('/api/v1/reports').expect(200);
      expect(body.data).toEqual([]);
      await api.http.get(`${LABS}/summary`).expect(404);
    });

    it('is done once for one Idempotency-Key', async () => {
      const ask = () =>
        api.http.post(LABS).set('Idempotency-Key', 'once').send({ sets: THREE_WAYS }).expect(202);
      const first = await ask();
      const again = await ask();
      expect(again.body.id).toBe(first.body.id);
      expect(again.headers).toMatchObject({
        'idempotent-replayed': 'true',
        location: `${LABS}/${first.body.id}`,
      });
      await endedLab(api, first.body.id);
    });
  });

  describe('on a store that was polled on every business day', () => {
    beforeAll(async () => {
      const days = [10, 11, 12, 13, 14, 15, 16, 17, 18];
      await loadFiles(api, {
        'store_status.csv': [
          'store_id,status,timestamp_utc',
          ...days.flatMap((day) => [
            `steady,active,2023-01-${day} 06:00:00 UTC`,
            `steady,active,2023-01-${day} 21:00:00 UTC`,
          ]),
          '',
        ].join('\n'),
        'timezone.csv': 'store_id,timezone_str\nsteady,UTC\n',
      });
    });

    it('finds no store that differs where the figures are the same', async () => {
      const result = await resultOf(api, {
        store_ids: ['steady'],
        sets: [...THREE_WAYS, { unobserved: 'up', estimator: 'nearest' }],
      });
      expect(result).toMatchObject({ stores: 1, differing_stores: 0, most_differing: [] });
      const [first, ...others] = result.sets.map(({ totals }) => totals);
      for (const totals of others) expect(totals).toEqual(first);
    });

    it('finds one that differs in its last day alone', async () => {
      const result = await resultOf(api, {
        as_of: '2023-01-18T21:00:00Z',
        store_ids: ['steady'],
        sets: [{ windows: 'rolling' }, { windows: 'calendar' }],
      });
      expect(result.differing_stores).toBe(1);
    });
  });

  describe('asked for nonsense', () => {
    const OTHER = { unobserved: 'up' };
    it.each([
      ['no body', {}, '/sets', 'has to be a list'],
      ['one set', { sets: [{}] }, '/sets', '2 to 8 sets'],
      ['nine sets', { sets: POLICIES.slice(0, 9) }, '/sets', '2 to 8 sets'],
      ['no list', { sets: 'all' }, '/sets', 'has to be a list'],
      ['a set that is none', { sets: [OTHER, 'all'] }, '/sets/1', 'has to be an object'],
      ['a set that is null', { sets: [OTHER, null] }, '/sets/1', 'has to be an object'],
      ['a set that is a list', { sets: [OTHER, []] }, '/sets', 'has to be an object'],
      ['a set that is a list of sets', { sets: [OTHER, [{}]] }, '/sets', 'has to be an object'],
      ['an unknown member', { sets: [{}, OTHER], force: true }, '/force', 'is unknown here'],
      ['an unknown option', { sets: [{}, { ...OTHER, window: 1 }] }, '/sets/1/window', 'is unknown here'],
      [
        'an option that is none',
        { sets: [{}, { windows: 'weekly' }] },
        '/sets/1/windows',
        'one of rolling, calendar',
      ],
      ['a name that is none', { sets: [{}, { ...OTHER, name: '' }] }, '/sets/1/name', '1 to 100 characters'],
      [
        'a name of control characters',
        { sets: [{}, { ...OTHER, name: 'a\u0000' }] },
        '/sets/1/name',
        'control characters',
      ],
      ['an instant that is none', { as_of: 'now', sets: [{}, OTHER] }, '/as_of', 'instant with its zone'],
      ['ids that are none', { store_ids: [1], sets: [{}, OTHER] }, '/store_ids', 'ids are text'],
      [
        'equal sets',
        { sets: [OTHER, {}, { ...OTHER, name: 'same' }] },
        '/sets/2',
        'same options as sets/0 (rolling, up, step)',
      ],
      [
        'a set that the default makes equal',
        { sets: [{}, { windows: 'rolling' }] },
        '/sets/1',
        'same options as sets/0',
      ],
      [
        'equal names',
        { sets: [{ name: 'a' }, { ...OTHER, name: 'a' }] },
        '/sets/1/name',
        "name of sets/0 ('a')",
      ],
      [
        'the name that another has by default',
        { sets: [{}, { ...OTHER, name: 'rolling, down, step' }] },
        '/sets/1/name',
        'name of sets/0',
      ],
    ])('refuses %s, and says where and what is allowed', async (_, request, pointer, sentence) => {
      const { body } = await api.http.post(LABS).send(request).expect(400);
      expect(body.errors).toContainEqual(
        expect.objectContaining({ pointer, detail: expect.stringContaining(sentence) }),
      );
    });

    it('tells every problem at once', async () => {
      const { body } = await api.http
        .post(LABS)
        .send({
          as_of: 1,
          more: 1,
          sets: [
            { windows: 1, estimator: 2 },
            { unobserved: 3, other: 4 },
          ],
        })
        .expect(400);
      expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(
        [
          '/as_of',
          '/more',
          '/sets/0/estimator',
          '/sets/0/windows',
          '/sets/1/other',
          '/sets/1/unobserved',
        ].sort(),
      );
      const twice = { unobserved: 'up', name: 'a' };
      const equal = await api.http
        .post(LABS)
        .send({ sets: [twice, twice, twice] })
        .expect(400);
      expect(equal.body.errors).toHaveLength(4);
    });

    it.each(['not-a-uuid', randomUUID()])('answers 404 for the id %s', async (id) => {
      const { body } = await api.http.get(`${LABS}/${id}`).expect(404);
      expect(body.type).toBe('urn:storewatch:problem:lab_not_found');
      await api.http.post(`${LABS}/${id}/cancel`).expect(404);
    });

    it.each(['limit=0', 'cursor=x', 'sort=id'])('refuses the query %s', async (query) => {
      await api.http.get(`${LABS}?${query}`).expect(400);
    });
  });
});

describe.each([
  ['stores of every kind', async (api: TestApi) => void (await loadFiles(api, unevenStores(7, 160)))],
  [
    'the sample',
    async (api: TestApi) => {
      const { body } = await api.http.post('/api/v1/imports').send({ source: 'sample' }).expect(202);
      await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
    },
  ],
])('the policy lab on %s', (_, load) => {
  let api: TestApi;
  let dataSource: DataSource;
  let reports: Map<string, MadeReport>;

  beforeAll(async () => {
    api = await startTestApi();
    dataSource = api.app.get(DataSource);
    await load(api);
    reports = new Map();
    for (const policy of POLICIES) reports.set(nameOf(policy), await makeReport(api, dataSource, policy));
  }, 60_000);

  afterAll(() => api.close());

  const reportsOf = (policies: readonly Policy[]): MadeReport[] =>
    policies.map((policy) => reports.get(nameOf(policy))!);

  it.each([
    ['the first eight', POLICIES.slice(0, 8)],
    ['the last eight', POLICIES.slice(-8)],
    ['two', [POLICIES[3]!, POLICIES[8]!]],
  ])('comes under %s sets of options to what their reports say', async (_name, policies) => {
    const names = policies.map(nameOf);
    const { sets, ...others } = await resultOf(api, { sets: policies });
    const made = reportsOf(policies);
    expect(others).toEqual({ stores: made[0]!.rows.size, ...differencesOf(names, made) });
    expect(others.differing_stores).toBeGreaterThan(0);
    expect(sets.map(({ name }) => name)).toEqual(names);
    for (const [place, set] of sets.entries()) {
      expect(set.totals).toEqual(totalsOf(made[place]!));
      const { body } = await api.http.get(`/api/v1/reports/${made[place]!.id}/summary`).expect(200);
      const { bins, without } = body.distribution.last_week;
      const quantiles = body.quantiles.last_week.availability_percent;
      expect(set.availability_last_week).toEqual({ quantiles, bins, without });
    }
  });

  it('says the same of each set in whatever order they are asked for', async () => {
    const policies = POLICIES.slice(2, 8);
    const forwards = await resultOf(api, { sets: policies });
    const backwards = await resultOf(api, { sets: policies.toReversed() });
    expect(backwards.sets.toReversed()).toEqual(forwards.sets);
    expect(
      backwards.most_differing.map((store) => ({ ...store, figures: store.figures.toReversed() })),
    ).toEqual(forwards.most_differing);
    expect(backwards.differing_stores).toBe(forwards.differing_stores);
  });

  it('looks at the stores, and as of the instant, that a report looks at', async () => {
    const ids = [...reports.get(nameOf(POLICIES[0]!))!.rows.keys()].slice(3, 11);
    const newest = await dataSource.query('SELECT max(last_poll_us) - 172800000001 AS us FROM stores');
    const scope = {
      store_ids: ids,
      as_of: new Date(Math.floor(Number(newest[0].us) / 1000)).toISOString(),
      include_unpolled: true,
    };
    const policies = POLICIES.slice(4, 8);
    const made: MadeReport[] = [];
    for (const policy of policies) made.push(await makeReport(api, dataSource, { ...scope, ...policy }));
    const result = await resultOf(api, { ...scope, sets: policies });
    expect(result.stores).toBe(ids.length);
    expect(result).toMatchObject(differencesOf(policies.map(nameOf), made));
    expect(result.sets.map(({ totals }) => totals)).toEqual(made.map(totalsOf));
  });

  it('writes no rows of a report', async () => {
    const count = () => dataSource.query('SELECT count(*) FROM report_rows');
    const before = await count();
    await resultOf(api, { sets: POLICIES.slice(0, 2) });
    expect(await count()).toEqual(before);
  });
});
