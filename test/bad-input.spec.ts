import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { FILE_NAMES, type FileKind } from '../src/ingestion/file-kind.js';
import type { ImportFileView, ImportView } from '../src/ingestion/imports/import.view.js';
import { ImportsService } from '../src/ingestion/imports/imports.service.js';
import type { RejectView } from '../src/ingestion/rejects/reject.view.js';
import { RejectsReader } from '../src/ingestion/rejects/rejects.reader.js';
import { CsvReader } from '../src/platform/csv/csv-reader.js';
import { startTestApi, type TestApi } from './support/application.js';

const BAD_INPUT = path.join(__dirname, 'fixtures', 'bad-input');
const AT = '2023-01-22 12:00:00 UTC';

/** What a file of the folder comes to; the file is named for its mishap. */
interface Expectation {
  /** Row of the catalogue of bad input. */
  row: string;
  kind: FileKind;
  status: 'completed' | 'rejected';
  error_code?: string;
  /** A part of the sentence. */
  error?: string;
  /** Inserted, replaced, unchanged, superseded, rejected. */
  counts?: number[];
  rejects?: Omit<RejectView, 'file' | 'detail'>[];
  /** A part of the detail of the first reject. */
  detail?: string;
  /** What is known afterwards. */
  facts?: string[];
}

const EXPECTED = JSON.parse(readFileSync(path.join(BAD_INPUT, 'expected.json'), 'utf8')) as Record<
  string,
  Expectation
>;

describe('bad input', () => {
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
    await database.query('TRUNCATE stores, imports CASCADE');
  });

  let folders = 0;
  async function place(kind: FileKind): Promise<string> {
    const directory = path.join(folder, String(folders++));
    await mkdir(directory);
    return path.join(directory, FILE_NAMES[kind]);
  }

  async function load(
    file: string,
  ): Promise<{ view: ImportView; file: ImportFileView; rejects: RejectView[] }> {
    const { id } = await imports.requestDirectory(path.dirname(file));
    const view = await imports.findEnded(id, 25);
    const reader = api.app.get(RejectsReader, { strict: false });
    return { view, file: view.files[0]!, rejects: (await reader.list(id, { limit: 500 })).data };
  }

  const countsOf = (file: ImportFileView): number[] => [
    file.inserted,
    file.replaced,
    file.unchanged,
    file.superseded,
    file.rejected,
  ];

  const FACTS: Partial<Record<FileKind, string>> = {
    polls: `SELECT concat_ws(' ', store_id, status, timestamp_utc AT TIME ZONE 'UTC') AS text FROM store_status`,
    hours: `SELECT concat_ws(' ', store_id, day, start_time_local, end_time_local) AS text FROM menu_hours`,
    zones: `SELECT concat_ws(' ', store_id, zone) AS text FROM stores`,
  };

  async function facts(kind: FileKind): Promise<string[]> {
    const rows = (await database.query(FACTS[kind] ?? '')) as { text: string }[];
    return rows.map(({ text }) => text).toSorted();
  }

  it('has an expectation for each file, and a file for each expectation', async () => {
    const files = (await readdir(BAD_INPUT)).filter((name) => name.endsWith('.csv'));
    expect(files.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))('answers %s as expected', async (name, expected) => {
    const target = await place(expected.kind);
    await copyFile(path.join(BAD_INPUT, name), target);
    const { view, file, rejects } = await load(target);
    expect([view.status, file.status, file.error_code]).toEqual([
      expected.status,
      expected.status,
      expected.error_code ?? null,
    ]);
    if (expected.error === undefined) expect(file.error).toBeNull();
    else expect(file.error).toContain(expected.error);
    const told = rejects.map(({ line, column, code, raw, suggestion }) => ({
      line,
      column,
      code,
      raw,
      suggestion,
    }));
    expect(told).toEqual(expected.rejects ?? []);
    if (expected.counts !== undefined) expect(countsOf(file)).toEqual(expected.counts);
    if (file.status === 'completed')
      expect(file.read).toBe(countsOf(file).reduce((sum, count) => sum + count));
    for (const { file: from, detail } of rejects) {
      expect(from).toBe(FILE_NAMES[expected.kind]);
      expect(detail).toMatch(/^['A-Z].*\.$/);
    }
    if (expected.detail !== undefined) expect(rejects[0]!.detail).toContain(expected.detail);
    if (expected.facts !== undefined) expect(await facts(expected.kind)).toEqual(expected.facts);
    if (expected.status === 'rejected') expect(await facts(expected.kind)).toEqual([]);
  });

  it.each(Object.keys(EXPECTED))('reads %s the same byte by byte', async (name) => {
    const bytes = await readFile(path.join(BAD_INPUT, name));
    async function* single(): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
    }
    const read = async (reader: CsvReader): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const block of reader.blocks()) {
        block.rows.forEach((row, index) => {
          const damage = row.join().includes('\ufffd') ? block.damagedByteOf(index) : null;
          found.push({ line: block.lineOf(index), row, raw: block.rawOf(index), damage });
        });
        found.push(...block.bad);
      }
      const line = (one: unknown): number => (one as { line: number }).line;
      return [reader.header, reader.delimiter, ...found.toSorted((a, b) => line(a) - line(b))];
    };
    expect(await read(new CsvReader(single(), { blockBytes: 1 }))).toEqual(
      await read(new CsvReader(path.join(BAD_INPUT, name))),
    );
  });

  it('sets a line of 200 MB aside, goes on behind it, and never holds it', async () => {
    const target = await place('polls');
    await writeFile(target, `store_id,status,timestamp_utc\n7,active,${AT}\n8,`);
    const handle = await open(target, 'r+');
    // A hole: bytes that are there to be read and take no room on the disk.
    await handle.truncate(200e6);
    await handle.write(`\n9,active,${AT}\n`, 200e6);
    await handle.close();
    const before = process.memoryUsage().rss;
    const { file, rejects } = await load(target);
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
    expect(countsOf(file)).toEqual([2, 0, 0, 0, 1]);
    expect(rejects).toMatchObject([{ line: 3, column: null, code: 'row_too_long' }]);
    expect(Buffer.byteLength(rejects[0]!.raw)).toBeLessThanOrEqual(4096);
  });

  it('loses one row to a quote that is opened on line 2 of a large file and never closed', async () => {
    const target = await place('polls');
    const row = (index: number): string =>
      `${index % 1000},active,${new Date(1.6743e12 + index * 1000).toISOString()}`;
    const rows = Array.from({ length: 200_000 }, (_, index) => row(index));
    await writeFile(target, ['store_id,status,timestamp_utc', `"${row(0)}`, ...rows, ''].join('\n'));
    const { file, rejects } = await load(target);
    expect(countsOf(file)).toEqual([200_000, 0, 0, 0, 1]);
    expect(rejects).toMatchObject([{ line: 2, code: 'bad_quotes', raw: `"${row(0)}` }]);
  });
});
