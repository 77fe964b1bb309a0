import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { FILE_NAMES, type FileKind } from '../src/ingestion/file-kind.js';
import { FileLoader } from '../src/ingestion/loads/file.loader.js';
import { ImportRunner } from '../src/ingestion/imports/import.runner.js';
import type { ImportFileView, ImportView } from '../src/ingestion/imports/import.view.js';
import { ImportsService } from '../src/ingestion/imports/imports.service.js';
import { PollWriter } from '../src/stores/polls/poll.writer.js';
import { startTestApi, type TestApi } from './support/application.js';

const POLLS = 'store_id,status,timestamp_utc';
const HOURS = 'store_id,day,start_time_local,end_time_local';
const ZONES = 'store_id,timezone_str';

type Content = readonly string[] | Buffer;

describe('loading files', () => {
  let api: TestApi;
  let imports: ImportsService;
  let database: DataSource;
  let folder: string;

  beforeAll(async () => {
    api = await startTestApi();
    imports = api.app.get(ImportsService, { strict: false });
    database = api.app.get(DataSource);
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-test-'));
  });

  afterAll(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    await database.query(
      'TRUNCATE stores, business_hours, store_day_polls, imports, import_files, import_rejects CASCADE',
    );
  });

  afterEach(() => {
    jest.restoreAllMocks();
    api.app.get(FileLoader, { strict: false }).pollCapacity = 1 << 21;
  });

  let folders = 0;
  async function put(files: Partial<Record<FileKind, Content>>): Promise<string> {
    const directory = path.join(folder, String(folders++));
    await mkdir(directory);
    for (const [kind, content] of Object.entries(files) as [FileKind, Content][]) {
      const bytes = Buffer.isBuffer(content) ? content : `${content.join('\n')}\n`;
      await writeFile(path.join(directory, FILE_NAMES[kind]), bytes);
    }
    return directory;
  }

  async function load(files: Partial<Record<FileKind, Content>>): Promise<ImportView> {
    return ended(await imports.requestDirectory(await put(files)));
  }

  async function ended(accepted: ImportView): Promise<ImportView> {
    const view = await imports.findEnded(accepted.id, 25);
    for (const file of view.files.filter(({ status }) => status === 'completed')) {
      const { inserted, replaced, unchanged, superseded, rejected } = file;
      expect(inserted + replaced + unchanged + superseded + rejected).toBe(file.read);
      expect(file.bytes_read).toBe(file.bytes);
    }
    return view;
  }

  const countsOf = (file: ImportFileView | undefined): number[] => [
    file!.inserted,
    file!.replaced,
    file!.unchanged,
    file!.superseded,
    file!.rejected,
  ];

  /** Everything that is known, in one comparable value. */
  async function facts(): Promise<{ polls: string[]; hours: string[]; stores: string[] }> {
    const texts = async (sql: string): Promise<string[]> =>
      ((await database.query(sql)) as { text: string }[]).map((row) => row.text);
    return {
      polls: await texts(
        `SELECT concat_ws(' ', store_id, status, timestamp_utc AT TIME ZONE 'UTC') AS text FROM store_status
          ORDER BY store_id COLLATE "C", timestamp_utc`,
      ),
      hours: await texts(
        `SELECT concat_ws(' ', store_id, day, start_time_local, end_time_local) AS text FROM menu_hours
          ORDER BY store_id COLLATE "C", day, start_time_local, end_time_local`,
      ),
      stores: await texts(
        `SELECT concat_ws(' ', store_id, coalesce(zone, '-'), coalesce(first_poll_us::text, '-'),
                          CASE WHEN hours_rejected THEN 'hours rejected' END) AS text
           FROM stores ORDER BY store_id`,
      ),
    };
  }

  describe('that are bad', () => {
    it('says which files a folder should hold when it holds none of them', async () => {
      await expect(imports.requestDirectory(await put({}))).rejects.toMatchObject({
        code: 'nothing_to_import',
        detail: expect.stringContaining('store_status.csv, menu_hours.csv, timezone.csv') as string,
      });
      expect((await imports.list(50, undefined)).data).toEqual([]);
    });

    it('sets a cell of a million characters aside and keeps 4 KB of it', async () => {
      const view = await load({
        polls: [
          POLLS,
          '7,active,2023-01-22 12:00:00 UTC',
          `8,${'é'.repeat(1e6)},x`,
          '9,active,2023-01-22 12:00:00 UTC',
        ],
      });
      expect(countsOf(view.files[0])).toEqual([2, 0, 0, 0, 1]);
      const [reject] = (await imports.rejects(view.id, 50, undefined)).data;
      expect(reject).toMatchObject({ line: 3, code: 'row_too_long' });
      expect(Buffer.byteLength(reject!.raw)).toBeLessThanOrEqual(4096);
      expect(reject!.raw.startsWith('8,éé')).toBe(true);
    });

    it('refuses a table full of rejects whole, and keeps each of them, page by page', async () => {
      const rows = Array.from({ length: 5000 }, (_, index) => `${index},up,2023-01-22 12:00:00 UTC`);
      const view = await load({ polls: [POLLS, ...rows], zones: [ZONES, '7,America/Boise'] });
      expect(view.status).toBe('rejected');
      expect(view.error).toBe('store_status.csv was refused whole; what the other files hold is loaded.');
      expect(view.files[0]).toMatchObject({
        status: 'rejected',
        error_code: 'too_many_rejects',
        read: 5000,
        rejected: 5000,
      });
      expect(view.files[1]).toMatchObject({ status: 'completed', inserted: 1 });
      expect((await facts()).stores).toEqual(['7 America/Boise -']);
      const lines: number[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await imports.rejects(view.id, 500, cursor === '' ? undefined : cursor);
        lines.push(...page.data.map((reject) => reject.line));
        cursor = page.next_cursor;
      }
      expect(lines).toEqual(Array.from({ length: 5000 }, (_, index) => index + 2));
    });

    it.each([
      [98, 2000, 'completed'],
      [100, 2000, 'completed'],
      [101, 2000, 'rejected'],
      [99, 1000, 'completed'],
      [3, 3, 'rejected'],
    ])('takes %i bad rows of %i: %s', async (bad, all, status) => {
      const row = (index: number): string =>
        `7,${index < bad ? 'up' : 'active'},${new Date(1.67e12 + index * 1000).toISOString()}`;
      const view = await load({ polls: [POLLS, ...Array.from({ length: all }, (_, index) => row(index))] });
      expect(view.files[0]).toMatchObject({ status, read: all, rejected: bad });
      expect((await facts()).polls).toHaveLength(status === 'completed' ? all - bad : 0);
    });

    it('refuses a store-day with more polls than seconds, also when only together with what is known', async () => {
      const rows = (offset: number, count: number): string[] =>
        Array.from(
          { length: count },
          (_, index) =>
            `7,active,${new Date(1.6745e12 - (1.6745e12 % 86_400_000) + offset + index * 2).toISOString()}`,
        );
      const first = await load({ polls: [POLLS, ...rows(0, 50_000)] });
      expect(first.status).toBe('completed');
      const second = await load({ polls: [POLLS, ...rows(1, 50_000)] });
      expect(second.files[0]).toMatchObject({ status: 'rejected', error_code: 'store_day_too_full' });
      const third = await load({ polls: [POLLS, ...rows(1, 90_000)] });
      expect(third.files[0]!.error).toContain("The store '7' has more than 86,400 polls on 2023-01-2");
    });

    it('refuses a folder under the name of a file', async () => {
      const directory = await put({});
      await mkdir(path.join(directory, FILE_NAMES.polls));
      const view = await ended(await imports.requestDirectory(directory));
      expect(view.files[0]).toMatchObject({ status: 'rejected', error_code: 'file_unreadable' });
    });

    it('refuses a pipe under the name of a file, and does not wait for what may come out of it', async () => {
      const directory = await put({});
      execFileSync('mkfifo', [path.join(directory, FILE_NAMES.polls)]);
      const view = await ended(await imports.requestDirectory(directory));
      expect(view.files[0]).toMatchObject({ status: 'rejected', error_code: 'file_unreadable' });
      expect(view.error).toBe('store_status.csv was refused whole.');
    });
  });

  describe('of polls', () => {
    const at = (second: number): string => `2023-01-22 12:00:${String(second).padStart(2, '0')} UTC`;

    it('keeps microseconds, ids as they are, and the oldest poll of each store', async () => {
      const view = await load({
        polls: [
          POLLS,
          '8419537941919820732,active,2023-01-22 12:09:39.388884 UTC',
          '0012,Inactive,2023-01-22T12:09:39.5+05:30',
        ],
      });
      expect(view.files[0]!.range).toEqual(['2023-01-22T06:39:39.500000Z', '2023-01-22T12:09:39.388884Z']);
      const { polls, stores } = await facts();
      expect(polls).toEqual([
        '0012 inactive 2023-01-22 06:39:39.5',
        '8419537941919820732 active 2023-01-22 12:09:39.388884',
      ]);
      expect(stores).toEqual(['0012 - 1674369579500000', '8419537941919820732 - 1674389379388884']);
    });

    it.each([1 << 21, 3, 1])('lets the later line win with room for %i polls in memory', async (capacity) => {
      api.app.get(FileLoader, { strict: false }).pollCapacity = capacity;
      const view = await load({
        polls: [
          POLLS,
          `7,active,${at(1)}`,
          `8,active,${at(1)}`,
          `7,inactive,${at(2)}`,
          `7,inactive,${at(1)}`,
          `8,active,${at(1)}`,
          `7,active,${at(2)}`,
          `7,inactive,${at(2)}`,
        ],
      });
      expect(countsOf(view.files[0])).toEqual([3, 0, 0, 4, 0]);
      expect((await facts()).polls).toEqual([
        '7 inactive 2023-01-22 12:00:01',
        '7 inactive 2023-01-22 12:00:02',
        '8 active 2023-01-22 12:00:01',
      ]);
    });

    it('adds to what is known, replaces another status, and counts each', async () => {
      await load({ polls: [POLLS, `7,active,${at(1)}`, `7,active,${at(2)}`, `8,active,${at(1)}`] });
      const view = await load({
        polls: [
          POLLS,
          `7,active,${at(1)}`,
          `7,inactive,${at(2)}`,
          `7,active,${at(3)}`,
          `9,active,${at(1)}`,
          '7,active,2023-01-15 00:00:00 UTC',
        ],
      });
      expect(countsOf(view.files[0])).toEqual([3, 1, 1, 0, 0]);
      const { polls, stores } = await facts();
      expect(polls).toEqual([
        '7 active 2023-01-15 00:00:00',
        '7 active 2023-01-22 12:00:01',
        '7 inactive 2023-01-22 12:00:02',
        '7 active 2023-01-22 12:00:03',
        '8 active 2023-01-22 12:00:01',
        '9 active 2023-01-22 12:00:01',
      ]);
      expect(stores[0]).toBe(`7 - ${Date.parse('2023-01-15T00:00:00Z')}000`);
    });

    it('knows no store of which every row was rejected', async () => {
      await load({ polls: [POLLS, `7,active,${at(1)}`, `8,up,${at(1)}`] });
      expect((await facts()).stores).toHaveLength(1);
    });

    it('makes a partition for each week that has polls, once', async () => {
      const rows = ['2023-01-22 23:59:59 UTC', '2023-01-23 00:00:00 UTC', '2000-01-01 00:00:00 UTC'];
      await load({ polls: [POLLS, ...rows.map((time) => `7,active,${time}`)] });
      await load({ polls: [POLLS, ...rows.map((time) => `8,active,${time}`)] });
      const partitions = await database.query(
        `SELECT tableoid::regclass::text AS name, count(*)::int AS days FROM store_day_polls GROUP BY 1 ORDER BY 1`,
      );
      expect(partitions).toEqual([
        { name: 'store_day_polls_1999w52', days: 2 },
        { name: 'store_day_polls_2023w03', days: 2 },
        { name: 'store_day_polls_2023w04', days: 2 },
      ]);
    });
  });

  describe('of hours and zones', () => {
    it('replaces all hours of the stores named and keeps those of others', async () => {
      await load({ hours: [HOURS, '7,0,09:00,17:00', '7,1,09:00,17:00', '8,0,09:00,17:00'] });
      const view = await load({
        hours: [HOURS, '7,0,09:00:00,17:00:00', '7,2,22:00,02:00', '7,2,22:00,02:00', '9,6,00:00,24:00'],
      });
      expect(countsOf(view.files[0])).toEqual([1, 1, 1, 1, 0]);
      expect((await facts()).hours).toEqual([
        '7 0 09:00:00 17:00:00',
        '7 2 22:00:00 02:00:00',
        '8 0 09:00:00 17:00:00',
        '9 6 00:00:00 24:00:00',
      ]);
    });

    it('keeps the hours of a store all of whose rows are bad, and flags it while it has none', async () => {
      await load({ hours: [HOURS, '7,0,09:00,17:00'] });
      await load({
        hours: [HOURS, '7,9,09:00,17:00', '8,0,nine,17:00', '9,0,09:00,17:00', '9,8,09:00,17:00'],
      });
      expect(await facts()).toMatchObject({
        hours: ['7 0 09:00:00 17:00:00', '9 0 09:00:00 17:00:00'],
        stores: ['7 - -', '8 - - hours rejected', '9 - -'],
      });
      await load({ hours: [HOURS, '8,0,09:00,17:00'] });
      expect((await facts()).stores).toEqual(['7 - -', '8 - -', '9 - -']);
    });

    it('gives a store the last zone that the file names for it', async () => {
      await load({ zones: [ZONES, '7,America/Boise', '8,Asia/Beirut'] });
      const view = await load({
        zones: [ZONES, '7,Asia/Kolkata', '8,Asia/Beirut', '7,America/New_York', '9,Asia/Beirut'],
      });
      expect(countsOf(view.files[0])).toEqual([1, 1, 1, 1, 0]);
      expect((await facts()).stores).toEqual(['7 America/New_York -', '8 Asia/Beirut -', '9 Asia/Beirut -']);
    });
  });

  describe('again, together, or after a fault', () => {
    const files = {
      polls: [
        POLLS,
        ...Array.from(
          { length: 200 },
          (_, index) =>
            `${index % 7},${index % 3 ? 'active' : 'inactive'},${new Date(1.6743e12 + index * 3_600_000).toISOString()}`,
        ),
      ],
      hours: [HOURS, ...[0, 1, 2, 3].map((day) => `1,${day},09:00,17:00`)],
      zones: [ZONES, '1,America/Boise', '2,Asia/Kolkata'],
    };

    it('changes nothing by the same folder a second time', async () => {
      await load(files);
      const before = await facts();
      const again = await load(files);
      expect(again.files.map((file) => [file.unchanged, file.read])).toEqual([
        [200, 200],
        [4, 4],
        [2, 2],
      ]);
      expect(await facts()).toEqual(before);
    });

    it('loads several imports at once in the order in which they were accepted', async () => {
      const accepted: ImportView[] = [];
      for (let turn = 0; turn < 6; turn++) {
        const status = turn % 2 === 0 ? 'active' : 'inactive';
        accepted.push(
          await imports.requestDirectory(
            await put({ polls: [POLLS, `7,${status},2023-01-22 12:00:00 UTC`] }),
          ),
        );
      }
      const runner = api.app.get(ImportRunner, { strict: false });
      await Promise.all(accepted.toReversed().map(({ id }) => runner.run(id)));
      for (const view of accepted) expect((await ended(view)).status).toBe('completed');
      expect((await facts()).polls).toEqual(['7 inactive 2023-01-22 12:00:00']);
    });

    it('leaves nothing of a file whose merge breaks off, and ends the same when it runs again', async () => {
      await load(files);
      const whole = await facts();
      await database.query('TRUNCATE stores, business_hours, store_day_polls CASCADE');
      const writer = api.app.get(PollWriter, { strict: false });
      const merge = writer.merge.bind(writer);
      let seen: Awaited<ReturnType<typeof facts>> | null = null;
      const spy = jest.spyOn(writer, 'merge').mockImplementationOnce(async (...given) => {
        await merge(...given);
        throw new Error('the connection broke');
      });
      spy.mockImplementationOnce(async (...given) => {
        seen = await facts();
        return merge(...given);
      });
      const view = await load(files);
      expect(spy).toHaveBeenCalledTimes(2);
      expect(seen!.polls).toEqual([]);
      expect(seen!.hours).toEqual(whole.hours);
      expect(view.status).toBe('completed');
      expect(view.files.map((file) => [file.inserted, file.read])).toEqual([
        [200, 200],
        [4, 4],
        [2, 2],
      ]);
      expect(await facts()).toEqual(whole);
    });

    it('keeps each reject once when a file is read again', async () => {
      const writer = api.app.get(PollWriter, { strict: false });
      jest.spyOn(writer, 'merge').mockRejectedValueOnce(new Error('the connection broke'));
      const view = await load({ polls: [POLLS, 'x,up,then', '7,active,2023-01-22 12:00:00 UTC'] });
      expect(view.files[0]).toMatchObject({ status: 'completed', read: 2, inserted: 1, rejected: 1 });
      expect((await imports.rejects(view.id, 50, undefined)).data).toHaveLength(1);
    });

    it('writes nothing once another process has taken the import over', async () => {
      const writer = api.app.get(PollWriter, { strict: false });
      const merge = writer.merge.bind(writer);
      jest.spyOn(writer, 'merge').mockImplementationOnce(async (...given) => {
        const counts = await merge(...given);
        await database.query(
          `UPDATE imports SET claim_token = gen_random_uuid(), lease_until = clock_timestamp() - interval '1 second'`,
        );
        return counts;
      });
      const view = await load({ polls: [POLLS, '7,active,2023-01-22 12:00:00 UTC'] });
      // The first run took its rows back, so for the second they are new.
      expect(countsOf(view.files[0])).toEqual([1, 0, 0, 0, 0]);
    });
  });

  it('accounts for every row of a damaged file, and keeps the good ones', async () => {
    const good = fc
      .tuple(fc.nat(3), fc.constantFrom('active', 'inactive'), fc.nat(5))
      .map(([store, status, second]) => ({
        text: `${store},${status},2023-01-22 12:00:0${second} UTC`,
        key: `${store} ${second}`,
      }));
    const bad = fc
      .constantFrom(
        '1,up,2023-01-22 12:00:00 UTC',
        '1,active',
        '"1,active,2023',
        ',active,2023-01-22 12:00:00 UTC',
        'a\u0000b,active,x',
        'x"y,active,x',
        '\\.',
      )
      .map((text) => ({ text, key: null }));
    const lines = fc.array(fc.oneof({ weight: 4, arbitrary: good }, bad), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 9 }), async (rows, capacity) => {
        await database.query('TRUNCATE stores, business_hours, store_day_polls CASCADE');
        api.app.get(FileLoader, { strict: false }).pollCapacity = capacity;
        const goodKeys = rows.flatMap(({ key }) => (key === null ? [] : [key]));
        const view = await load({ polls: [POLLS, ...rows.map(({ text }) => text)] });
        const distinct = new Set(goodKeys).size;
        const badLines = rows.flatMap(({ key }, index) => (key === null ? [index + 2] : []));
        const rejects = await imports.rejects(view.id, 500, undefined);
        expect(rejects.data.map((reject) => reject.line)).toEqual(badLines);
        expect(view.files[0]!.read).toBe(rows.length);
        if (goodKeys.length === 0) expect(view.files[0]!.error_code).toBe('too_many_rejects');
        else
          expect(countsOf(view.files[0])).toEqual([
            distinct,
            0,
            0,
            goodKeys.length - distinct,
            badLines.length,
          ]);
        expect((await facts()).polls).toHaveLength(distinct);
      }),
      { numRuns: 40 },
    );
  });

  describe('over HTTP', () => {
    it('answers 202 with the place to follow it, and lists it', async () => {
      await api.putData({ [FILE_NAMES.zones]: `${ZONES}\n7,America/Boise\n8,Nowhere/Land\n` });
      const { body, headers } = await api.http
        .post('/api/v1/imports')
        .send({ source: 'directory' })
        .expect(202);
      const { id } = body as ImportView;
      expect(headers['location']).toBe(`/api/v1/imports/${id}`);
      expect(headers['retry-after']).toBe('1');
      const followed = await api.http.get(headers['location']!).set('Prefer', 'wait=20').expect(200);
      expect(followed.body).toMatchObject({
        id,
        status: 'completed',
        files: [{ name: 'timezone.csv', kind: 'zones', read: 2, inserted: 1, rejected: 1 }],
      });
      const listed = await api.http.get('/api/v1/imports?limit=1').expect(200);
      expect(listed.body).toMatchObject({ data: [{ id }], next_cursor: null });
      const rejects = await api.http.get(`/api/v1/imports/${id}/rejects`).expect(200);
      expect(rejects.body).toMatchObject({
        data: [
          {
            file: 'timezone.csv',
            line: 3,
            column: 'timezone_str',
            code: 'unknown_zone',
            raw: '8,Nowhere/Land',
          },
        ],
        next_cursor: null,
      });
    });

    it('refuses what it does not understand', async () => {
      await rm(api.environment.dataDir, { recursive: true, force: true });
      const nothing = await api.http.post('/api/v1/imports').send({ source: 'directory' }).expect(400);
      expect(nothing.text).toContain('There is nothing to load');
      await api.http.post('/api/v1/imports').send({ source: '/etc' }).expect(400);
      await api.http.post('/api/v1/imports').send({ source: 'directory', path: '/etc' }).expect(400);
      await api.http.get('/api/v1/imports/none').expect(404);
      await api.http.get('/api/v1/imports/none/rejects').expect(404);
      await api.http.get('/api/v1/imports?limit=0').expect(400);
      await api.http.get('/api/v1/imports?cursor=x').expect(400);
    });
  });
});
