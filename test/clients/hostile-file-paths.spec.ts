import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from '../support/application.js';

const ID = '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000';
const NAME = `reports/store_report_${ID}.csv`;

/** As they stand in the address, after `file_path=`. */
const CLIMBING = [
  '../',
  '..%2f',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '..%5c',
  '..%255c',
  '....//',
  '..;/',
  '..%c0%af',
].flatMap((up) => [`${up.repeat(8)}etc/passwd`, `reports/${up.repeat(8)}etc/passwd`]);
const ELSEWHERE = [
  '/etc/passwd',
  '//etc/passwd',
  '%2fetc%2fpasswd',
  'C:%5cWindows%5cwin.ini',
  '%5c%5cserver%5cshare%5cx.csv',
  '//server/share/x.csv',
  'file:///etc/passwd',
  'http://127.0.0.1/x.csv',
  '~/.ssh/id_rsa',
  '/proc/self/environ',
  '/dev/stdin',
  'package.json',
  '.env',
];
const NEARLY = [
  '',
  '.',
  'reports',
  'reports/',
  `/${NAME}`,
  `./${NAME}`,
  `${NAME}%00`,
  `${NAME}%00.txt`,
  `${NAME}/`,
  `${NAME}%0a`,
  `%20${NAME}`,
  `${NAME}%20`,
  `reports//store_report_${ID}.csv`,
  `reports%5cstore_report_${ID}.csv`,
  `reports/./store_report_${ID}.csv`,
  `REPORTS/store_report_${ID}.csv`,
  `reports/store_report_${ID.toUpperCase()}.csv`,
  `reports/store_report_%7b${ID}%7d.csv`,
  `reports/store_report_${ID}.json`,
  `reports/store_report_${ID}.csv.gz`,
  `reports/store_report_../${ID}.csv`,
  'reports/store_report_../../package.json.csv',
  'reports/store_report_latest.csv',
  'reports/store_report_*.csv',
  `reports%e2%88%95store_report_${ID}.csv`,
  `reports%ef%bc%8fstore_report_${ID}.csv`,
  `reports/store_report_${ID.replace('a', '%d0%b0')}.csv`,
  'reports%2fstore_report_%ff%fe.csv',
  'x'.repeat(5_000),
  `reports/${'../'.repeat(1_000)}etc/passwd`,
  NAME,
];
const QUERIES = [
  ...[...CLIMBING, ...ELSEWHERE, ...NEARLY].map((path) => `file_path=${path}`),
  '',
  `file_path[]=${NAME}`,
  `file_path[0]=${NAME}`,
  `file_path[a]=${NAME}`,
  `file_path=${NAME}&file_path=${NAME}`,
  `FILE_PATH=${NAME}`,
];

describe('the file_path of client B', () => {
  let api: TestApi;
  let id: string;

  beforeAll(async () => {
    api = await startTestApi();
    await api.putData(TWO_STORES);
    await api.http.post('/data/').expect(200);
    const { body } = await api.http.post('/trigger_report').expect(200);
    id = body.report_id as string;
    await api.http.get(`/api/v1/reports/${id}`).set('Prefer', 'wait=20').expect(200);
  });

  afterAll(() => api.close());

  it('is tried with more than sixty hostile values', () => {
    expect(new Set(QUERIES).size).toBeGreaterThanOrEqual(60);
  });

  // Once as it stands, once naming a report that exists: only its very own path gives it away.
  it.each(QUERIES)('gives nothing away for ?%s', async (query) => {
    const { status, body, text, headers } = await api.http.get(`/download_report?${query}`);
    expect([400, 404]).toContain(status);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(Object.keys(body).toSorted()).toEqual(
      expect.arrayContaining(['detail', 'error', 'instance', 'request_id', 'status', 'title', 'type']),
    );
    for (const secret of ['root:', 'store_id,uptime', '"dependencies"']) expect(text).not.toContain(secret);
  });

  it.each([
    (own: string) => `file_path=reports/store_report_${own.toUpperCase()}.csv`,
    (own: string) => `file_path=reports/store_report_%7b${own}%7d.csv`,
    (own: string) => `file_path=/reports/store_report_${own}.csv`,
    (own: string) => `file_path=reports/store_report_${own}.csv%00`,
    (own: string) => `file_path[]=reports/store_report_${own}.csv`,
    (own: string) => `file_path=reports/${own}.csv`,
  ])('is no other spelling of the path that was given (%#)', async (query) => {
    const { status, text } = await api.http.get(`/download_report?${query(id)}`);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('store_id,uptime');
  });

  it('is the path that was given', async () => {
    const { body } = await api.http.get(`/get_report/${id}`).expect(200);
    const file = await api.http
      .get('/download_report')
      .query({ file_path: body.filepath })
      .buffer(true)
      .expect(200);
    expect(file.text).toBe(TWO_STORES_REPORT);
  });
});
