import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../src/platform/environment.js';
import { startTestApi, type TestApi } from './support/application.js';

const committed = (name: string): string => readFileSync(path.join(PROJECT_ROOT, 'reports', name), 'utf8');

describe('the committed report of the sample', () => {
  let api: TestApi;
  let reportId: string;

  beforeAll(async () => {
    api = await startTestApi();
    await api.http.post('/api/v1/imports').send({ source: 'sample' }).expect(202);
    const { body } = await api.http.post('/api/v1/reports').send({}).expect(202);
    reportId = body.id;
    await api.http.get(`/api/v1/reports/${reportId}`).set('Prefer', 'wait=30').expect(200);
  });

  afterAll(() => api.close());

  it('is what the sample gives today, byte for byte', async () => {
    const { text } = await api.http.get(`/api/v1/reports/${reportId}/file`).buffer(true).expect(200);
    expect(text).toBe(committed('sample.csv'));
  });

  it('has metadata with the same instant, rules and counts', async () => {
    const { body } = await api.http.get(`/api/v1/reports/${reportId}/file?format=json`).expect(200);
    const {
      report_id: _id,
      tzdata: _tzdata,
      timings_s: _timings,
      ...told
    } = JSON.parse(committed('sample.json'));
    expect(body).toMatchObject(told);
  });

  it('knows the evening on which the poller stood still, and takes no pause between its rounds for another', async () => {
    const { body } = await api.http.get('/api/v1/collector-outages').expect(200);
    expect(body.data.map(({ start, end }: { start: string; end: string }) => [start, end])).toEqual([
      // Rounds that did not take place: nobody was polled for an hour.
      ['2023-03-06T19:56:31.592104Z', '2023-03-06T21:00:03.424142Z'],
      ['2023-03-10T16:56:11.451587Z', '2023-03-11T00:00:11.101599Z'],
      ['2023-03-11T13:59:06.848238Z', '2023-03-11T15:00:06.371442Z'],
    ]);
  });

  it('counts nothing as a reject and leaves no row out: the identity holds for every file', async () => {
    const { body } = await api.http.get('/api/v1/imports').expect(200);
    for (const file of body.data[0].files) {
      const { read, inserted, replaced, unchanged, superseded, rejected } = file;
      expect(inserted + replaced + unchanged + superseded + rejected).toBe(read);
      expect(rejected).toBe(0);
    }
  });
});
