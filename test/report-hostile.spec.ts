import { DataSource } from 'typeorm';
import { BOUNDS } from '../src/reports/reading/rows-query.js';
import { startTestApi, type TestApi } from './support/application.js';
import { keepReport, madeUpStores } from './support/report-figures.js';

/** Long enough that one of them that worked would show. */
const SLEEP_S = 60;
const LONGEST_MS = 15_000;
const AT_ONCE = 8;

/** What people and programs send who look for a way into a statement. */
const PAYLOADS = [
  `1' OR '1'='1`,
  `1" OR "1"="1`,
  `') OR ('1'='1`,
  `1 OR 1=1`,
  `1; SELECT pg_sleep(${SLEEP_S})`,
  `1); SELECT pg_sleep(${SLEEP_S}); --`,
  `'; SELECT pg_sleep(${SLEEP_S}); --`,
  `'||pg_sleep(${SLEEP_S})||'`,
  `(SELECT pg_sleep(${SLEEP_S}))`,
  `(select pg_sleep(${SLEEP_S}))::text`,
  `1 AND (SELECT 1 FROM pg_sleep(${SLEEP_S}))=1`,
  `CASE WHEN 1=1 THEN pg_sleep(${SLEEP_S}) END`,
  `store_id; DROP TABLE report_rows; --`,
  `'; DROP TABLE reports CASCADE; --`,
  `1; TRUNCATE report_rows`,
  `1 UNION SELECT usename, passwd FROM pg_shadow`,
  `' UNION ALL SELECT NULL, version(), NULL --`,
  `1; COPY (SELECT 1) TO PROGRAM 'id'`,
  `lo_import('/etc/passwd')`,
  `pg_read_file('/etc/passwd')`,
  `current_setting('is_superuser')`,
  `$1`,
  `$2::text`,
  `$$;SELECT pg_sleep(${SLEEP_S})$$`,
  `E'\\'; SELECT 1'`,
  `U&'\\0027'`,
  `store_id/**/DESC`,
  `store_id--`,
  `store_id DESC NULLS FIRST`,
  `"store_id"`,
  `report_rows.store_id`,
  `--store_id`,
  `- store_id`,
  `store_id,`,
  `,`,
  `__proto__`,
  `constructor`,
  `hasOwnProperty`,
  `{"$gt":""}`,
  `[object Object]`,
  `../../../../etc/passwd`,
  `%2e%2e%2f`,
  `<script>alert(1)</script>`,
  `\${7*7}`,
  `{{7*7}}`,
  `\r\nSet-Cookie: a=b`,
  `\u0001\u001f`,
  `\u2028\u202e`,
  `\uFF07 OR 1=1`,
  `${'('.repeat(90)}${')'.repeat(90)}`,
  `${'a'.repeat(5_000)}!`,
  `${'0'.repeat(5_000)}1`,
  `${'-'.repeat(3_000)}`,
  `1e308`,
  `Infinity`,
  `-0`,
  `0x7fffffff`,
  `9223372036854775808`,
  `99999999999999999999999999`,
  `1_000`,
  `١٢٣`,
  ` `,
  ``,
];
const PREFIXES = ['', 'store_id ', '-store_id,', '1 '];
const CORPUS = PREFIXES.flatMap((prefix) => PAYLOADS.map((payload) => prefix + payload)).slice(0, 220);

describe('what hostile clients send', () => {
  let api: TestApi;
  let id: string;
  let other: string;

  beforeAll(async () => {
    api = await startTestApi();
    id = await keepReport(api.app.get(DataSource), madeUpStores(1, 30));
    other = await keepReport(api.app.get(DataSource), madeUpStores(2, 30));
  });

  afterAll(() => api.close());

  /** Sends the whole corpus, and gives back the answers by their status. */
  async function sendAll(addressOf: (text: string) => string): Promise<Map<number, string[]>> {
    const statuses = new Map<number, string[]>();
    const left = [...CORPUS];
    const send = async (): Promise<void> => {
      for (let text = left.pop(); text !== undefined; text = left.pop()) {
        const begun = performance.now();
        const { status } = await api.http.get(addressOf(encodeURIComponent(text)));
        expect(performance.now() - begun).toBeLessThan(LONGEST_MS);
        statuses.set(status, [...(statuses.get(status) ?? []), text]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    expect((await api.http.get(`/api/v1/reports/${id}/rows`).expect(200)).body.total).toBe(30);
    return statuses;
  }

  const rows = (query: string): string => `/api/v1/reports/${id}/rows?${query}`;
  const diff = (query: string): string => `/api/v1/reports/${id}/diff/${other}?${query}`;

  it.each<[string, (text: string) => string]>([
    ['sort', (text) => rows(`sort=${text}`)],
    ['zone', (text) => rows(`zone=${text}`)],
    ['offset', (text) => rows(`offset=${text}`)],
    ['limit', (text) => rows(`limit=${text}`)],
    ['has_outage', (text) => rows(`has_outage=${text}`)],
    ['assumed_zone', (text) => rows(`assumed_zone=${text}`)],
    ['assumed_hours', (text) => rows(`assumed_hours=${text}`)],
    [
      'every bound at once',
      (text) => rows(BOUNDS.map(({ name }) => `${name}=${text.slice(0, 100)}`).join('&')),
    ],
    ["a parameter's name", (text) => rows(`${text || 'x'}=1`)],
    ["a bound's name", (text) => rows(`min_${text}=1`)],
    ['window', (text) => diff(`window=${text}`)],
    ['only', (text) => diff(`only=${text}`)],
    ["the diff's offset", (text) => diff(`offset=${text}`)],
    ["the diff's limit", (text) => diff(`limit=${text}`)],
    ["the summary's query", (text) => `/api/v1/reports/${id}/summary?${text || 'x'}=1`],
  ])('is refused in %s, and runs nothing', async (name, addressOf) => {
    const statuses = await sendAll(addressOf);
    // `-0` is a number like others.
    if (name === 'every bound at once') statuses.delete(200);
    expect([...statuses.keys()]).toEqual([400]);
  });

  it('finds nothing as a search that no id holds, and runs nothing', async () => {
    const statuses = await sendAll((text) => rows(`search=${text}`));
    expect([...statuses.keys()].sort()).toEqual([200, 400]);
    for (const text of statuses.get(400)!) expect(text.length).toBeGreaterThan(200);
  });

  it.each<[string, (text: string) => string]>([
    ['the report', (text) => `/api/v1/reports/${text || 'x'}/rows`],
    ['the other report', (text) => `/api/v1/reports/${id}/diff/${text || 'x'}`],
    ['compare_with', (text) => rows(`compare_with=${text}`)],
  ])('names no report as %s', async (_, addressOf) => {
    const statuses = await sendAll(addressOf);
    for (const status of statuses.keys()) expect([400, 404]).toContain(status);
  });
});
