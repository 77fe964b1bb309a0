import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { FACT_TABLES } from '../src/data/facts.js';
import { Clock } from '../src/platform/clock.js';
import { inTransaction } from '../src/platform/database/connection.js';
import { lockFacts } from '../src/stores/fact-lock.js';
import { PollInbox } from '../src/stores/polls/poll-inbox.js';
import { PollRetention } from '../src/stores/polls/poll-retention.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { holdClock, loadFiles, STORE, STORES, urlOf, weekly } from './support/stores.js';

const AS_OF = '2023-01-18T18:00:00Z';

interface ReportBody {
  id: string;
  status: string;
  label: string | null;
  as_of: string;
  reused_from: string | null;
  superseded: boolean | null;
  watermark: string | null;
  stores: number;
  progress: object;
  files: { format: string; sha256: string }[];
  error: string | null;
  links: { self: string };
}

describe('what was done already', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await database.query(`TRUNCATE ${FACT_TABLES.join(', ')}, reports, report_rows, report_files CASCADE`);
    await loadFiles(api, TWO_STORES);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    // Data is not cleared while work on it waits.
    const { body } = await api.http.get('/api/v1/reports').expect(200);
    for (const { links } of body.data) await api.http.get(links.self).set('Prefer', 'wait=20').expect(200);
  });

  async function trigger(request: object = { as_of: AS_OF }): Promise<ReportBody> {
    const { body } = await api.http.post('/api/v1/reports').send(request).expect(202);
    return body as ReportBody;
  }

  async function ended(id: string): Promise<ReportBody> {
    const { body } = await api.http.get(`/api/v1/reports/${id}`).set('Prefer', 'wait=20').expect(200);
    if (body.status !== 'completed') throw new Error(`${body.status}: ${body.error}`);
    return body as ReportBody;
  }

  const made = async (request?: object): Promise<ReportBody> => ended((await trigger(request)).id);
  const fold = (): Promise<void> => api.app.get(PollInbox, { strict: false }).fold();

  async function csv(id: string): Promise<string> {
    return (await api.http.get(`/api/v1/reports/${id}/file`).buffer(true).expect(200)).text;
  }

  /** A file of polls with the lines `store,status,2023-01-18 15:00:00`. */
  const pollFile = (...lines: string[]): Record<string, string> => ({
    'store_status.csv': ['store_id,status,timestamp_utc', ...lines.map((line) => `${line} UTC`), ''].join(
      '\n',
    ),
  });

  const live = async (store_id: string, status: string, timestamp_utc: string): Promise<void> => {
    await api.http.post('/api/v1/polls').send({ store_id, status, timestamp_utc }).expect(202);
  };

  describe('is found by versions of the facts, which', () => {
    /** What has another version than before: `calendar`, `era`, or a day; and whether the clock has gone on. */
    async function changed(change: () => Promise<unknown>): Promise<string[]> {
      const read = async (): Promise<Map<string, string>> => {
        const rows: { name: string; version: string }[] = await database.query(
          `SELECT fact AS name, version FROM fact_versions UNION ALL SELECT day::text, version FROM poll_day_versions
           UNION ALL SELECT 'clock', version FROM fact_clock`,
        );
        return new Map(rows.map(({ name, version }) => [name, version]));
      };
      const before = await read();
      await change();
      await fold();
      const after = await read();
      const names = new Set([...before.keys(), ...after.keys()]);
      return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
    }

    const put = (route: string, body: object) => api.http.put(urlOf(STORE, route)).send(body).expect(200);
    const hours = (...lines: string[]): Record<string, string> => ({
      'menu_hours.csv': ['store_id,day,start_time_local,end_time_local', ...lines, ''].join('\n'),
    });
    const allHours = [0, 1, 2, 3, 4, 5, 6].map((day) => `${STORE},${day},09:00:00,17:00:00`);
    const closing = { exceptions: [{ date: '2023-01-17', windows: [] }] };

    const CASES: [string, () => Promise<unknown>, string[]][] = [
      ['stay when the same files are loaded again', () => loadFiles(api, TWO_STORES), []],
      [
        'change with a poll of a file on its day alone',
        () => loadFiles(api, pollFile('0012,active,2023-01-18 18:00:00', '0012,active,2023-01-17 18:00:00')),
        ['2023-01-17'],
      ],
      [
        'change with another status at a known instant, on its day alone',
        () => loadFiles(api, pollFile('0012,inactive,2023-01-18 18:00:00')),
        ['2023-01-18'],
      ],
      [
        'change on each day of a file that fills days without polls',
        () => loadFiles(api, pollFile('0012,active,2023-02-01 18:00:00', 'new,active,2023-02-03 18:00:00')),
        ['2023-02-01', '2023-02-03'],
      ],
      ['change with a live poll', () => live('0012', 'active', '2023-01-18T19:00:00Z'), ['2023-01-18']],
      ['change with a late live poll', () => live('0012', 'active', '2023-01-18T11:00:00Z'), ['2023-01-18']],
      [
        'change with the first live poll of a store',
        () => live('x', 'active', '2023-01-20T11:00:00Z'),
        ['2023-01-20'],
      ],
      [
        'change with another status by a live poll',
        () => live('0012', 'inactive', '2023-01-18T18:00:00Z'),
        ['2023-01-18'],
      ],
      ['stay when a live poll comes again', () => live('0012', 'active', '2023-01-18T18:00:00Z'), []],
      ['change with hours of a file', () => loadFiles(api, hours('0012,0,09:00:00,17:00:00')), ['calendar']],
      [
        'change with hours that a file leaves out',
        () => loadFiles(api, hours(...allHours.slice(1))),
        ['calendar'],
      ],
      ['stay with hours that are known', () => loadFiles(api, hours(...allHours)), []],
      [
        'change with zones of a file',
        () => loadFiles(api, { 'timezone.csv': 'store_id,timezone_str\n0012,America/Chicago\n' }),
        ['calendar'],
      ],
      [
        'change with a store that a file of zones brings',
        () => loadFiles(api, { 'timezone.csv': 'store_id,timezone_str\nnew,America/Chicago\n' }),
        ['calendar'],
      ],
      [
        'change with exceptions of a file',
        () =>
          loadFiles(api, {
            'exceptions.csv': 'store_id,date,start_time_local,end_time_local\n0012,2023-01-18,,\n',
          }),
        ['calendar'],
      ],
      [
        'change with a store that is made',
        () => api.http.post(STORES).send({ store_id: 'made' }).expect(201),
        ['calendar'],
      ],
      [
        'change with an edited zone',
        () => put('', { zone: 'America/Denver', effective_from: 'always' }),
        ['calendar'],
      ],
      ['change with an announced zone', () => put('', { zone: 'America/Denver' }), ['calendar']],
      [
        'stay with the zone that holds',
        () => put('', { zone: 'America/New_York', effective_from: 'always' }),
        [],
      ],
      ['stay with another name', () => put('', { name: 'Corner', aliases: ['by the church'] }), []],
      ['change with active dates', () => put('', { active_from: '2023-01-17' }), ['calendar']],
      ['change when a store is archived', () => api.http.delete(urlOf(STORE)).expect(204), ['calendar']],
      [
        'change with edited hours',
        () => put('/hours', { windows: weekly('10:00', '12:00'), effective_from: 'always' }),
        ['calendar'],
      ],
      [
        'change with announced hours',
        () => put('/hours', { windows: weekly('10:00', '12:00') }),
        ['calendar'],
      ],
      [
        'stay with the hours that hold',
        () => put('/hours', { windows: weekly('09:00', '17:00'), effective_from: 'always' }),
        [],
      ],
      ['change with an exception', () => put('/exceptions', closing), ['calendar']],
      [
        'change when an exception is taken back, and not when it is set again',
        async () => {
          await put('/exceptions', closing);
          expect(await changed(() => put('/exceptions', closing))).toEqual([]);
          await api.http.delete(urlOf(STORE, '/exceptions/2023-01-17')).expect(204);
        },
        ['calendar'],
      ],
      [
        'begin a new era when the data is cleared',
        () => api.http.delete('/api/v1/data').expect(200),
        ['2023-01-18', 'calendar', 'era'],
      ],
      [
        'come back when it is restored',
        async () => {
          await api.http.delete('/api/v1/data').expect(200);
          await api.http.post('/api/v1/data/restore').expect(200);
        },
        [],
      ],
      [
        'begin a new era when old polls are dropped',
        async () => {
          api.environment.retentionDays = 10;
          holdClock(api, '2023-02-09T00:00:00Z');
          await api.app.get(PollRetention, { strict: false }).run();
          api.environment.retentionDays = null;
        },
        ['2023-01-18', 'era'],
      ],
    ];

    it.each(CASES)('%s', async (_title, change, expected) => {
      expect((await changed(change)).filter((name) => name !== 'clock')).toEqual(expected);
    });

    it('count a change also when facts come back with the versions that they had', async () => {
      await api.http.delete('/api/v1/data').expect(200);
      expect(await changed(() => api.http.post('/api/v1/data/restore').expect(200))).toContain('clock');
    });
  });

  describe('answers a report', () => {
    /** The JSON is each report's own, and made when it is first asked for. */
    const csvOf = ({ files }: ReportBody): unknown => files.find(({ format }) => format === 'csv')!.sha256;

    it('at once, with the rows and files of the earlier one', async () => {
      const first = await made();
      const second = await trigger();
      expect(second).toMatchObject({
        status: 'completed',
        reused_from: first.id,
        as_of: first.as_of,
        stores: 2,
        progress: first.progress,
        watermark: first.watermark,
        superseded: false,
      });
      expect(second.id).not.toBe(first.id);
      expect(csvOf(second)).toEqual(csvOf(first));
      expect(await csv(second.id)).toBe(await csv(first.id));
    });

    it('with another label, or with the same stores named otherwise', async () => {
      const named = { as_of: AS_OF, store_ids: ['0012', STORE] };
      const first = await made({ ...named, label: 'one' });
      const second = await made({ ...named, store_ids: [STORE, '0012', STORE], label: 'two' });
      expect(second).toMatchObject({ reused_from: first.id, label: 'two' });
    });

    it('with metadata that count the stores of now, and say how far the facts had come', async () => {
      await made();
      await loadFiles(api, pollFile('new,active,2023-01-20 10:00:00'));
      const later = await made();
      const { body } = await api.http.get(`/api/v1/reports/${later.id}/file?format=json`).expect(200);
      const { body: computed } = await api.http
        .get(`/api/v1/reports/${(await made({ as_of: AS_OF, force: true })).id}/file?format=json`)
        .expect(200);
      expect(later.reused_from).not.toBeNull();
      expect(body.counts).toEqual(computed.counts);
      expect([body.watermark, later.watermark]).toEqual([computed.watermark, computed.watermark]);
    });

    it('without an as-of when the newest poll is the same', async () => {
      const first = await made({});
      expect(await made({})).toMatchObject({ reused_from: first.id, as_of: '2023-01-18T18:00:00.000000Z' });
    });

    it.each([
      ['as-of', { as_of: '2023-01-18T17:59:59.999999Z' }],
      ['windows', { windows: 'calendar' }],
      ['unobserved', { unobserved: 'up' }],
      ['estimator', { estimator: 'nearest' }],
      ['stores', { store_ids: ['0012'] }],
      ['unpolled stores', { include_unpolled: true }],
    ])('only with the same %s', async (_what, other) => {
      await made();
      expect((await made({ as_of: AS_OF, ...other })).reused_from).toBeNull();
    });

    it('not when it is forced, and the next one from the forced', async () => {
      const first = await made();
      const forced = await made({ as_of: AS_OF, force: true });
      expect(forced.reused_from).toBeNull();
      expect(await csv(forced.id)).toBe(await csv(first.id));
      expect((await made()).reused_from).toBe(forced.id);
    });

    it('from the first of a chain, also when that one was deleted', async () => {
      const first = await made();
      await made();
      expect((await made()).reused_from).toBe(first.id);
      await api.http.delete(`/api/v1/reports/${first.id}`).expect(204);
      const last = await made();
      expect(last.reused_from).toBe(first.id);
      expect(csvOf(last)).toEqual(csvOf(first));
    });

    it.each(['failed', 'cancelled', 'expired'])('not from one that is %s', async (status) => {
      const first = await made();
      const second = await made();
      await database.query('UPDATE reports SET status = $2 WHERE report_id = $1', [first.id, status]);
      const third = await made();
      expect(third.reused_from).toBeNull();
      expect(second.reused_from).toBe(first.id);
    });

    it('after a restart of everything but the database', async () => {
      const first = await made();
      await database.query(`UPDATE reports SET created_at = created_at - interval '30 days'`);
      expect((await made()).reused_from).toBe(first.id);
    });

    it('again when data that was cleared is restored', async () => {
      const first = await made();
      await api.http.delete('/api/v1/data').expect(200);
      await loadFiles(api, pollFile('other,active,2023-01-18 15:00:00'));
      const between = await made();
      expect(between).toMatchObject({ reused_from: null, stores: 1 });
      await api.http.post('/api/v1/data/restore').expect(200);
      expect((await made()).reused_from).toBe(first.id);
    });
  });

  describe('holds for a report', () => {
    it.each([
      ['polls of a later day', pollFile('0012,active,2023-01-19 00:00:00', 'new,active,2023-01-20 10:00:00')],
      ['polls of a store before its first', pollFile('0012,active,2022-12-01 10:00:00')],
      ['polls shortly before its business days', pollFile('0012,active,2023-01-05 10:00:00')],
      ['the same files again', TWO_STORES],
    ])('after %s', async (_what, files) => {
      const first = await made();
      await loadFiles(api, files);
      expect(await made()).toMatchObject({ reused_from: first.id, superseded: false });
      const forced = await made({ as_of: AS_OF, force: true });
      expect(await csv(forced.id)).toBe(await csv(first.id));
    });

    it.each([
      ['a poll of its last day', pollFile('0012,inactive,2023-01-18 10:00:00')],
      ['a poll of its first business day', pollFile('0012,active,2023-01-11 10:00:00')],
      ['another status of a known poll', pollFile('0012,inactive,2023-01-18 18:00:00')],
      ['a store that was first polled long before', pollFile('new,active,2022-01-01 10:00:00')],
      ['another zone', { 'timezone.csv': 'store_id,timezone_str\n0012,America/Chicago\n' }],
    ])('no longer after %s', async (_what, files) => {
      const first = await made();
      await loadFiles(api, files);
      expect(await ended(first.id)).toMatchObject({ superseded: true });
      const second = await made();
      expect(second.reused_from).toBeNull();
      expect(second.watermark).not.toBe(first.watermark);
      expect(await csv(second.id)).not.toBe(await csv(first.id));
    });

    it('with unpolled stores no longer after a store that was made', async () => {
      const request = { as_of: AS_OF, include_unpolled: true };
      await made(request);
      await loadFiles(api, pollFile('later,active,2023-01-19 10:00:00'));
      expect(await made(request)).toMatchObject({ reused_from: null, stores: 3 });
    });

    it('no longer when older polls tell that the collector was silent', async () => {
      const day = (date: number, hours: readonly number[]): string[] =>
        hours.flatMap((hour) =>
          Array.from({ length: 48 }, (_, i) => {
            const time = `${String(hour).padStart(2, '0')}:${String((i % 12) * 5).padStart(2, '0')}:0${Math.floor(i / 12)}`;
            return `s${i % 24},active,2023-03-${String(date).padStart(2, '0')} ${time}`;
          }),
        );
      const all = Array.from({ length: 24 }, (_, hour) => hour);
      const silent = all.filter((hour) => hour < 8 || hour > 12);
      await loadFiles(api, pollFile(...day(24, all), ...day(31, silent)));
      const request = { as_of: '2023-03-31T23:59:59Z' };
      const outages = async ({ id }: ReportBody): Promise<unknown[]> => {
        const { text } = await api.http
          .get(`/api/v1/reports/${id}/file?format=json`)
          .buffer(true)
          .expect(200);
        return JSON.parse(text).collector_outages;
      };
      const first = await made(request);
      expect(await outages(first)).toEqual([]);
      await loadFiles(api, pollFile(...[15, 16, 17, 18].flatMap((date) => day(date, all))));
      const second = await made(request);
      expect(await outages(second)).toHaveLength(1);
      expect(second.reused_from).toBeNull();
      expect(await csv(second.id)).toBe(await csv(first.id));
      expect((await made(request)).reused_from).toBe(second.id);
    });

    it('whatever is loaded, edited and polled: a report that is reused is what a computation gives', async () => {
      const store = fc.constantFrom('0012', STORE, 'third');
      const time = fc
        .integer({ min: 0, max: 20 * 24 })
        .map((hours) => new Date(Date.parse('2023-01-02T00:00:00Z') + hours * 3_600_000).toISOString());
      const status = fc.constantFrom('active', 'inactive');
      const step = fc.oneof(
        fc.record({
          kind: fc.constant('load' as const),
          polls: fc.array(fc.tuple(store, status, time), { minLength: 1, maxLength: 4 }),
        }),
        fc.record({ kind: fc.constant('live' as const), store, status, time }),
        fc.record({
          kind: fc.constant('hours' as const),
          windows: fc.constantFrom(weekly('08:00', '20:00'), weekly('09:00', '17:00')),
        }),
        fc.record({ kind: fc.constant('name' as const), name: fc.constantFrom('A', 'B') }),
        fc.record({
          kind: fc.constant('report' as const),
          asOf: fc.constantFrom('2023-01-18T18:00:00Z', '2023-01-12T00:00:00Z', undefined),
        }),
      );
      // Whatever as-of is asked for, there is a store to report on.
      await loadFiles(api, pollFile('0012,active,2023-01-02 00:00:00'));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
          for (const one of steps) {
            if (one.kind === 'load')
              await loadFiles(
                api,
                pollFile(
                  ...one.polls.map(([id, what, at]) => `${id},${what},${at.slice(0, 19).replace('T', ' ')}`),
                ),
              );
            else if (one.kind === 'live') await live(one.store, one.status, one.time);
            else if (one.kind === 'hours')
              await api.http
                .put(urlOf(STORE, '/hours'))
                .send({ windows: one.windows, effective_from: 'always' })
                .expect(200);
            else if (one.kind === 'name')
              await api.http.put(urlOf(STORE)).send({ name: one.name }).expect(200);
            else {
              const request = one.asOf === undefined ? {} : { as_of: one.asOf };
              const report = await made(request);
              const forced = await made({ ...request, force: true });
              expect(await csv(forced.id)).toBe(await csv(report.id));
            }
          }
        }),
        { numRuns: 8 },
      );
    }, 60_000);
  });

  describe('is not begun a second time', () => {
    /** Keeps reports from getting on until it is let go: they wait for polls that can't be folded. */
    async function whileHeld(use: () => Promise<void>): Promise<void> {
      await inTransaction(database, async (client) => {
        await lockFacts(client);
        await live('0012', 'active', '2023-01-18T18:30:00Z');
        await use();
      });
    }

    it('when a thousand equal requests come at once', async () => {
      let ids: string[] = [];
      await whileHeld(async () => {
        ids = await Promise.all(Array.from({ length: 1_000 }, async () => (await trigger({})).id));
        expect(new Set(ids).size).toBe(1);
        const others = [{ force: true }, { label: 'mine' }, { unobserved: 'up' }];
        for (const other of others) expect((await trigger(other)).id).not.toBe(ids[0]);
      });
      expect(await ended(ids[0]!)).toMatchObject({ as_of: '2023-01-18T18:30:00.000000Z', reused_from: null });
      // Whoever forces gets a report of his own each time.
      const forced = await Promise.all([trigger({ force: true }), trigger({ force: true })]);
      expect(forced[0].id).not.toBe(forced[1].id);
      await Promise.all(forced.map(({ id }) => ended(id)));
    }, 60_000);

    it('by earlier clients either', async () => {
      await whileHeld(async () => {
        const answers = [
          await api.http.post('/reports/trigger').expect(200),
          await api.http.post('/trigger_report').expect(200),
          await api.http.post('/trigger_report/').expect(200),
          await api.http.post('/api/trigger_report').expect(200),
          await api.http.post('/api/v1/reports').expect(202),
        ];
        expect(new Set(answers.map(({ body }) => body.report_id ?? body.id)).size).toBe(1);
      });
    });

    it('unless more was accepted meanwhile', async () => {
      const ids: string[] = [];
      await whileHeld(async () => {
        ids.push((await trigger({})).id);
        await live('0012', 'active', '2023-01-18T18:45:00Z');
        ids.push((await trigger({})).id);
        await api.http.post('/api/v1/imports').send({ source: 'directory', force: true }).expect(202);
        ids.push((await trigger({})).id);
      });
      expect(new Set(ids).size).toBe(3);
      const reports = await Promise.all(ids.map(ended));
      expect(reports.map(({ as_of }) => as_of).slice(1)).toEqual(
        Array(2).fill('2023-01-18T18:45:00.000000Z'),
      );
    });

    it('unless a poll that was ahead of the clock has come to count', async () => {
      await loadFiles(api, pollFile('0012,active,2023-01-18 18:10:00'));
      const ids: string[] = [];
      await whileHeld(async () => {
        const clock = jest.spyOn(api.app.get(Clock), 'nowUs');
        clock.mockReturnValue(Date.parse('2023-01-18T18:05:00Z') * 1000);
        ids.push((await trigger({})).id);
        clock.mockReturnValue(Date.parse('2023-01-18T18:15:00Z') * 1000);
        ids.push((await trigger({})).id);
        clock.mockRestore();
      });
      expect(new Set(ids).size).toBe(2);
      await Promise.all(ids.map(ended));
    });

    it('and a report that waited is answered from an earlier one', async () => {
      const first = await made({ as_of: AS_OF });
      let waited = '';
      await inTransaction(database, async (client) => {
        await lockFacts(client);
        await live('0012', 'active', '2023-01-19T18:30:00Z');
        waited = (await trigger()).id;
      });
      const report = await ended(waited);
      expect(report).toMatchObject({ reused_from: first.id, stores: 2, progress: first.progress });
      expect(await csv(report.id)).toBe(await csv(first.id));
    });
  });
});
