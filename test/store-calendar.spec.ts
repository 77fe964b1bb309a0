import { DataSource } from 'typeorm';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { holdClock, loadFiles, STORE, STORES, urlOf, weekly } from './support/stores.js';

describe('stores', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await api.app.get(DataSource).query('TRUNCATE stores, imports CASCADE');
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Uptime and downtime of `STORE` in minutes of the last hour, hours of the last day, hours of the last week. */
  async function figures(): Promise<{ up: string[]; down: string[] }> {
    const { body } = await api.http
      .post('/api/v1/reports')
      .send({ store_ids: [STORE], as_of: '2023-01-18T18:00:00Z' })
      .expect(202);
    const report = await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
    expect(report.body).toMatchObject({ status: 'completed', error: null });
    const { text } = await api.http.get(report.body.links.file).buffer(true).expect(200);
    const cells = text.split('\n')[1]!.split(',');
    return { up: cells.slice(1, 4), down: cells.slice(4, 7) };
  }

  const putExceptions = (exceptions: object[]) =>
    api.http.put(urlOf(STORE, '/exceptions')).send({ exceptions });

  describe('whose zone changes', () => {
    beforeEach(async () => {
      await loadFiles(api, TWO_STORES);
    });

    it('have the new one from the next local midnight on, unless told otherwise', async () => {
      // 17 January, 21:00 in New York.
      holdClock(api, '2023-01-18T02:00:00Z');
      const { body } = await api.http.put(urlOf(STORE)).send({ zone: 'America/Denver' }).expect(200);
      expect(body).toMatchObject({
        zone: 'America/New_York',
        zone_source: 'file',
        zones: [
          { zone: 'America/New_York', effective_from: null, when: 'in_force' },
          { zone: 'America/Denver', effective_from: '2023-01-18', when: 'to_come' },
        ],
      });
      // Midnight in New York, where it is still 22:00 of the day before in Denver.
      holdClock(api, '2023-01-18T05:00:00Z');
      const later = await api.http.get(urlOf(STORE)).expect(200);
      expect(later.body).toMatchObject({
        zone: 'America/Denver',
        zone_source: 'edited',
        local_date: '2023-01-17',
      });
    });

    it('have other figures from that date on only', async () => {
      await api.http
        .put(urlOf(STORE))
        .send({ zone: 'America/Chicago', effective_from: '2023-01-18' })
        .expect(200);
      // Open from 15:00Z on the 18th; 8 hours from 14:00Z on the days before.
      expect(await figures()).toEqual({ up: ['0.00', '2.00', '2.00'], down: ['60.00', '5.00', '53.00'] });
      await api.http
        .put(urlOf(STORE))
        .send({ zone: 'America/Chicago', effective_from: 'always' })
        .expect(200);
      // Each day to 23:00Z: 5 hours of the 17th and of the 11th.
      expect(await figures()).toEqual({ up: ['0.00', '2.00', '2.00'], down: ['60.00', '6.00', '54.00'] });
    });

    it('keep changes that were announced for later, and need none for what is in force', async () => {
      const change = async (zone: string, from: string): Promise<string[]> => {
        const { body } = await api.http.put(urlOf(STORE)).send({ zone, effective_from: from }).expect(200);
        return body.zones.map(
          (one: { effective_from: string | null; zone: string }) => `${one.effective_from} ${one.zone}`,
        );
      };
      await change('America/Denver', '2030-01-01');
      expect(await change('America/Chicago', '2029-01-01')).toEqual([
        'null America/New_York',
        '2029-01-01 America/Chicago',
        '2030-01-01 America/Denver',
      ]);
      expect(await change('America/Chicago', '2029-06-01')).toHaveLength(3);
      expect(await change('America/New_York', '2029-01-01')).toEqual([
        'null America/New_York',
        '2030-01-01 America/Denver',
      ]);
      expect(await change('Asia/Tokyo', '2030-01-01')).toEqual([
        'null America/New_York',
        '2030-01-01 Asia/Tokyo',
      ]);
      expect(await change('Europe/Paris', 'always')).toEqual(['null Europe/Paris']);
    });

    it('keep a zone that somebody named, also where it is the default one', async () => {
      await api.http.put(urlOf(STORE)).send({ zone: null }).expect(200);
      const { body } = await api.http
        .put(urlOf(STORE))
        .send({ zone: 'America/Chicago', effective_from: '2023-01-01' })
        .expect(200);
      expect(body).toMatchObject({
        zone_source: 'edited',
        zones: [
          { zone_source: 'default', effective_from: null },
          { zone: 'America/Chicago', zone_source: 'edited', effective_from: '2023-01-01' },
        ],
      });
    });

    it('have at most two hundred changes', async () => {
      await api.app.get(DataSource).query(
        `INSERT INTO store_zone_changes (store_key, effective_from, zone)
         SELECT store_key, date '2030-01-01' + n, CASE n % 2 WHEN 0 THEN 'UTC' ELSE 'Asia/Tokyo' END
           FROM stores, generate_series(1, 200) AS g (n) WHERE store_id = $1`,
        [STORE],
      );
      const change = (from: string) =>
        api.http.put(urlOf(STORE)).send({ zone: 'Europe/Paris', effective_from: from });
      const { body } = await change('2029-01-01').expect(409);
      expect(body.type).toBe('urn:storewatch:problem:too_many_changes');
      // In place of another one there is room, and `always` takes all away.
      await change('2030-01-02').expect(200);
      await change('always').expect(200);
      await change('2029-01-01').expect(200);
    });

    it('are in the default zone for all time when theirs is taken away', async () => {
      await api.http.put(urlOf(STORE)).send({ zone: null, effective_from: '2023-01-18' }).expect(400);
      const { body } = await api.http.put(urlOf(STORE)).send({ zone: null }).expect(200);
      expect(body).toMatchObject({ zone: 'America/Chicago', zone_source: 'default' });
      await api.http.put(urlOf(STORE)).send({ effective_from: 'always' }).expect(400);
    });

    it('have the zone of a file for all time', async () => {
      await api.http
        .put(urlOf(STORE))
        .send({ zone: 'America/Denver', effective_from: '2023-01-18' })
        .expect(200);
      const { files } = await loadFiles(api, TWO_STORES);
      expect(files.find((file) => file.kind === 'zones')).toMatchObject({
        inserted: 0,
        replaced: 1,
        unchanged: 1,
      });
      const { body } = await api.http.get(urlOf(STORE)).expect(200);
      expect(body).toMatchObject({
        zone: 'America/New_York',
        zone_source: 'file',
        zones: [{ when: 'in_force' }],
      });
      expect(await figures()).toEqual({ up: ['0.00', '3.00', '3.00'], down: ['60.00', '5.00', '53.00'] });
    });
  });

  describe('whose hours change', () => {
    beforeEach(async () => {
      await loadFiles(api, TWO_STORES);
    });

    it('have other figures from that date on only', async () => {
      const windows = weekly('10:00', '17:00:00');
      await api.http.put(urlOf(STORE, '/hours')).send({ windows, effective_from: '2023-01-18' }).expect(200);
      expect(await figures()).toEqual({ up: ['0.00', '2.00', '2.00'], down: ['60.00', '5.00', '53.00'] });
      await api.http.put(urlOf(STORE, '/hours')).send({ windows, effective_from: 'always' }).expect(200);
      // 7 hours on each of six days, 4 of the 11th, 1 of the 18th.
      expect(await figures()).toEqual({ up: ['0.00', '2.00', '2.00'], down: ['60.00', '5.00', '47.00'] });
    });

    it('show those of a date, and all there are', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      const changed = await api.http.put(urlOf(STORE, '/hours')).send({ windows: null }).expect(200);
      expect(changed.body).toMatchObject({ date: '2023-01-18', effective_from: null, assumed: false });
      expect(changed.body.windows).toHaveLength(7);
      expect(changed.body.windows[0]).toEqual({ day: 0, start: '09:00:00', end: '17:00:00' });
      const { body } = await api.http.get(urlOf(STORE, '/hours?date=2023-01-19')).expect(200);
      expect(body).toMatchObject({ windows: null, effective_from: '2023-01-19', assumed: false });
      expect(body.versions.map((one: { effective_from: string | null }) => one.effective_from)).toEqual([
        null,
        '2023-01-19',
      ]);
      await api.http.get(urlOf(STORE, '/hours?date=2023-02-30')).expect(400);
    });

    it('hold from the next local midnight on where null is given for the date', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      const windows = weekly('10:00', '17:00');
      const { body } = await api.http
        .put(urlOf(STORE, '/hours'))
        .send({ windows, effective_from: null })
        .expect(200);
      expect(body.versions[1].effective_from).toBe('2023-01-19');
      const zone = await api.http
        .put(urlOf(STORE))
        .send({ zone: 'America/Denver', effective_from: null })
        .expect(200);
      expect(zone.body.zones[1].effective_from).toBe('2023-01-19');
    });

    it('tell hours that nobody knows from hours around the clock', async () => {
      const before = await api.http.get(urlOf('0012', '/hours')).expect(200);
      expect(before.body).toMatchObject({ windows: null, assumed: true });
      const after = await api.http
        .put(urlOf('0012', '/hours'))
        .send({ windows: null, effective_from: 'always' })
        .expect(200);
      expect(after.body).toMatchObject({ windows: null, assumed: false });
    });

    it('are known to be open around the clock from the date on from which somebody says so', async () => {
      const { body } = await api.http
        .put(urlOf('0012', '/hours'))
        .send({ windows: null, effective_from: '2023-01-01' })
        .expect(200);
      expect(body).toMatchObject({ windows: null, effective_from: '2023-01-01', assumed: false });
      expect(body.versions).toHaveLength(2);
    });

    it('are told to be assumed in a report as long as they are so on a date of its week', async () => {
      const assumed = async (from: string): Promise<object> => {
        for (const [rest, said] of [
          ['', { zone: 'America/Denver' }],
          ['/hours', { windows: weekly('09:00', '17:00') }],
        ] as const)
          await api.http
            .put(urlOf('0012', rest))
            .send({ ...said, effective_from: from })
            .expect(200);
        const { body } = await api.http
          .post('/api/v1/reports')
          .send({ store_ids: ['0012'], include_unpolled: true, as_of: '2023-01-18T18:00:00Z' })
          .expect(202);
        await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
        const metadata = await api.http.get(`${body.links.self}/file?format=json`).expect(200);
        return metadata.body.counts;
      };
      await api.http.put(urlOf('0012')).send({ zone: null }).expect(200);
      expect(await assumed('2023-01-16')).toMatchObject({ assumed_zones: 1, assumed_hours: 1 });
      expect(await assumed('2023-01-01')).toMatchObject({ assumed_zones: 0, assumed_hours: 0 });
    });

    it('have the hours of a file for all time', async () => {
      await api.http
        .put(urlOf(STORE, '/hours'))
        .send({ windows: null, effective_from: '2023-01-18' })
        .expect(200);
      const { files } = await loadFiles(api, TWO_STORES);
      expect(files.find((file) => file.kind === 'hours')).toMatchObject({
        inserted: 0,
        replaced: 7,
        unchanged: 0,
      });
      const again = await loadFiles(api, TWO_STORES);
      expect(again.files.find((file) => file.kind === 'hours')).toMatchObject({ replaced: 0, unchanged: 7 });
      expect(await figures()).toEqual({ up: ['0.00', '3.00', '3.00'], down: ['60.00', '5.00', '53.00'] });
    });
  });

  describe('with exceptions', () => {
    beforeEach(async () => {
      await loadFiles(api, TWO_STORES);
    });

    it('have windows of their own on these dates', async () => {
      await putExceptions([{ date: '2023-01-17', windows: [] }]).expect(200);
      expect(await figures()).toEqual({ up: ['0.00', '3.00', '3.00'], down: ['60.00', '1.00', '45.00'] });
      // Noon to one in New York: the poll of 15:00:00.5Z lies outside.
      await putExceptions([{ date: '2023-01-18', windows: [{ start: '12:00', end: '13:00' }] }]).expect(200);
      expect(await figures()).toEqual({ up: ['0.00', '0.00', '0.00'], down: ['60.00', '1.00', '45.00'] });
      await api.http.delete(urlOf(STORE, '/exceptions/2023-01-18')).expect(204);
      await api.http.delete(urlOf(STORE, '/exceptions/2023-01-18')).expect(404);
      await api.http.delete(urlOf(STORE, '/exceptions/2023-02-30')).expect(400);
      expect(await figures()).toEqual({ up: ['0.00', '3.00', '3.00'], down: ['60.00', '1.00', '45.00'] });
    });

    it('are listed by date, page by page', async () => {
      await putExceptions([
        {
          date: '2026-12-26',
          windows: [
            { start: '14:00', end: '24:00' },
            { start: '10:00', end: '12:00' },
            { start: '10:00', end: '12:00' },
          ],
        },
        { date: '2026-12-25', windows: [] },
        { date: '1969-12-31', windows: [] },
      ]).expect(200);
      const first = await api.http.get(urlOf(STORE, '/exceptions?limit=2')).expect(200);
      expect(first.body.data).toEqual([
        { date: '1969-12-31', windows: [] },
        { date: '2026-12-25', windows: [] },
      ]);
      const cursor = first.body.next_cursor;
      const second = await api.http.get(urlOf(STORE, '/exceptions')).query({ limit: 2, cursor }).expect(200);
      expect(second.body).toEqual({
        data: [
          {
            date: '2026-12-26',
            windows: [
              { start: '10:00:00', end: '12:00:00' },
              { start: '14:00:00', end: '24:00:00' },
            ],
          },
        ],
        next_cursor: null,
      });
      const some = await api.http
        .get(urlOf(STORE, '/exceptions?from=2026-01-01&until=2026-12-25'))
        .expect(200);
      expect(some.body.data).toEqual([{ date: '2026-12-25', windows: [] }]);
    });

    it('take them from a file, which keeps the dates that it does not name', async () => {
      await putExceptions([
        { date: '2023-01-16', windows: [] },
        { date: '2023-01-17', windows: [{ start: '09:00', end: '10:00' }] },
      ]).expect(200);
      const lines = [
        'store_id,date,start_time_local,end_time_local',
        `${STORE},2023-01-17,,`,
        `${STORE},2023-01-18,12:00,13:00`,
        'new,2023-12-25,,',
        'new,2023-02-30,,',
        'new,2023-12-25,10:00,12:00',
        'new,2023-12-25,14:00,24:00',
      ];
      const { files } = await loadFiles(api, { 'exceptions.csv': `${lines.join('\n')}\n` });
      const file = files.find((one) => one.kind === 'exceptions')!;
      expect(file).toMatchObject({
        read: 6,
        inserted: 3,
        replaced: 1,
        unchanged: 0,
        superseded: 1,
        rejected: 1,
      });
      // Closed on the 16th and the 17th: 8 hours on each of four days, 4 of the 11th, 1 of the 18th.
      expect(await figures()).toEqual({ up: ['0.00', '0.00', '0.00'], down: ['60.00', '1.00', '37.00'] });
      const again = await loadFiles(api, { 'exceptions.csv': `${lines.join('\n')}\n` });
      expect(again.files.find((one) => one.kind === 'exceptions')).toMatchObject({
        unchanged: 4,
        superseded: 1,
      });
    });
  });

  describe('outside their active dates', () => {
    beforeEach(async () => {
      await loadFiles(api, TWO_STORES);
    });

    it('have no open time', async () => {
      await api.http.put(urlOf(STORE)).send({ active_from: '2023-01-17' }).expect(200);
      expect(await figures()).toEqual({ up: ['0.00', '3.00', '3.00'], down: ['60.00', '5.00', '9.00'] });
      await api.http.put(urlOf(STORE)).send({ active_from: null, active_until: '2023-01-17' }).expect(200);
      expect(await figures()).toEqual({ up: ['0.00', '0.00', '0.00'], down: ['0.00', '4.00', '52.00'] });
    });

    it('still take polls when they are archived', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      await api.http.delete(urlOf(STORE)).expect(204);
      holdClock(api, '2023-01-19T18:00:00Z');
      const polls = `store_id,status,timestamp_utc\n${STORE},active,2023-01-19 15:00:00 UTC\n`;
      const { files } = await loadFiles(api, { 'store_status.csv': polls });
      expect(files.find((one) => one.kind === 'polls')).toMatchObject({ inserted: 1, rejected: 0 });
    });
  });

  describe('whose edit says what cannot be', () => {
    beforeEach(async () => {
      await api.http.post(STORES).send({ store_id: STORE }).expect(201);
    });

    it.each([
      [{}, 'windows has to be a list'],
      [{ windows: [] }, 'for a store open around the clock give null'],
      [{ windows: [null] }, 'has to be an object'],
      [{ windows: [[]] }, 'has to be an object'],
      [{ windows: [{ day: 7, start: '09:00', end: '17:00' }] }, 'day has to be'],
      [{ windows: [{ day: '0', start: '09:00', end: '17:00' }] }, 'day has to be'],
      [{ windows: [{ day: 0.5, start: '09:00', end: '17:00' }] }, 'day has to be'],
      [{ windows: [{ day: 0, start: '24:00', end: '17:00' }] }, 'start has to be'],
      [{ windows: [{ day: 0, start: '09:00', end: '24:01' }] }, 'end has to be'],
      [{ windows: [{ day: 0, start: 9, end: { hour: 17 } }] }, 'start has to be'],
      [{ windows: [{ day: 0, start: '09:00', end: '17:00', open: true }] }, "'open' is unknown"],
      [
        { windows: Array.from({ length: 201 }, () => ({ day: 0, start: '09:00', end: '17:00' })) },
        'at most 200',
      ],
      [{ windows: null, effective_from: '2023-02-30' }, 'effective_from has to be "always"'],
      [{ windows: null, effective_from: 'now' }, 'effective_from has to be "always"'],
      [{ windows: Array.from({ length: 50_000 }, () => ({})) }, 'at most 200'],
    ])('have no hours of %j', async (body, sentence) => {
      const answer = await api.http.put(urlOf(STORE, '/hours')).send(body).expect(400);
      expect(answer.body.detail).toContain(sentence);
      expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
    });

    it.each([
      [[], 'at least one date'],
      [[null], 'date has to be'],
      [[{ date: '2023-02-30', windows: [] }], 'date has to be'],
      [[{ date: '2023-02-03' }], 'windows has to be a list'],
      [[{ date: '2023-02-03', windows: null }], 'windows has to be a list'],
      [[{ date: '2023-02-03', windows: [{ start: '25:00', end: '1:00' }] }], 'start has to be'],
      [[{ date: '2023-02-03', windows: [{ day: 0, start: '09:00', end: '17:00' }] }], "'day' is unknown"],
      [[{ date: '2023-02-03', windows: [], closed: true }], "'closed' is unknown"],
      [
        [
          { date: '2023-02-03', windows: [] },
          { date: '2023-02-03', windows: [] },
        ],
        'named twice',
      ],
      [Array.from({ length: 1_001 }, () => ({ date: '2023-02-03', windows: [] })), 'at most 1000'],
    ])('have no exceptions of %j', async (exceptions, sentence) => {
      const { body } = await putExceptions(exceptions as object[]).expect(400);
      expect(body.detail).toContain(sentence);
    });
  });
});
