import pg from 'pg';
import { DataSource } from 'typeorm';
import { ROW_FIELDS } from '../src/reports/reading/row-fields.js';
import type { ReportView } from '../src/reports/requests/report.view.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import {
  byId,
  compareCells,
  keepReport,
  madeUpStores,
  shown,
  type ShownRow,
  underKey,
} from './support/report-figures.js';

const STORED = madeUpStores(1, 240);
const ROWS = STORED.map(shown).sort(byId);

describe('rows of a finished report', () => {
  let api: TestApi;
  let id: string;

  beforeAll(async () => {
    api = await startTestApi();
    id = await keepReport(api.app.get(DataSource), STORED);
    // Rows that are none of it.
    await keepReport(api.app.get(DataSource), madeUpStores(2, 50));
  });

  afterAll(() => api.close());

  async function rows(query: string): Promise<{ data: ShownRow[]; total: number; offset: number }> {
    const { body } = await api.http.get(`/api/v1/reports/${id}/rows?${query}`).expect(200);
    return body;
  }

  it('come in the byte order of their ids, 50 at a time, with every figure as it is to be rounded', async () => {
    expect(await rows('')).toEqual({ data: ROWS.slice(0, 50), total: 240, offset: 0 });
  });

  it.each(ROW_FIELDS.map(({ name }) => name))(
    'sort by %s both ways, nulls last, ties by id',
    async (name) => {
      for (const sign of ['', '-']) {
        const expected = [...ROWS].sort((a, b) => compareCells(a, b, name, sign === '-') || byId(a, b));
        const { data } = await rows(`sort=${sign}${name}&limit=500`);
        expect(data.map((row) => row['store_id'])).toEqual(expected.map((row) => row['store_id']));
      }
    },
  );

  it('sort by several columns', async () => {
    const expected = [...ROWS].sort(
      (a, b) =>
        compareCells(a, b, 'zone', false) ||
        compareCells(a, b, 'outages', true) ||
        compareCells(a, b, 'store_id', true),
    );
    const { data } = await rows('sort=zone,-outages,-store_id&limit=500');
    expect(data).toEqual(expected);
  });

  it.each(['', 'sort=-outages', 'sort=assumed_zone&min_outages=1'])(
    'are all on some page, each once: %s',
    async (query) => {
      const whole = await rows(`${query}&limit=500`);
      const paged: ShownRow[] = [];
      for (let offset = 0; offset < whole.total; offset += 37) {
        const page = await rows(`${query}&limit=37&offset=${offset}`);
        expect(page).toMatchObject({ total: whole.total, offset });
        paged.push(...page.data);
      }
      expect(paged).toEqual(whole.data);
      expect(new Set(paged.map((row) => row['store_id'])).size).toBe(whole.total);
      expect(await rows(`${query}&offset=${whole.total}`)).toMatchObject({ data: [], total: whole.total });
      expect((await rows(`${query}&offset=2147483647`)).data).toEqual([]);
    },
  );

  it('are filtered by the least and the largest of every number, as it is shown', async () => {
    for (const { name } of ROW_FIELDS.filter(({ unit }) => unit !== 'text' && unit !== 'yes_no')) {
      const bound = ROWS[100]![name] ?? 0.5;
      const atLeast = await rows(`min_${name}=${bound}`);
      const atMost = await rows(`max_${name}=${bound}`);
      const value = (row: ShownRow): number => row[name] as number;
      const known = ROWS.filter((row) => row[name] !== null);
      expect([name, atLeast.total]).toEqual([
        name,
        known.filter((row) => value(row) >= Number(bound)).length,
      ]);
      expect([name, atMost.total]).toEqual([name, known.filter((row) => value(row) <= Number(bound)).length]);
    }
  });

  it.each<[string, (row: ShownRow) => boolean]>([
    ['assumed_zone=true', (row) => row['assumed_zone'] === true],
    ['assumed_hours=false', (row) => row['assumed_hours'] === false],
    ['has_outage=true', (row) => Number(row['outages']) > 0],
    ['has_outage=false', (row) => row['outages'] === 0],
    ['zone=Asia/Kolkata', (row) => row['zone'] === 'Asia/Kolkata'],
    ['zone=asia/calcutta', (row) => row['zone'] === 'Asia/Kolkata'],
    ['zone=unknown', (row) => row['zone'] === null],
    [
      'min_availability_last_week=40&max_availability_last_week=70&assumed_hours=false',
      (row) =>
        Number(row['availability_last_week'] ?? -1) >= 40 &&
        Number(row['availability_last_week']) <= 70 &&
        row['assumed_hours'] === false,
    ],
    ['max_uptime_last_day=-0.01', () => false],
    ['min_uptime_last_week=0.005&max_uptime_last_week=0.009', () => false],
  ])('pass the filter %s', async (query, passes) => {
    expect((await rows(`${query}&limit=500`)).data).toEqual(ROWS.filter(passes));
  });

  it.each([
    '%',
    '_',
    "'",
    '\\',
    's1',
    'S1',
    'é',
    'É',
    'ä',
    '100%_OFF',
    '-1',
    ' x ',
    '%%',
    '.*',
    'a"',
    '=1+1',
  ])('are searched literally for %j in the id, whatever the case of A to Z', async (search) => {
    const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    const expected = ROWS.filter((row) => fold(row['store_id'] as string).includes(fold(search.trim())));
    const { data, total } = await rows(`search=${encodeURIComponent(search)}&limit=500`);
    expect(data).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  it('stand beside those of another report', async () => {
    const dataSource = api.app.get(DataSource);
    const others = madeUpStores(3, 100);
    // As after a clearing: the same stores under other keys.
    const moved = others.map((row, place) => underKey(row, place < 50 ? place + 1 : place + 1000));
    const other = await keepReport(dataSource, moved);
    const known = new Map(others.map((row) => [row.store_id, shown(row)]));
    const { data } = await rows(`limit=500&compare_with=${other}`);
    expect(data).toEqual(
      ROWS.map((row) => Object.assign({ compared: known.get(row['store_id'] as string) ?? null }, row)),
    );
  });

  it('are told unchanged by their tag, until another question is asked', async () => {
    const address = `/api/v1/reports/${id}/rows?sort=-outages`;
    const first = await api.http.get(address).expect(200);
    const tag = first.headers['etag']!;
    await api.http.get(address).set('If-None-Match', tag).expect(304, '');
    const other = await api.http.get(`${address}&limit=51`).set('If-None-Match', tag).expect(200);
    expect(other.headers['etag']).not.toBe(tag);
  });

  it.each([
    [
      'colour=red&size=1',
      /'colour' is unknown here. Allowed here: sort, search, .*downtime_last_week.*'size' is unknown/,
    ],
    ['sort=colour', /'colour' is none. Columns: store_id, uptime_last_hour/],
    ['sort=', /'' is none/],
    ['sort=outages,-outages', /sort may name outages once/],
    ['sort=outages,zone,polls_last_day,open_last_day,open_last_week,store_id', /at most 5 columns/],
    ['limit=0', /limit has to be a whole number from 1 to 500/],
    ['limit=501', /limit has to be/],
    ['limit=10&limit=20', /limit may be given once/],
    ['limit[$gt]=1', /unknown here/],
    ['offset=-1', /offset has to be/],
    ['offset=2147483648', /offset has to be/],
    ['min_outages=1e3', /min_outages has to be a number/],
    ['max_outages=NaN', /max_outages has to be a number/],
    ['assumed_zone=yes', /assumed_zone has to be one of true, false/],
    ['zone=Mars/Olympus', /'Mars\/Olympus' is neither/],
    [`search=${'x'.repeat(201)}`, /at most 200 characters; it has 201/],
    ['toString=1', /unknown/],
    ['search=%00', /NUL/],
  ])('are refused for %s, in a sentence', async (query, sentence) => {
    const { body } = await api.http.get(`/api/v1/reports/${id}/rows?${query}`).expect(400);
    expect(body.detail).toMatch(sentence);
  });

  it.each(['rows', 'summary', 'diff/00000000-0000-7000-8000-000000000000'])(
    'tell why %s can not be read',
    async (part) => {
      const dataSource = api.app.get(DataSource);
      const at = (report: string): string => `/api/v1/reports/${report}/${part}`;
      await api.http.get(at('no-uuid')).expect(404);
      await api.http.get(at('00000000-0000-7000-8000-000000000001')).expect(404);
      for (const [status, expected] of [
        ['failed', 409],
        ['running', 409],
        ['cancelled', 409],
        ['expired', 410],
      ] as const) {
        const report = await keepReport(dataSource, [], { status });
        const { body } = await api.http.get(at(report)).expect(expected);
        expect(body.detail).toMatch(/The report/);
      }
    },
  );

  it('are gone, and not fewer, when they were removed meanwhile', async () => {
    const dataSource = api.app.get(DataSource);
    const report = await keepReport(dataSource, madeUpStores(4, 10));
    const address = `/api/v1/reports/${report}`;
    await api.http.get(`${address}/rows`).expect(200);
    await dataSource.query('DELETE FROM report_rows WHERE report_id = $1', [report]);
    await api.http.get(`${address}/rows`).expect(410);
    await api.http.get(`${address}/rows?sort=zone`).expect(410);
    await api.http.get(`${address}/summary`).expect(410);
    await api.http.get(`${address}/diff/${id}`).expect(410);
  });

  /** Removes the rows of a report between two statements of those who read them. */
  function removeRowsAfter(statement: string, report: string): void {
    const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
    const spy = jest.spyOn(pg.Client.prototype, 'query');
    spy.mockImplementation(function (this: pg.Client, ...given: unknown[]) {
      const [asked] = given as [string | { text: string }];
      const text = typeof asked === 'string' ? asked : asked.text;
      const answer = query.apply(this, given);
      if (!text.includes(statement)) return answer as never;
      spy.mockRestore();
      return (answer as Promise<unknown>).then(async (found) => {
        await api.app.get(DataSource).query('DELETE FROM report_rows WHERE report_id = $1', [report]);
        return found;
      }) as never;
    });
  }

  it('are all there, or told to be gone, when they are removed while they are read', async () => {
    const dataSource = api.app.get(DataSource);
    const others: [string, string, (report: string) => string][] = [
      ['SELECT FROM report_rows', '/rows', () => ''],
      ['SELECT FROM report_rows', '/diff/', () => id],
      ['GROUP BY zone', '/summary', () => ''],
    ];
    for (const [statement, route, rest] of others) {
      const report = await keepReport(dataSource, madeUpStores(4, 10));
      removeRowsAfter(statement, report);
      const { status, body } = await api.http.get(`/api/v1/reports/${report}${route}${rest(report)}`);
      if (route === '/summary') {
        const { bins, without } = body.distribution.last_week;
        const stores = bins.reduce((sum: number, bin: { stores: number }) => sum + bin.stores, without);
        expect([status, body.stores, stores]).toEqual([200, 10, 10]);
      } else expect(status).toBe(410);
    }
  });

  it('of the report beside them are told to be gone', async () => {
    const dataSource = api.app.get(DataSource);
    const [report, other] = [
      await keepReport(dataSource, madeUpStores(4, 10)),
      await keepReport(dataSource, madeUpStores(5, 10)),
    ];
    await dataSource.query('DELETE FROM report_rows WHERE report_id = $1', [other]);
    const { headers } = await api.http
      .get(`/api/v1/reports/${report}/rows?compare_with=${other}`)
      .expect(410);
    const known = await api.http.get(`/api/v1/reports/${report}/rows`).expect(200);
    expect(headers['etag']).not.toMatch(/^"[0-9a-f]{40}"$/);
    expect(known.headers['etag']).toMatch(/^"[0-9a-f]{40}"$/);
  });

  it('are told to be missing for stores that were asked for and have none', async () => {
    await api.putData(TWO_STORES);
    await api.http.post('/data/').expect(200);
    const strangers = Array.from({ length: 130 }, (_, place) => `stranger ${place}`);
    const asked = ['0012', ...strangers, 'stranger 0'];
    const { body: accepted } = await api.http.post('/api/v1/reports').send({ store_ids: asked }).expect(202);
    const { body: report } = await api.http.get(accepted.links.self).set('Prefer', 'wait=20').expect(200);
    expect(report).toMatchObject({ status: 'completed', stores: 1, missing_stores: 130 });
    expect(report.missing_store_ids).toEqual(strangers.slice(0, 100));
    expect(report.options.store_ids).toHaveLength(132);
    const { body: list } = await api.http.get('/api/v1/reports?limit=500').expect(200);
    expect((list.data as ReportView[]).find((one) => one.id === report.id)).toMatchObject({
      options: { store_ids: null, store_ids_count: 132 },
      missing_store_ids: null,
    });
  });

  it('agree with the CSV of a report that was computed, in every order of its columns', async () => {
    await api.putData(TWO_STORES);
    await api.http.post('/data/').expect(200);
    const { body: accepted } = await api.http.post('/api/v1/reports').send({}).expect(202);
    await api.http.get(accepted.links.self).set('Prefer', 'wait=20').expect(200);
    const csv = await api.http.get(`${accepted.links.self}/file`).buffer(true).expect(200);
    const [head, ...lines] = csv.text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    for (const name of head!) {
      const { body } = await api.http.get(`${accepted.links.self}/rows?sort=-${name}`).expect(200);
      const column = head!.indexOf(name);
      const order = [...lines].sort((a, b) =>
        name === 'store_id' ? (a[0]! < b[0]! ? 1 : -1) : Number(b[column]) - Number(a[column]),
      );
      const told = (body.data as ShownRow[]).map((row) =>
        head!.map((cell) => (cell === 'store_id' ? row[cell] : (row[cell] as number).toFixed(2))),
      );
      expect(told).toEqual(order);
    }
  });
});
