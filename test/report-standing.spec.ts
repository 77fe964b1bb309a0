import { ImportRunner } from '../src/ingestion/imports/import.runner.js';
import { waitFor } from '../src/platform/wait.js';
import { ReportRunner } from '../src/reports/making/report.runner.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { loadFiles } from './support/stores.js';

describe('how a report stands', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
    await loadFiles(api, TWO_STORES);
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => api.close());

  async function trigger(body: object = {}): Promise<string> {
    const { body: report } = await api.http.post('/api/v1/reports').send(body).expect(202);
    return report.id as string;
  }

  const viewOf = async (id: string, prefer = 'wait=0') =>
    (await api.http.get(`/api/v1/reports/${id}`).set('Prefer', prefer).expect(200)).body;
  const whyNoFile = async (id: string): Promise<string> =>
    (await api.http.get(`/api/v1/reports/${id}/file`).expect(409)).body.detail;

  it('says that it waits for a worker where nobody has taken it up', async () => {
    jest.spyOn(api.app.get(ReportRunner, { strict: false }), 'run').mockResolvedValue();
    const id = await trigger({ label: 'nobody' });
    expect((await viewOf(id)).progress).toEqual({
      phase: 'waiting',
      done: 0,
      total: null,
      waiting_for: 'worker',
    });
    expect(await whyNoFile(id)).toMatch(/^The report waits for a worker that is free to make it .*\.$/);
    await api.http.post(`/api/v1/reports/${id}/cancel`).expect(202);
    expect((await viewOf(id)).progress.waiting_for).toBeNull();
  });

  it('says that it waits for the imports that were accepted before it, and for no later one', async () => {
    jest.spyOn(api.app.get(ImportRunner, { strict: false }), 'run').mockResolvedValue();
    const runs = jest.spyOn(api.app.get(ReportRunner, { strict: false }), 'run').mockResolvedValue();
    const earlier = await trigger({ force: true });
    const { body: load } = await api.http.post('/api/v1/imports').send({ source: 'sample' }).expect(202);
    const later = await trigger({ force: true, label: 'later' });
    expect((await viewOf(earlier)).progress.waiting_for).toBe('worker');
    expect((await viewOf(later)).progress.waiting_for).toBe('imports');
    expect(await whyNoFile(later)).toMatch(
      /^The report waits for imports that were accepted before it .*\.$/,
    );
    await api.http.post(`/api/v1/imports/${load.id}/cancel`).expect(202);
    expect((await viewOf(later)).progress.waiting_for).toBe('worker');
    runs.mockRestore();
    for (const id of [earlier, later]) {
      await api.http.post(`/api/v1/reports/${id}/cancel`).expect(202);
    }
  });

  it.each([
    [{ as_of: '2023-01-18T18:00:00Z' }, []],
    [{}, []],
    [
      { as_of: '2090-01-01T00:00:00Z', label: 'ahead' },
      [expect.stringMatching(/^as_of lies [\d,]+ days after/)],
    ],
  ])('notes an as-of that lies ahead, and nothing else: %j', async (request, notes) => {
    const id = await trigger(request);
    const ended = await waitFor(async () => {
      const view = await viewOf(id, 'wait=20');
      return view.status === 'completed' ? view : null;
    }, 20_000);
    expect(ended.notes).toEqual(notes);
    const { body: metadata } = await api.http.get(`/api/v1/reports/${id}/file?format=json`).expect(200);
    expect(metadata.notes).toEqual(notes);
  });
});
