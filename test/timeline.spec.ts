import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { loadFiles, STORE, urlOf, weekly } from './support/stores.js';

const AS_OF = '2023-01-18T18:00:00.000000Z';

describe("a store's timeline", () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
    await loadFiles(api, TWO_STORES);
  });

  afterAll(() => api.close());

  async function timeline(id: string, query = '') {
    return (await api.http.get(`${urlOf(id, '/timeline')}${query}`).expect(200)).body;
  }

  it('lays out the last local dates up to the newest poll of all stores', async () => {
    const body = await timeline(STORE);
    expect(body).toMatchObject({
      store_id: STORE,
      zone: 'America/New_York',
      zone_source: 'file',
      as_of: AS_OF,
      assumed_hours: false,
      estimator: 'step',
      unobserved: 'down',
    });
    expect(body.days.map(({ date }: { date: string }) => date)).toEqual(
      [12, 13, 14, 15, 16, 17, 18].map((day) => `2023-01-${day}`),
    );
    expect(body.days[6]).toEqual({
      date: '2023-01-18',
      starts: '2023-01-18T05:00:00.000000Z',
      ends: '2023-01-19T05:00:00.000000Z',
      hours: 24,
      offset: '-05:00',
      offset_at_end: '-05:00',
      open: [['2023-01-18T14:00:00.000000Z', '2023-01-18T22:00:00.000000Z']],
    });
  });

  it('says of each segment which poll decides, by which rule, and whether it is proved', async () => {
    const { segments, polls } = await timeline(STORE, '?days=1');
    const of = { date: '2023-01-18', rule: '9', proved: false };
    const first = { poll: '2023-01-18T15:00:00.500000Z', poll_status: 'active' };
    const second = { poll: '2023-01-18T17:00:00.000000Z', poll_status: 'inactive' };
    expect(segments).toEqual([
      {
        ...of,
        ...first,
        start: '2023-01-18T14:00:00.000000Z',
        end: first.poll,
        state: 'up',
        counts_as: 'uptime',
        because: 'reaches_back',
      },
      {
        ...of,
        ...first,
        start: first.poll,
        end: second.poll,
        state: 'up',
        counts_as: 'uptime',
        because: 'holds',
      },
      {
        ...of,
        ...second,
        start: second.poll,
        end: AS_OF,
        state: 'down',
        counts_as: 'downtime',
        because: 'holds',
      },
    ]);
    expect(polls).toEqual([
      [first.poll, 1],
      [second.poll, 0],
    ]);
  });

  it('shows unobserved time as such, whatever it counts as', async () => {
    const { segments } = await timeline(STORE, '?days=2&unobserved=up');
    expect(segments[0]).toEqual({
      date: '2023-01-17',
      start: '2023-01-17T14:00:00.000000Z',
      end: '2023-01-17T22:00:00.000000Z',
      state: 'unobserved',
      counts_as: 'uptime',
      poll: null,
      poll_status: null,
      rule: '10',
      because: 'unobserved',
      proved: false,
    });
  });

  it('knows nothing after the as-of that is asked for', async () => {
    const body = await timeline(STORE, '?days=1&as_of=2023-01-18T16:00:00Z&estimator=nearest');
    expect(body.as_of).toBe('2023-01-18T16:00:00.000000Z');
    expect(body.polls).toEqual([['2023-01-18T15:00:00.500000Z', 1]]);
    expect(body.segments.at(-1)).toMatchObject({
      end: '2023-01-18T16:00:00.000000Z',
      state: 'up',
      because: 'nearest',
    });
  });

  it('tells the polls outside open time apart', async () => {
    const { polls, polls_outside_hours } = await timeline(STORE, '?days=1&as_of=2023-01-18T23:00:00Z');
    expect(polls).toHaveLength(2);
    expect(polls_outside_hours).toEqual([]);
    await loadFiles(api, {
      'store_status.csv': `store_id,status,timestamp_utc\n${STORE},active,2023-01-10 23:30:00 UTC\n`,
    });
    const earlier = await timeline(STORE, '?days=1&as_of=2023-01-10T23:45:00Z');
    expect(earlier.polls).toEqual([]);
    expect(earlier.polls_outside_hours).toEqual([['2023-01-10T23:30:00.000000Z', 1]]);
  });

  it('tells days of 23 and 25 hours, with both offsets', async () => {
    const dates = async (asOf: string) => (await timeline(STORE, `?days=2&as_of=${asOf}`)).days;
    const [, spring] = await dates('2023-03-12T20:00:00Z');
    expect(spring).toMatchObject({
      date: '2023-03-12',
      hours: 23,
      offset: '-05:00',
      offset_at_end: '-04:00',
    });
    const [, autumn] = await dates('2023-11-05T20:00:00Z');
    expect(autumn).toMatchObject({
      date: '2023-11-05',
      hours: 25,
      offset: '-04:00',
      offset_at_end: '-05:00',
    });
  });

  it('shows the night of the date before the first, and tells whose business day it is', async () => {
    await api.http.post('/api/v1/stores').send({ store_id: 'night', zone: 'Etc/UTC' }).expect(201);
    await api.http
      .put(urlOf('night', '/hours'))
      .send({ windows: weekly('22:00', '02:00'), effective_from: 'always' })
      .expect(200);
    const body = await timeline('night', '?days=1&as_of=2023-01-18T23:00:00Z');
    expect(body.open_before).toEqual([['2023-01-18T00:00:00.000000Z', '2023-01-18T02:00:00.000000Z']]);
    expect(body.days[0].open).toEqual([['2023-01-18T22:00:00.000000Z', '2023-01-19T02:00:00.000000Z']]);
    expect(body.segments.map(({ date, start }: Record<string, string>) => [date, start])).toEqual([
      ['2023-01-17', '2023-01-18T00:00:00.000000Z'],
      ['2023-01-18', '2023-01-18T22:00:00.000000Z'],
    ]);
  });

  it('goes back 31 dates, with the zone and the hours that held then', async () => {
    await api.http.post('/api/v1/stores').send({ store_id: 'moved', zone: 'America/Chicago' }).expect(201);
    await api.http
      .put(urlOf('moved'))
      .send({ zone: 'America/New_York', effective_from: '2023-01-02' })
      .expect(200);
    await api.http
      .put(urlOf('moved', '/exceptions'))
      .send({ exceptions: [{ date: '2022-12-25', windows: [] }] })
      .expect(200);
    const { days, zone } = await timeline('moved', '?days=31');
    expect(days).toHaveLength(31);
    expect(zone).toBe('America/New_York');
    const on = (date: string) => days.find((day: { date: string }) => day.date === date);
    expect(on('2022-12-25').open).toEqual([]);
    expect(on('2022-12-26')).toMatchObject({ offset: '-06:00', hours: 24 });
    expect(on('2023-01-02')).toMatchObject({ hours: 23, offset_at_end: '-05:00' });
  });

  it.each([
    'days=0',
    'days=32',
    'days=1.5',
    'as_of=yesterday',
    'estimator=linear',
    'unobserved=maybe',
    'zone=UTC',
  ])('refuses %s', async (query) => {
    await api.http.get(`${urlOf(STORE, '/timeline')}?${query}`).expect(400);
  });

  it('is that of no store where there is none', async () => {
    const { body } = await api.http.get(urlOf('nobody', '/timeline')).expect(404);
    expect(body.type).toBe('urn:storewatch:problem:store_not_found');
  });
});
