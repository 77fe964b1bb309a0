import { rm } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { FILE_NAMES } from '../src/ingestion/file-kind.js';
import type { ImportView } from '../src/ingestion/imports/import.view.js';
import type { RejectListView, RejectReasonListView } from '../src/ingestion/rejects/reject.view.js';
import { startTestApi, type TestApi } from './support/application.js';

const AT = '2023-01-22 12:00:00';
const POLLS = [
  'note;Store_ID;status;TIMESTAMP_UTC',
  `"a;b";7;active;${AT} UTC`,
  `"two`,
  `lines";8;gone;${AT} UTC`,
  `;9;active;${AT}`,
  `;10;active;2023-01-23 12:00:00.5`,
  ';11;active',
  `;12;gnoe;${AT} UTC`,
  '',
];
const ZONES = ['store_id,timezone_str', '7,America/Boise', '8,America/Chicgo', '9,America/Chicgo', ''];

describe('the rejects of an import', () => {
  let api: TestApi;
  let database: DataSource;

  /** Where the import of `both` is. */
  let self: string;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
    self = await load(both);
  });

  afterAll(async () => {
    await api.close();
  });

  async function load(files: Record<string, readonly string[]>): Promise<string> {
    await rm(api.environment.dataDir, { recursive: true, force: true });
    await api.putData(
      Object.fromEntries(Object.entries(files).map(([name, lines]) => [name, lines.join('\n')])),
    );
    const { body } = await api.http.post('/api/v1/imports').send({ source: 'directory' }).expect(202);
    const { id } = body as ImportView;
    const ended = await api.http.get(`/api/v1/imports/${id}`).set('Prefer', 'wait=20').expect(200);
    expect((ended.body as ImportView).status).toBe('completed');
    return `/api/v1/imports/${id}`;
  }

  const both = {
    [FILE_NAMES.polls]: POLLS,
    [FILE_NAMES.hours]: ['store_id,day,start_time_local,end_time_local', '7,0,09:00,17:00', ''],
    [FILE_NAMES.zones]: ZONES,
  };

  async function linesOf(query: string): Promise<string[]> {
    const { body } = await api.http.get(query).expect(200);
    return (body as RejectListView).data.map(({ file, line }) => `${file} ${line}`);
  }

  it('lists them page by page in the order of files and lines', async () => {
    const all = await linesOf(`${self}/rejects`);
    expect(all).toEqual([
      'store_status.csv 3',
      'store_status.csv 5',
      'store_status.csv 6',
      'store_status.csv 7',
      'store_status.csv 8',
      'timezone.csv 3',
      'timezone.csv 4',
    ]);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await api.http.get(`${self}/rejects?limit=2${cursor}`).expect(200);
      const { data, next_cursor } = body as RejectListView;
      seen.push(...data.map(({ file, line }) => `${file} ${line}`));
      if (next_cursor === null) break;
      cursor = `&cursor=${next_cursor}`;
    }
    expect(seen).toEqual(all);
  });

  it.each([
    ['file=timezone.csv', ['timezone.csv 3', 'timezone.csv 4']],
    ['file=2', ['timezone.csv 3', 'timezone.csv 4']],
    ['file=1', []],
    ['code=no_zone', ['store_status.csv 5', 'store_status.csv 6']],
    ['column=status', ['store_status.csv 3', 'store_status.csv 8']],
    ['column=', ['store_status.csv 7']],
    ['column=timestamp_utc', []],
    ['column=TIMESTAMP_UTC&code=no_zone&file=0', ['store_status.csv 5', 'store_status.csv 6']],
  ])('lists those that %s asks for', async (query, expected) => {
    expect(await linesOf(`${self}/rejects?${query}`)).toEqual(expected);
  });

  it('groups them by file, reason and column, and says what would mend a whole group', async () => {
    const { body } = await api.http.get(`${self}/rejects/reasons`).expect(200);
    expect((body as RejectReasonListView).data).toMatchObject([
      {
        file: 'store_status.csv',
        position: 0,
        column: 'status',
        code: 'bad_status',
        count: 2,
        first_line: 3,
        last_line: 8,
        suggested: 0,
        example: {
          raw: `"two\nlines";8;gone;${AT} UTC`,
          detail: expect.stringContaining("'gone'") as string,
        },
        suggestion: null,
      },
      {
        column: 'TIMESTAMP_UTC',
        code: 'no_zone',
        count: 2,
        first_line: 5,
        last_line: 6,
        suggested: 2,
        suggestion: `${AT} UTC`,
      },
      { column: null, code: 'too_few_cells', count: 1, suggestion: null },
      { file: 'timezone.csv', position: 2, code: 'unknown_zone', count: 2, suggestion: 'America/Chicago' },
    ]);
    const one = await api.http.get(`${self}/rejects/reasons?file=timezone.csv`).expect(200);
    expect((one.body as RejectReasonListView).data).toHaveLength(1);
  });

  it("gives them back as they stood, below the file's own header", async () => {
    const { text, headers } = await api.http.get(`${self}/rejects.csv?file=0`).expect(200);
    expect(text).toBe([POLLS[0], ...POLLS.slice(2)].join('\n'));
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toBe(
      `attachment; filename="rejects-${self.split('/').at(-1)}-0.csv"`,
    );
    expect(headers['x-truncated-rows']).toBe('0');
    const head = await api.http.head(`${self}/rejects.csv?file=timezone.csv`).expect(200);
    expect(head.text).toBeUndefined();
  });

  it('puts line, reason and suggestion in front, in the form of the file', async () => {
    const { text } = await api.http.get(`${self}/rejects.csv?file=0&reasons=true`).expect(200);
    const lines = text.split('\n');
    expect(lines[0]).toBe(`line;reject_code;reject_column;reject_detail;suggestion;${POLLS[0]}`);
    expect(lines[3]).toMatch(
      /^5;no_zone;TIMESTAMP_UTC;'2023-01-22 12:00:00' names no zone\. .*;2023-01-22 12:00:00 UTC;;9;active;2023-01-22 12:00:00$/,
    );
    expect(lines[5]).toBe('7;too_few_cells;;The row has 3 of 4 cells.;;;11;active');
  });

  it.each(['', '&reasons=true'])('gives a file%s that can be mended and loaded', async (reasons) => {
    const { text } = await api.http.get(`${self}/rejects.csv?file=store_status.csv${reasons}`).expect(200);
    const mended = text
      .replace(/(gone|gnoe);/g, 'inactive;')
      .replace(/(:\d\d(?:\.5)?)$/gm, '$1 UTC')
      .replace(/;11;active$/m, `;11;active;${AT} UTC`);
    const again = await load({ [FILE_NAMES.polls]: [mended] });
    const { body } = await api.http.get(again).expect(200);
    expect((body as ImportView).files[0]).toMatchObject({ status: 'completed', read: 5, rejected: 0 });
  });

  it('asks which file is meant where several have rejects, and takes the only one otherwise', async () => {
    const { body } = await api.http.get(`${self}/rejects.csv`).expect(400);
    expect(body).toMatchObject({
      detail: expect.stringContaining("0 ('store_status.csv'), 2 ('timezone.csv')") as string,
    });
    const only = await load({
      [FILE_NAMES.hours]: ['store_id,day,start_time_local,end_time_local', '7,1,09:00,17:00', ''],
      [FILE_NAMES.zones]: ['store_id,timezone_str', '7,America/Denver', '8,America/Chicgo', ''],
    });
    const { text } = await api.http.get(`${only}/rejects.csv`).expect(200);
    expect(text).toBe('store_id,timezone_str\n8,America/Chicgo\n');
  });

  it('gives the header alone where nothing was rejected', async () => {
    const clean = await load({ [FILE_NAMES.zones]: ['Store_ID;timezone_str', '7;Asia/Kolkata', ''] });
    expect((await api.http.get(`${clean}/rejects.csv`).expect(200)).text).toBe('Store_ID;timezone_str\n');
    expect((await api.http.get(`${clean}/rejects/reasons`).expect(200)).body).toEqual({ data: [] });
    await database.query('UPDATE import_files SET header = NULL, delimiter = NULL WHERE import_id = $1', [
      clean.split('/').at(-1),
    ]);
    expect((await api.http.get(`${clean}/rejects.csv`).expect(200)).text).toBe('store_id,timezone_str\n');
  });

  it('says how many rows are not there in full', async () => {
    const long = (id: string, length: number): string => `${id},${'x'.repeat(length - id.length - 1)}`;
    const rows = [long('1', 4096), long('2', 4097), long('3', 70_000), `4,${'é'.repeat(2048)}`];
    const cut = await load({ [FILE_NAMES.zones]: [ZONES[0]!, '7,America/Boise', ...rows, ''] });
    const { text, headers } = await api.http.get(`${cut}/rejects.csv`).expect(200);
    expect(headers['x-truncated-rows']).toBe('3');
    expect(text.split('\n').map((line) => Buffer.byteLength(line))).toEqual([21, 4096, 4096, 4096, 4096, 0]);
  });

  it('sends a large file of them in order, and whole', async () => {
    const rows = Array.from({ length: 3500 }, (_, index) => `${index},Nowhere/${index}`);
    const large = await load({ [FILE_NAMES.zones]: [ZONES[0]!, '7,Asia/Beirut', ''] });
    await database.query(
      `INSERT INTO import_rejects (import_id, position, line, code, detail, raw)
       SELECT $1, 0, line, 'unknown_zone', 'x', raw FROM unnest($2::text[]) WITH ORDINALITY AS given (raw, line)`,
      [large.split('/').at(-1), rows],
    );
    const { text } = await api.http.get(`${large}/rejects.csv`).expect(200);
    expect(text).toBe([ZONES[0], ...rows, ''].join('\n'));
  });

  it.each([
    ['rejects?what=1', 400],
    ['rejects?cursor=x.1', 400],
    ['rejects?cursor=bm9uZQ', 400],
    ['rejects?code=odd', 400],
    ['rejects?file=3', 404],
    ['rejects?limit=501', 400],
    ['rejects/reasons?limit=1', 400],
    ['rejects/reasons?file=none.csv', 404],
    ['rejects.csv?reasons=yes', 400],
    ['rejects.csv?limit=1', 400],
    ['rejects.csv?file=-1', 404],
  ])('answers %s with %i', async (query, status) => {
    await api.http.get(`${self}/${query}`).expect(status);
  });

  it.each(['rejects', 'rejects/reasons', 'rejects.csv'])('answers 404 to %s of no import', async (route) => {
    for (const id of ['none', '0199a0c0-0000-7000-8000-000000000000']) {
      const { body } = await api.http.get(`/api/v1/imports/${id}/${route}`).expect(404);
      expect(body).toMatchObject({ detail: expect.stringContaining('There is no import') as string });
    }
  });
});
