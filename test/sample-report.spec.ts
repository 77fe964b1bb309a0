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
    const { as_of, algorithm, options, counts } = JSON.parse(committed('sample.json'));
    expect(body).toMatchObject({ as_of, algorithm, options, counts });
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
