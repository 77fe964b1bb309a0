import { createHash } from 'node:crypto';
import { startTestApi, type TestApi } from './support/application.js';

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
  responses: Record<string, unknown>;
}

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, { description?: string }> }> };
}

describe('the HTTP application', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  it('shows a first page whose own script and style may run, and no others', async () => {
    const { text, headers } = await api.http.get('/').expect(200);
    const policy = headers['content-security-policy'] ?? '';
    for (const tag of ['script', 'style']) {
      const [, block = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(text) ?? [];
      const hash = createHash('sha256').update(block).digest('base64');
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    // What the policy would forbid is not in the page: it would silently not work.
    expect(text).not.toMatch(/\son[a-z]+=|\sstyle="|https?:\/\/(?!127\.0\.0\.1|localhost|www\.w3\.org)/);
  });

  it.each(['/swagger', '/docs'])('shows the interface to try it out at %s', async (address) => {
    const { text } = await api.http.get(address).expect(200);
    expect(text).toContain('swagger-ui');
  });

  it('describes every route, its parameters and its bodies, in words', async () => {
    const { body } = await api.http.get('/swagger-json').expect(200);
    const document = body as OpenApi;
    expect(document.openapi).toMatch(/^3\.1/);
    const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${route}`, operation })),
    );
    expect(operations.filter(({ operation }) => !operation.summary).map(({ name }) => name)).toEqual([]);
    const names = operations.map(({ name }) => name);
    for (const name of [
      'post /api/v1/imports',
      'post /api/v1/reports',
      'get /api/v1/reports/{id}',
      'get /api/v1/reports/{id}/file',
      'post /reports/trigger',
      'get /reports/status',
      'post /trigger_report',
      'get /get_report/{id}',
      'get /download_report',
      'post /data',
      'post /api/trigger_report',
      'get /api/get_report/{id}',
      'get /api/download_report/{id}',
    ]) {
      expect(names).toContain(name);
    }
    const trigger = document.components.schemas['TriggerReportDto']!.properties;
    expect(Object.keys(trigger)).toEqual(
      expect.arrayContaining([
        'as_of',
        'windows',
        'unobserved',
        'estimator',
        'store_ids',
        'include_unpolled',
      ]),
    );
    expect(Object.values(trigger).every(({ description }) => description)).toBe(true);
  });

  it('answers what is not there as a problem, without a trace of its insides', async () => {
    const { body, headers, text } = await api.http.get('/no/such/place?secret=1').expect(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ status: 404, instance: '/no/such/place', error: 'Not found' });
    expect(text).not.toMatch(/secret|node_modules|\\n +at /);
    await api.http.delete('/api/v1/reports').expect(404);
  });

  it('tells how each part is', async () => {
    const { body } = await api.http.get('/api/v1/health').expect(200);
    expect(body).toMatchObject({
      status: 'ok',
      mode: 'inline',
      components: {
        database: { status: 'ok' },
        queue: { status: 'ok' },
        workers: { count: 0 },
        storage: { status: 'ok' },
      },
    });
    await api.http.get('/livez').expect(200);
    await api.http.get('/readyz').expect(200);
  });

  it('sends headers that keep a browser from guessing and framing', async () => {
    const { headers } = await api.http.get('/api/v1/data').expect(200);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});
