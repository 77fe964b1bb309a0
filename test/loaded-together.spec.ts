import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { FileLoader } from '../src/ingestion/loads/file.loader.js';
import type { ImportFileView, ImportView } from '../src/ingestion/imports/import.view.js';
import { startTestApi, type TestApi } from './support/application.js';
import { fieldPart, filePart, FORM_TYPE, formOf, pollsOf } from './support/uploads.js';

const ADDRESS = '/api/v1/imports';
const RUNS = 10;

/** Few stores and few minutes around a midnight, so that files overlap and contradict each other. */
const row = fc.record({
  store: fc.constantFrom('1', '22', 'c'),
  minute: fc.integer({ min: -6, max: 6 }),
  active: fc.boolean(),
});
const file = fc.array(row, { minLength: 1, maxLength: 12 });

type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

function csvOf(rows: readonly Row[]): string {
  const midnight = Date.parse('2023-01-19T00:00:00Z');
  return [
    'store_id,status,timestamp_utc',
    ...rows.map(
      ({ store, minute, active }) =>
        `${store},${active ? 'active' : 'inactive'},${new Date(midnight + minute * 60_000).toISOString()}`,
    ),
    '',
  ].join('\n');
}

const COUNTS = ['read', 'inserted', 'replaced', 'unchanged', 'superseded', 'rejected'] as const;
const countsOf = (view: ImportFileView): object => ({
  ...Object.fromEntries(COUNTS.map((name) => [name, view[name]])),
  range: view.range,
});

describe('files of polls that are loaded together', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
  });

  afterAll(() => api.close());

  afterEach(() => jest.restoreAllMocks());

  const empty = (): Promise<unknown> =>
    database.query('TRUNCATE stores, store_day_polls, poll_day_activity, imports CASCADE');

  /** Uploads files in one request, which ends with all of them loaded. */
  async function upload(...contents: string[]): Promise<ImportFileView[]> {
    const form = formOf([fieldPart('force', 'true'), ...contents.map((content) => filePart(content))]);
    const accepted = await api.http.post(ADDRESS).set('Content-Type', FORM_TYPE).send(form).expect(202);
    return (await ended(accepted.body as ImportView)).files;
  }

  async function ended({ id }: ImportView): Promise<ImportView> {
    const { body } = await api.http.get(`${ADDRESS}/${id}`).set('Prefer', 'wait=25').expect(200);
    expect(body.status).toBe('completed');
    return body as ImportView;
  }

  async function known(): Promise<unknown> {
    const facts = await database.query(
      `SELECT s.store_id, d.day::text, d.polls, s.first_poll_us, s.last_poll_us
         FROM store_day_polls AS d JOIN stores AS s USING (store_key) ORDER BY s.store_id, d.day`,
    );
    return facts;
  }

  it('give the same polls, and the same counts for each, as one after another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(file),
        fc.array(file, { minLength: 2, maxLength: 4 }),
        async (before, files) => {
          const contents = files.map(csvOf);
          await empty();
          if (before !== null) await upload(csvOf(before));
          const one: ImportFileView[] = [];
          for (const content of contents) one.push(...(await upload(content)));
          const facts = await known();

          await empty();
          if (before !== null) await upload(csvOf(before));
          const together = await upload(...contents);
          expect(together.map(countsOf)).toEqual(one.map(countsOf));
          expect(await known()).toEqual(facts);
        },
      ),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('are merged once when they come in one request, and when they come at once in many', async () => {
    const loader = api.app.get(FileLoader, { strict: false });
    const spy = jest.spyOn(loader, 'loadTogether');
    await empty();
    const contents = ['1', '2', '3', '4'].map((store) => pollsOf(store, 50));
    expect((await upload(...contents)).map(({ inserted }) => inserted)).toEqual([50, 50, 50, 50]);
    expect(spy.mock.calls.map(([files]) => files.length)).toEqual([4]);

    spy.mockClear();
    await empty();
    const accepted = await Promise.all(
      contents.map((content) =>
        api.http
          .post(ADDRESS)
          .set('Content-Type', FORM_TYPE)
          .send(formOf([filePart(content)]))
          .expect(202),
      ),
    );
    const views = await Promise.all(accepted.map(({ body }) => ended(body as ImportView)));
    expect(views.map(({ files }) => files[0]!.inserted)).toEqual([50, 50, 50, 50]);
    // The first may have been on its way already; the others were not merged one by one.
    expect(spy.mock.calls.length).toBe(1);
    expect(spy.mock.calls[0]![0].length).toBeGreaterThanOrEqual(3);
    expect(await database.query('SELECT count(*)::int AS polls FROM store_status')).toEqual([{ polls: 200 }]);
  });

  it('are loaded one by one where one of them has to be refused', async () => {
    await empty();
    const bad = 'store_id,status,timestamp_utc\n1,up,2023-01-18T00:00:00Z\n';
    const form = formOf([filePart(pollsOf('1', 5)), filePart(bad, 'bad.csv'), filePart(pollsOf('2', 5))]);
    const accepted = await api.http.post(ADDRESS).set('Content-Type', FORM_TYPE).send(form).expect(202);
    const { body } = await api.http
      .get(`${ADDRESS}/${accepted.body.id}`)
      .set('Prefer', 'wait=25')
      .expect(200);
    expect(body.status).toBe('rejected');
    expect(body.files).toMatchObject([
      { status: 'completed', inserted: 5 },
      { status: 'rejected', error_code: 'too_many_rejects', rejected: 1 },
      { status: 'completed', inserted: 5 },
    ]);
  });

  it('are loaded one by one where they are too many to be held at once', async () => {
    await empty();
    const loader = api.app.get(FileLoader, { strict: false });
    const capacity = loader.pollCapacity;
    loader.pollCapacity = 60;
    try {
      const files = await upload(pollsOf('1', 50), pollsOf('2', 50));
      expect(files.map(({ inserted }) => inserted)).toEqual([50, 50]);
    } finally {
      loader.pollCapacity = capacity;
    }
  });
});
