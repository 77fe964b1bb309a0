import { DataSource } from 'typeorm';
import { FACT_TABLES } from '../src/data/facts.js';
import { FloorDigest } from '../src/movements/digest/floor-digest.js';
import { lockFloor } from '../src/movements/digest/floor-lock.js';
import { notePresenceChange } from '../src/movements/evidence/presence-versions.js';
import { inTransaction } from '../src/platform/database/connection.js';
import { Sweep } from '../src/platform/queue/sweep.js';
import { startTestApi, type TestApi } from './support/application.js';
import { holdClock, loadFiles, urlOf } from './support/stores.js';
import { cellsOf, unzip } from './support/unzip.js';

/** Wednesday 2023-02-01; every store is in UTC and open from 09:00 to 17:00. */
const TODAY = '2023-02-01';
const AS_OF = `${TODAY}T16:00:00Z`;
/** Up until 12:00, then down. Its twin has the same polls and no camera. */
const STORE = 'watched';
const TWIN = 'unwatched';
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

/** Without the first one they would not be known yet in the morning. */
const POLLS = [
  '2023-01-20 10:00:00,active',
  `${TODAY} 09:30:00,active`,
  `${TODAY} 12:00:00,inactive`,
  `${TODAY} 16:00:00,inactive`,
];
const FILES = {
  'store_status.csv': [
    'store_id,status,timestamp_utc',
    ...[STORE, TWIN].flatMap((store) =>
      POLLS.map((poll) => {
        const [time, status] = poll.split(',');
        return `${store},${status},${time} UTC`;
      }),
    ),
    '',
  ].join('\n'),
  'menu_hours.csv': [
    'store_id,day,start_time_local,end_time_local',
    ...[STORE, TWIN].flatMap((store) =>
      [0, 1, 2, 3, 4, 5, 6].map((day) => `${store},${day},09:00:00,17:00:00`),
    ),
    '',
  ].join('\n'),
  'timezone.csv': `store_id,timezone_str\n${STORE},Etc/UTC\n${TWIN},Etc/UTC\n`,
};

interface Seen {
  /** `hh:mm` of today, or an instant. */
  from: string;
  /** Excluded. */
  to: string;
  people?: number;
  cameras?: string[];
}

interface Run {
  start: string;
  end: string;
  verdict: string;
  minutes: number;
}

