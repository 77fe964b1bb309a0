import { DataSource } from 'typeorm';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { loadFiles, STORE, urlOf } from './support/stores.js';

interface Piece {
  start: string;
  end: string;
  state: string;
  because: string;
  rule: string;
  counts_as: string;
  duration_us: number;
}
interface Window {
  pieces: Piece[];
  open_us: number;
  uptime_us: number;
  downtime_us: number;
  excluded_us: number;
}

const HOUR_US = 3_600_000_000;

describe('why the numbers of a store are what they are', () => {
  let api: TestApi;
  let report: { id: string; links: { self: string } };

  beforeAll(async () => {
    api = await startTestApi();
    await loadFiles(api, TWO_STORES);
    report = await made({});
  });

  afterAll(() => api.close());

  async function made(request: object): Promise<typeof report> {
    const { body } = await api.http.post('/api/v1/reports').send(request).expect(202);
    const ended = await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
    expect(ended.body).toMatchObject({ status: 'completed' });
    return ended.body;
  }

  async function explained(id: string, of = report) {
    return (await api.http.get(`${of.links.self}/stores/${encodeURIComponent(id)}`).expect(200)).body;
  }

  async function refused(id: string, of: { links: { self: string } }, status = 404) {
    const address = `${of.links.self}/stores/${encodeURIComponent(id)}`;
    return (await api.http.get(address).expect(status)).body;
  }

  it('says whose numbers they are, and by which choices', async () => {
    expect(await explained(STORE)).toMatchObject({
      report_id: report.id,
      store_id: STORE,
      as_of: '2023-01-18T18:00:00.000000Z',
      options: { windows: 'rolling', unobserved: 'down', estimator: 'step' },
      zone: 'America/New_York',
      zone_source: 'file',
      assumed_zone: false,
      assumed_hours: false,
      matches_report: true,
      differences: [],
      note: null,
    });
  });

  it('gives the pieces of each window, which add up to the report to the microsecond', async () => {
    const { windows } = await explained(STORE);
    expect(windows.last_day).toMatchObject({ unit: 'hours', uptime: '3.00', downtime: '5.00' });
    expect(windows.last_hour).toMatchObject({ unit: 'minutes', uptime: '0.00', downtime: '60.00' });
    for (const window of Object.values<Window>(windows)) {
      const sum = (as?: string): number =>
        window.pieces
          .filter(({ counts_as }) => as === undefined || counts_as === as)
          .reduce((us, { duration_us }) => us + duration_us, 0);
      expect([sum(), sum('uptime'), sum('downtime'), sum('excluded')]).toEqual([
        window.open_us,
        window.uptime_us,
        window.downtime_us,
        window.excluded_us,
      ]);
    }
    expect(windows.last_week.downtime_us).toBe(53 * HOUR_US);
    expect(
      windows.last_day.pieces.map(({ start, end, state, because, rule }: Piece) => [
        start.slice(5, 16),
        end.slice(5, 16),
        state,
        because,
        rule,
      ]),
    ).toEqual([
      ['01-17T18:00', '01-17T22:00', 'unobserved', 'unobserved', '10'],
      ['01-18T14:00', '01-18T15:00', 'up', 'reaches_back', '9'],
      ['01-18T15:00', '01-18T17:00', 'up', 'holds', '9'],
      ['01-18T17:00', '01-18T18:00', 'down', 'holds', '9'],
    ]);
  });

  it('gives each business day with its offset, its open time and the polls that count', async () => {
    const { days } = await explained(STORE);
    expect(days).toHaveLength(8);
    expect(days.at(-1)).toMatchObject({
      date: '2023-01-18',
      offset: '-05:00',
      hours: 'weekly',
      open: [['2023-01-18T14:00:00.000000Z', '2023-01-18T22:00:00.000000Z']],
      polls: [
        { at: '2023-01-18T15:00:00.500000Z', status: 'active' },
        { at: '2023-01-18T17:00:00.000000Z', status: 'inactive' },
      ],
    });
  });

  it('lists the outages of the week', async () => {
    const { outages, longest_outage_us } = await explained(STORE);
    expect(outages.at(-1)).toEqual({
      start: '2023-01-18T17:00:00.000000Z',
      end: null,
      open_us: HOUR_US,
      observed: true,
    });
    expect(longest_outage_us).toBe(8 * HOUR_US);
  });

  it('says that a store without hours is assumed to be open around the clock', async () => {
    const { hours, days, assumed_hours } = await explained('0012');
    expect(assumed_hours).toBe(true);
    expect(hours).toEqual({ windows: null, effective_from: null, assumed: true, rejected: false });
    expect(days.every(({ hours: how }: { hours: string }) => how === 'around_the_clock')).toBe(true);
  });

  it('takes the choices of the report: calendar windows, the nearest poll, unobserved time left out', async () => {
    const other = await made({ windows: 'calendar', estimator: 'nearest', unobserved: 'exclude' });
    const { windows, matches_report } = await explained(STORE, other);
    expect(matches_report).toBe(true);
    expect(windows.last_day.start).toBe('2023-01-18T05:00:00.000000Z');
    expect(windows.last_week.excluded_us).toBe(6 * 8 * HOUR_US);
    expect(windows.last_day.pieces[0]).toMatchObject({ because: 'nearest', counts_as: 'uptime' });
  });

  describe('with polls that do not count', () => {
    beforeAll(() =>
      loadFiles(api, {
        'store_status.csv': [
          'store_id,status,timestamp_utc',
          'ignoring,active,2023-01-09 15:00:00 UTC',
          'ignoring,active,2023-01-17 15:00:00 UTC',
          'ignoring,inactive,2023-01-17 23:30:00 UTC',
          'ignoring,inactive,2023-01-18 18:30:00 UTC',
          'ignoring,inactive,2023-01-25 15:00:00 UTC',
          '',
        ].join('\n'),
        'menu_hours.csv':
          'store_id,day,start_time_local,end_time_local\n' +
          [0, 1, 2, 3, 4, 5, 6].map((day) => `ignoring,${day},09:00:00,17:00:00\n`).join(''),
        'timezone.csv': 'store_id,timezone_str\nignoring,America/New_York\n',
      }),
    );

    it('says of each why it is ignored, and by which rule', async () => {
      const of = await made({ as_of: '2023-01-18T18:00:00Z' });
      const { ignored, ignored_polls, windows } = await explained('ignoring', of);
      expect(ignored).toEqual({ after_as_of: 2, outside_hours: 1, inactive_dates: 0, before_week: 1 });
      expect(ignored_polls).toEqual([
        { at: '2023-01-09T15:00:00.000000Z', status: 'active', rule: '8', reason: 'before_week' },
        { at: '2023-01-17T23:30:00.000000Z', status: 'inactive', rule: '8', reason: 'outside_hours' },
        { at: '2023-01-18T18:30:00.000000Z', status: 'inactive', rule: '7', reason: 'after_as_of' },
      ]);
      expect(windows.last_week).toMatchObject({ polls: 1, polls_outside: 1 });
    });

    it('tells time outside active dates, and the polls in it', async () => {
      await api.http.put(urlOf('ignoring')).send({ active_from: '2023-01-18' }).expect(200);
      const of = await made({ as_of: '2023-01-18T18:00:00Z' });
      const { ignored, inactive, windows, matches_report } = await explained('ignoring', of);
      expect(matches_report).toBe(true);
      expect(ignored).toMatchObject({ inactive_dates: 1, outside_hours: 1 });
      expect(inactive.at(-1)).toEqual(['2023-01-17T14:00:00.000000Z', '2023-01-17T22:00:00.000000Z']);
      expect(windows.last_day).toMatchObject({ inactive_us: 4 * HOUR_US, open_us: 4 * HOUR_US });
    });
  });

  describe('of a report that was answered from another', () => {
    it('are those of its rows', async () => {
      const first = await made({ as_of: '2023-01-18T17:30:00Z' });
      const second = await made({ as_of: '2023-01-18T17:30:00Z' });
      expect(second).toMatchObject({ reused_from: first.id });
      expect(await explained(STORE, second)).toMatchObject({ report_id: second.id, matches_report: true });
    });

    it('tell the collector outages also when that one was deleted', async () => {
      const first = await made({ as_of: '2023-01-18T17:40:00Z' });
      const outage = {
        start: '2023-01-17T15:00:00.000000Z',
        end: '2023-01-17T20:00:00.000000Z',
        ongoing: false,
      };
      await api.app
        .get(DataSource)
        .query(
          `UPDATE reports SET metadata = jsonb_set(metadata::jsonb, '{collector_outages}', $2::jsonb) WHERE report_id = $1`,
          [first.id, JSON.stringify([outage])],
        );
      const second = await made({ as_of: '2023-01-18T17:40:00Z' });
      await api.http.delete(first.links.self).expect(204);
      expect(await explained(STORE, second)).toMatchObject({
        collector_outages: [[outage.start, outage.end]],
      });
    });
  });

  describe('after the facts have changed', () => {
    it('says so, with the figures of the report and those of now', async () => {
      const of = await made({ as_of: '2023-01-18T17:45:00Z' });
      await loadFiles(api, {
        'store_status.csv': `store_id,status,timestamp_utc\n${STORE},active,2023-01-18 17:15:00 UTC\n`,
      });
      const { matches_report, differences, note, windows } = await explained(STORE, of);
      expect(matches_report).toBe(false);
      expect(note).toContain('The facts have changed since the report was made');
      const uptime = differences.find(({ figure }: { figure: string }) => figure === 'day_uptime_us');
      expect(uptime).toEqual({ figure: 'day_uptime_us', report: 3 * HOUR_US, now: 3.5 * HOUR_US });
      expect(windows.last_day.uptime_us).toBe(3.5 * HOUR_US);
    });
  });

  describe('of a store without a row', () => {
    it('says that there is no such store', async () => {
      expect((await refused('nobody', report)).type).toContain('unknown_store');
      expect((await refused('no\u0000body', report)).type).toContain('unknown_store');
    });

    it('says that the report is about other stores', async () => {
      const of = await made({ store_ids: [STORE], as_of: '2023-01-18T18:00:00Z' });
      expect((await refused('0012', of)).type).toContain('store_not_asked_for');
    });

    it('says that it was not polled by then', async () => {
      const of = await made({ as_of: '2023-01-18T17:59:00Z' });
      const body = await refused('0012', of);
      expect(body.type).toContain('store_not_polled');
      expect(body.detail).toContain('its first is at 2023-01-18T18:00:00.000000Z');
    });

    it('says that it came after the report was made', async () => {
      await loadFiles(api, {
        'store_status.csv': 'store_id,status,timestamp_utc\nlate,active,2023-01-18 12:00:00 UTC\n',
      });
      expect((await refused('late', report)).type).toContain('store_came_later');
    });

    it('says that there is no such report, or that it is not ready', async () => {
      await refused(STORE, { links: { self: '/api/v1/reports/01890000-0000-7000-8000-000000000000' } });
      const { body } = await api.http
        .post('/api/v1/reports')
        .send({ store_ids: ['nobody'] })
        .expect(202);
      await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
      expect((await refused(STORE, body, 409)).type).toContain('report_failed');
    });
  });

  describe('once the data is cleared', () => {
    it('can not be said any more while the row is kept', async () => {
      const other = await startTestApi();
      try {
        await loadFiles(other, TWO_STORES);
        const { body } = await other.http.post('/api/v1/reports').send({}).expect(202);
        await other.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
        await other.http.delete('/api/v1/data').expect(200);
        const address = `${body.links.self}/stores/${STORE}`;
        expect((await other.http.get(address).expect(409)).body.type).toContain('facts_gone');
        await loadFiles(other, TWO_STORES);
        expect((await other.http.get(address).expect(200)).body).toMatchObject({ matches_report: true });
      } finally {
        await other.close();
      }
    });
  });
});