describe('evidence', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => api.close());

  beforeEach(async () => {
    await database.query(
      `TRUNCATE ${FACT_TABLES.join(', ')}, reports, report_rows, report_evidence, report_files CASCADE`,
    );
    await loadFiles(api, FILES);
  });

  const msOf = (text: string): number => Date.parse(text.length === 5 ? `${TODAY}T${text}:00Z` : text);

  /** Writes what the cameras of a store would have told, as whoever digests movements does. */
  async function sees(store: string, ...told: Seen[]): Promise<void> {
    await inTransaction(database, async (client) => {
      for (const { from, to, people = 1, cameras = ['door'] } of told) {
        const quarters: number[] = [];
        for (let at = msOf(from); at < msOf(to); at += QUARTER_MS) quarters.push(at / QUARTER_MS);
        await client.query(
          `INSERT INTO store_presence (store_key, quarter, people, anybody, cameras)
           SELECT store_key, quarter, $3, greatest($3, 1), $4 FROM stores, unnest($2::int[]) AS given (quarter)
            WHERE store_id = $1`,
          [store, quarters, people, cameras],
        );
        await notePresenceChange(client, quarters);
      }
    });
  }

  /** People from 9 to 17 on so many days before today. */
  async function hadPeople(store: string, ...daysBack: number[]): Promise<void> {
    const at = (back: number, time: string): string =>
      `${new Date(Date.parse(TODAY) - back * DAY_MS).toISOString().slice(0, 10)}T${time}:00Z`;
    await sees(store, ...daysBack.map((back) => ({ from: at(back, '09:00'), to: at(back, '17:00') })));
  }

  async function evidence(store: string, query = `?from=${TODAY}T00:00:00Z`) {
    return (await api.http.get(`${urlOf(store, '/evidence')}${query}`).expect(200)).body;
  }

  const short = ({ start, end, verdict }: Run): string =>
    `${start.slice(11, 16)}-${end.slice(11, 16)} ${verdict}`;

  async function made(request: object = {}): Promise<{ id: string; reused_from: string | null }> {
    const accepted = await api.http
      .post('/api/v1/reports')
      .send({ as_of: AS_OF, ...request })
      .expect(202);
    const { body } = await api.http.get(accepted.body.links.self).set('Prefer', 'wait=20').expect(200);
    if (body.status !== 'completed') throw new Error(`${body.status}: ${body.error}`);
    return body;
  }

  const csv = async (id: string, query = ''): Promise<string> =>
    (await api.http.get(`/api/v1/reports/${id}/file${query}`).buffer(true).expect(200)).text;

  /** The cells of a store's row by column. */
  async function cells(id: string, store: string): Promise<Record<string, string>> {
    const [head, ...rows] = (await csv(id, '?extended=true')).trimEnd().split('\n');
    const row = rows.find((line) => line.startsWith(`${store},`))!.split(',');
    return Object.fromEntries(head!.split(',').map((name, i) => [name, row[i]!]));
  }

  async function rowOf(id: string, store: string): Promise<Record<string, unknown>> {
    const { body } = await api.http.get(`/api/v1/reports/${id}/rows`).expect(200);
    return body.data.find((row: { store_id: string }) => row.store_id === store);
  }

  /** Types and texts of the last seven cells of a workbook's rows, by store. */
  async function sheetOf(id: string): Promise<Record<string, (string | undefined)[][]>> {
    const { body } = await api.http
      .get(`/api/v1/reports/${id}/file?format=xlsx&extended=true`)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .expect(200);
    const [head, ...rows] = cellsOf(unzip(body as Buffer).get('xl/worksheets/sheet1.xml')!);
    const columns = Object.keys(head!).slice(-7);
    return Object.fromEntries(
      rows.map((row) => [row['A']!.text, columns.map((column) => [row[column]?.type, row[column]?.text])]),
    );
  }

  /** At an instant of its own for each test: what all stores are at one is remembered for a while. */
  async function shown(time: string, state = 'down'): Promise<Record<string, string | null>> {
    const query = `as_of=${TODAY}T${time}Z&state=${state}`;
    const { body } = await api.http.get(`/api/v1/status/down?${query}`).expect(200);
    const stores = body.data as { store_id: string; evidence: string | null }[];
    return Object.fromEntries(stores.map((store) => [store.store_id, store.evidence]));
  }

  const evidenceIn = (id: string) =>
    database.query('SELECT * FROM report_evidence WHERE report_id = $1', [id]);

  describe('of one store', () => {
    it('lays hours, polls and people side by side', async () => {
      await hadPeople(STORE, 1, 2, 3);
      await sees(
        STORE,
        { from: '06:00', to: '06:30' },
        { from: '09:00', to: '10:00' },
        { from: '12:00', to: '13:30' },
      );
      const { data, totals_minutes: totals, ...head } = await evidence(STORE);
      expect(head).toEqual({
        store_id: STORE,
        name: null,
        as_of: '2023-02-01T16:00:00.000000Z',
        start: '2023-02-01T00:00:00.000000Z',
        end: '2023-02-01T16:00:00.000000Z',
        has_cameras: true,
      });
      expect(data.map(short)).toEqual([
        '00:00-06:00 agrees',
        '06:00-06:30 after_hours_people',
        '06:30-10:00 agrees',
        '10:00-12:00 ghost_open',
        '12:00-13:30 tech_outage_suspected',
        '13:30-16:00 closed_unexpectedly',
      ]);
      expect(totals).toEqual({
        tech_outage_suspected: 90,
        closed_unexpectedly: 150,
        ghost_open: 120,
        monitoring_gap: 0,
        after_hours_people: 30,
        sensor_silent: 0,
        agrees: 570,
        none: 0,
      });
    });

    it('calls open time without a poll a gap where people are seen, whatever it counts as', async () => {
      await hadPeople(STORE, 1);
      const { data } = await evidence(STORE, '?from=2023-01-31T00:00:00Z&to=2023-02-01T00:00:00Z');
      expect(data.map(short)).toEqual([
        '00:00-09:00 none',
        '09:00-17:00 monitoring_gap',
        '17:00-00:00 agrees',
      ]);
    });

    it('says that a camera is silent, not that nobody is there', async () => {
      await sees(STORE, { from: '2023-01-31T10:00:00Z', to: '2023-01-31T13:00:00Z' });
      const { data } = await evidence(STORE, `?from=${TODAY}T12:00:00Z`);
      expect(data.map(short)).toEqual(['12:00-12:45 closed_unexpectedly', '12:45-16:00 sensor_silent']);
    });

    it('goes by the cameras of the mapping in force', async () => {
      await sees(STORE, { from: '11:00', to: '12:30' });
      await database.query(
        `INSERT INTO store_mapping_revisions
           (store_key, revision, effective_from_us, content, content_hash, action, takes_up_past)
         SELECT store_key, 1, $2, $3, 'none', 'replace', false FROM stores WHERE store_id = $1`,
        [
          STORE,
          msOf('14:00') * 1000,
          {
            zones: [],
            lines: [],
            cameras: [
              { key: 'door', enabled: true },
              { key: 'till', enabled: true },
              { key: 'yard', enabled: false },
            ],
            data: {},
          },
        ],
      );
      const { data } = await evidence(STORE, `?from=${TODAY}T12:00:00Z`);
      expect(data.map(short)).toEqual([
        '12:00-12:30 tech_outage_suspected',
        '12:30-14:00 closed_unexpectedly',
        '14:00-16:00 sensor_silent',
      ]);
    });

    it('has no verdict on a store without cameras', async () => {
      expect(await evidence(TWIN)).toMatchObject({ has_cameras: false, totals_minutes: null, data: [] });
    });

    it('is of the last seven days by default, and as much as is known', async () => {
      await hadPeople(STORE, 1, 2, 3);
      const { start, end, totals_minutes: totals } = await evidence(STORE, '?to=2030-01-01T00:00:00Z');
      expect([start, end]).toEqual(['2023-01-25T16:00:00.000000Z', '2023-02-01T16:00:00.000000Z']);
      const sum = Object.values<number>(totals).reduce((all, minutes) => all + minutes, 0);
      expect(sum).toBe(7 * 24 * 60);
    });

    it.each([
      ['from=2023-02-02T00:00:00Z', '/from', 'has to be before the newest poll, 2023-02-01T16:00:00'],
      ['from=2023-02-02T00:00:00Z&to=2023-02-03T00:00:00Z', '/from', 'has to be before the newest poll'],
      [
        'from=2023-01-31T00:00:00Z&to=2023-01-30T00:00:00Z',
        '/from',
        'from, 2023-01-31T00:00:00.000000Z, has to be before to, 2023-01-30T00:00:00.000000Z.',
      ],
      ['from=2023-02-03T00:00:00Z&to=2023-02-02T00:00:00Z', '/from', 'has to be before to'],
      ['from=2022-12-01T00:00:00Z', '/from', 'at most 31 days'],
      ['from=yesterday', '/from', 'from has to be an instant'],
      ['days=3', '/days', 'days'],
    ])('refuses %s', async (query, pointer, reason) => {
      const { body } = await api.http.get(`${urlOf(STORE, '/evidence')}?${query}`).expect(400);
      expect(body.errors).toEqual([
        expect.objectContaining({ pointer, detail: expect.stringContaining(reason) }),
      ]);
    });

    it('is not found where the store is not', async () => {
      await api.http.get(urlOf('nowhere', '/evidence')).expect(404);
    });
  });

  describe('in a report', () => {
    it('stands behind all other columns, and is empty for stores without cameras', async () => {
      await hadPeople(STORE, 1, 2, 3);
      await sees(STORE, { from: '12:00', to: '13:30' });
      const { id } = await made();
      expect(Object.entries(await cells(id, STORE)).slice(-7)).toEqual([
        ['tech_outage_suspected_last_week', '1.50'],
        ['closed_unexpectedly_last_week', '2.50'],
        ['ghost_open_last_week', '3.00'],
        ['monitoring_gap_last_week', '24.00'],
        ['after_hours_people_last_week', '0.00'],
        ['sensor_silent_last_week', '0.00'],
        ['evidence', 'true'],
      ]);
      expect(Object.values(await cells(id, TWIN)).slice(-7)).toEqual(['', '', '', '', '', '', 'false']);
      expect(await rowOf(id, STORE)).toMatchObject({ ghost_open_last_week: 3, evidence: true });
      expect(await rowOf(id, TWIN)).toMatchObject({ ghost_open_last_week: null, evidence: false });
      const { totals } = JSON.parse(await csv(id, '?format=json&extended=true'));
      expect(totals.last_week).toMatchObject({ tech_outage_suspected: 1.5, monitoring_gap: 24 });
      expect(await sheetOf(id)).toEqual({
        [STORE]: [
          ['n', '1.5'],
          ['n', '2.5'],
          ['n', '3'],
          ['n', '24'],
          ['n', '0'],
          ['n', '0'],
          ['b', '1'],
        ],
        [TWIN]: [...Array.from({ length: 6 }, () => ['n', '']), ['b', '0']],
      });
    });

    it('goes by the estimator of the report', async () => {
      // To the step estimator the store is up until 12:00, to the nearest one until 10:45.
      await sees(STORE, { from: '11:00', to: '11:30' });
      const suspected = async (estimator: string): Promise<string> =>
        (await cells((await made({ estimator })).id, STORE))['tech_outage_suspected_last_week']!;
      expect([await suspected('step'), await suspected('nearest')]).toEqual(['0.00', '0.50']);
    });

    it('sorts and filters its rows', async () => {
      await sees(STORE, { from: '12:00', to: '13:30' });
      const { id } = await made();
      const stores = async (query: string): Promise<string[]> => {
        const { body } = await api.http.get(`/api/v1/reports/${id}/rows?${query}`).expect(200);
        return body.data.map((row: { store_id: string }) => row.store_id);
      };
      expect(await stores('sort=-tech_outage_suspected_last_week')).toEqual([STORE, TWIN]);
      expect(await stores('min_tech_outage_suspected_last_week=1.5')).toEqual([STORE]);
      expect(await stores('min_tech_outage_suspected_last_week=1.51')).toEqual([]);
      expect(await stores('evidence=true')).toEqual([STORE]);
      expect(await stores('evidence=false')).toEqual([TWIN]);
    });

    it.each(['rolling', 'calendar'])('of %s windows covers the same week', async (windows) => {
      await sees(STORE, { from: '2023-01-25T10:00:00Z', to: '2023-01-25T17:00:00Z' });
      const { id } = await made({ windows });
      // The rolling week begins on the 25th at 16:00; that of the calendar on the 26th.
      const gap = windows === 'rolling' ? '1.00' : '0.00';
      expect(await cells(id, STORE)).toMatchObject({ monitoring_gap_last_week: gap, evidence: 'true' });
    });

    it('changes no uptime and no downtime', async () => {
      const before = await made();
      await hadPeople(STORE, 1, 2, 3, 7, 14);
      await sees(STORE, { from: '06:00', to: '09:00' }, { from: '12:00', to: '13:30' });
      const after = await made();
      expect(after.reused_from).toBeNull();
      expect(await csv(after.id)).toBe(await csv(before.id));
      const added = [
        'tech_outage',
        'closed_unexp',
        'ghost_',
        'monitoring',
        'after_hours',
        'sensor_',
        'evidence',
      ];
      const others = async (id: string) =>
        Object.entries(await cells(id, STORE)).filter(
          ([name]) => !added.some((word) => name.startsWith(word)),
        );
      expect(await others(after.id)).toEqual(await others(before.id));
    });

    it('keeps nothing for stores without cameras', async () => {
      const { id } = await made();
      expect(await evidenceIn(id)).toEqual([]);
    });

    it('goes with its rows when the last report that shows it is removed', async () => {
      await sees(STORE, { from: '12:00', to: '13:30' });
      const first = await made();
      const second = await made();
      expect(second.reused_from).toBe(first.id);
      await api.http.delete(`/api/v1/reports/${first.id}`).expect(204);
      expect(await evidenceIn(first.id)).toHaveLength(1);
      expect(await cells(second.id, STORE)).toMatchObject({ evidence: 'true' });
      await api.http.delete(`/api/v1/reports/${second.id}`).expect(204);
      expect(await evidenceIn(first.id)).toEqual([]);
    });
  });

  describe('decides whether a report is answered from an earlier one:', () => {
    it('not where its stores have other evidence by now', async () => {
      await sees(STORE, { from: '12:00', to: '13:30' });
      const first = await made();
      expect((await made()).reused_from).toBe(first.id);
      await sees(STORE, { from: '13:30', to: '14:00' });
      const { body } = await api.http.get(`/api/v1/reports/${first.id}`).expect(200);
      expect(body.superseded).toBe(true);
      const second = await made();
      expect(second.reused_from).toBeNull();
      expect(await cells(second.id, STORE)).toMatchObject({ tech_outage_suspected_last_week: '2.00' });
    });

    it('where what was seen is of days that it does not look at', async () => {
      await sees(STORE, { from: '12:00', to: '13:30' });
      const first = await made();
      await sees(STORE, { from: '2023-03-01T10:00:00Z', to: '2023-03-01T11:00:00Z' });
      expect((await made()).reused_from).toBe(first.id);
    });

    it('where none of its stores has cameras', async () => {
      const first = await made({ store_ids: [TWIN] });
      await sees(STORE, { from: '12:00', to: '13:30' });
      expect((await made({ store_ids: [TWIN] })).reused_from).toBe(first.id);
      expect((await made({ store_ids: [STORE, TWIN] })).reused_from).toBeNull();
    });
  });

  describe('of stores that are down', () => {
    it('suspects an outage where people are, and is null without cameras', async () => {
      await sees(STORE, { from: '15:45', to: '16:00' });
      expect(await shown('15:50:00')).toEqual({ [STORE]: 'tech_outage_suspected', [TWIN]: null });
      expect(await shown('16:01:00')).toEqual({ [STORE]: 'tech_outage_suspected', [TWIN]: null });
    });

    it('says that the store is closed where nobody is', async () => {
      await sees(STORE, { from: '12:00', to: '13:30' });
      expect(await shown('15:51:00')).toEqual({ [STORE]: 'closed_unexpectedly', [TWIN]: null });
    });

    it('says that a camera is silent', async () => {
      await sees(STORE, { from: '2023-01-30T12:00:00Z', to: '2023-01-30T13:30:00Z' });
      expect(await shown('15:52:00')).toEqual({ [STORE]: 'sensor_silent', [TWIN]: null });
    });

    it('says nothing while people may have left before it went down', async () => {
      await sees(STORE, { from: '11:30', to: '12:00' });
      expect(await shown('12:10:00')).toEqual({ [STORE]: null, [TWIN]: null });
      expect(await shown('12:16:00')).toEqual({ [STORE]: 'closed_unexpectedly', [TWIN]: null });
    });

    it('tells of those without a poll where people are', async () => {
      await sees(STORE, { from: '09:00', to: '09:15' });
      expect(await shown('09:16:00', 'unobserved')).toEqual({ [STORE]: 'monitoring_gap', [TWIN]: null });
    });
  });

  describe('of what cameras sent', () => {
    const digest = (): FloorDigest => api.app.get(FloorDigest, { strict: false });

    beforeEach(async () => {
      holdClock(api, `${TODAY}T17:00:00Z`);
      await api.http
        .put(urlOf(STORE, '/mapping'))
        .send({
          effective_from: `${TODAY}T00:00:00Z`,
          zones: [
            { key: 'shop', polygon: polygonOf(0.5, 1) },
            { key: 'staff', kind: 'staff_only', polygon: polygonOf(0, 0.4), open_evidence: false },
          ],
          cameras: [{ key: 'door' }],
        })
        .expect(200);
    });

    const polygonOf = (left: number, right: number): number[][] => [
      [left, 0],
      [right, 0],
      [right, 1],
      [left, 1],
    ];

    /** Somebody stands at a place for five seconds. */
    async function post(time: string, userId: string, x: number): Promise<void> {
      await api.http
        .post('/api/v1/movements')
        .send(
          ['00', '05'].map((second) => ({
            user_id: userId,
            track_id: 1,
            camera_id: 'door',
            store: STORE,
            state: 'walking',
            bbox: [x - 0.01, 0.4, x + 0.01, 0.5],
            bbox_format: 'norm',
            timestamp: `${TODAY}T${time}:${second}Z`,
          })),
        )
        .expect(202);
    }

    /** Nobody asks for figures: the background has to do it. */
    async function digested(): Promise<void> {
      const sweep = api.app.get(Sweep, { strict: false });
      while ((await digest().waiting()).length > 0) await sweep.now();
    }

    /** While nothing can be worked out for the store. */
    function undigested(work: () => Promise<void>): Promise<void> {
      return inTransaction(database, async (client) => {
        const { rows } = await client.query('SELECT store_key AS key FROM stores WHERE store_id = $1', [
          STORE,
        ]);
        expect(await lockFloor(client, rows[0].key, 5_000)).toBe(true);
        await work();
      });
    }

    const afternoon = async (): Promise<string[]> =>
      (await evidence(STORE, `?from=${TODAY}T12:00:00Z`)).data.map(short);

    const suspected = async (id: string): Promise<string> =>
      (await cells(id, STORE))['tech_outage_suspected_last_week']!;

    const isSuperseded = async (id: string): Promise<boolean> =>
      (await api.http.get(`/api/v1/reports/${id}`).expect(200)).body.superseded;

    it('tells customers from a guard in the staff room', async () => {
      await post('12:01', 'guard', 0.2);
      await post('13:01', 'ann', 0.7);
      await post('13:20', 'guard', 0.2);
      await digested();
      expect(await afternoon()).toEqual([
        '12:00-13:00 closed_unexpectedly',
        '13:00-13:15 tech_outage_suspected',
        '13:15-16:00 closed_unexpectedly',
      ]);
      expect(await shown('13:10:01')).toEqual({ [STORE]: 'tech_outage_suspected', [TWIN]: null });
      expect(await shown('13:31:01')).toEqual({ [STORE]: 'closed_unexpectedly', [TWIN]: null });
      expect(await suspected((await made()).id)).toBe('0.25');
    });

    it('makes another report once it says otherwise', async () => {
      await post('13:01', 'ann', 0.7);
      await digested();
      const first = await made();
      expect((await made()).reused_from).toBe(first.id);
      await post('14:01', 'bob', 0.7);
      await digested();
      expect(await isSuperseded(first.id)).toBe(true);
      const second = await made();
      expect(second.reused_from).toBeNull();
      expect([await suspected(first.id), await suspected(second.id)]).toEqual(['0.25', '0.50']);
    });

    it('concludes nothing from what is not worked out yet, and keeps no report for it', async () => {
      await post('13:01', 'ann', 0.7);
      await digested();
      const first = await made();
      expect(await isSuperseded(first.id)).toBe(false);
      await undigested(async () => {
        await post('14:01', 'bob', 0.7);
        expect(await afternoon()).toEqual([
          '12:00-13:00 sensor_silent',
          '13:00-13:15 tech_outage_suspected',
          '13:15-14:00 closed_unexpectedly',
          '14:00-14:15 none',
          '14:15-16:00 closed_unexpectedly',
        ]);
        expect(await shown('14:16:02')).toEqual({ [STORE]: null, [TWIN]: null });
        expect(await isSuperseded(first.id)).toBe(true);
        const pending = await made();
        expect(pending.reused_from).toBeNull();
        expect(await suspected(pending.id)).toBe('0.25');
      });
      await digested();
      expect((await afternoon())[3]).toBe('14:00-14:15 tech_outage_suspected');
      expect(await shown('14:16:03')).toEqual({ [STORE]: 'tech_outage_suspected', [TWIN]: null });
      const last = await made();
      expect([last.reused_from, await suspected(last.id)]).toEqual([null, '0.50']);
    });
  });
});
