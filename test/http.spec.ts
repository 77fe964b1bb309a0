import { createHash } from 'node:crypto';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';

interface Operation {
  summary?: string;
  parameters?: Parameter[];
  requestBody?: {
    required?: boolean;
    content: {
      'application/json': { schema: { $ref: string }; examples?: Record<string, { value: object }> };
    };
  };
  responses: Record<string, { description: string }>;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: { default?: unknown };
}

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<
      string,
      { properties: Record<string, { description?: string; type?: string | string[]; nullable?: boolean }> }
    >;
  };
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

  describe('in its document', () => {
    let document: OpenApi;
    let operations: { name: string; operation: Operation }[];

    beforeAll(async () => {
      document = (await api.http.get('/swagger-json').expect(200)).body as OpenApi;
      operations = Object.entries(document.paths).flatMap(([route, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${route}`, operation })),
      );
    });

    it('shows what every body consists of', () => {
      const { schemas } = document.components;
      expect(Object.keys(schemas)).toEqual(
        expect.arrayContaining([
          'ReportView',
          'ReportListView',
          'ImportView',
          'RejectView',
          'DataView',
          'Health',
        ]),
      );
      const empty = Object.entries(schemas).filter(
        ([, { properties }]) => Object.keys(properties ?? {}).length === 0,
      );
      // `Object` stands for the free-form answers to the earlier clients.
      expect(empty.map(([name]) => name).filter((name) => name !== 'Object')).toEqual([]);
      const { as_of, links, status } = schemas['ReportView']!.properties;
      expect(as_of).toMatchObject({
        type: ['string', 'null'],
        description: expect.stringContaining('Null until'),
      });
      expect(status).toMatchObject({ enum: expect.arrayContaining(['pending', 'completed']) });
      expect(JSON.stringify(links)).toContain('#/components/schemas/ReportLinksView');
      expect(JSON.stringify(document)).not.toContain('"nullable"');
    });

    it('says what every parameter and every good answer is', () => {
      const mute = operations.flatMap(({ name, operation }) => [
        ...(operation.parameters ?? [])
          .filter(({ description }) => !description)
          .map((one) => `${name} ${one.name}`),
        ...Object.entries(operation.responses)
          .filter(([status, { description }]) => status.startsWith('2') && !description)
          .map(([status]) => `${name} ${status}`),
      ]);
      expect(mute).toEqual([]);
    });

    it('demands no parameter that has a default, and names each once', () => {
      const found = operations.flatMap(({ name: at, operation }) =>
        (operation.parameters ?? []).map(({ name, required, schema }) => ({ at, name, required, schema })),
      );
      const places = found.map(({ at, name }) => `${at} ${name.toLowerCase()}`);
      expect(new Set(places).size).toBe(places.length);
      const optional = found.filter(({ name }) => ['Prefer', 'limit', 'format', 'cursor'].includes(name));
      expect(optional.length).toBeGreaterThan(8);
      expect(optional.filter(({ required }) => required)).toEqual([]);
      const defaults = optional.map(({ name, schema }) => [name, schema.default]);
      expect(defaults).toContainEqual(['limit', 50]);
      expect(defaults).toContainEqual(['format', 'csv']);
    });

    it('fills in bodies with which a report is made', async () => {
      await api.putData(TWO_STORES);
      await api.http.post('/data').expect(200);
      const { requestBody } = document.paths['/api/v1/reports']!['post']!;
      expect(requestBody!.required ?? false).toBe(false);
      const examples = Object.values(requestBody!.content['application/json'].examples ?? {});
      expect(examples[0]!.value).toEqual({});
      for (const { value } of examples) {
        const { body } = await api.http.post('/api/v1/reports').send(value).expect(202);
        const report = await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
        expect(report.body.status).toBe('completed');
      }
    });
  });

  it('answers what is not there as a problem, without a trace of its insides', async () => {
    const { body, headers, text } = await api.http.get('/no/such/place?secret=1').expect(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ status: 404, instance: '/no/such/place', error: 'Not found' });
    expect(text).not.toMatch(/secret|node_modules|\\n +at /);
  });

  it('says which methods an address takes', async () => {
    const { body, headers } = await api.http.delete('/api/v1/reports').expect(405);
    expect(headers['allow']).toBe('GET, HEAD, POST');
    expect(body.detail).toBe('This address does not take DELETE, only GET, HEAD, POST.');
  });

  it('shows nothing to a page that reached this machine under another name', async () => {
    for (const address of ['/', '/api/v1/reports', '/swagger-json', '/livez']) {
      await api.http.get(address).set('Host', 'evil.example').expect(403);
    }
    for (const host of ['localhost', 'LOCALHOST:3000', '127.0.0.1:80', '[::1]:3000']) {
      await api.http.get('/livez').set('Host', host).expect(200);
    }
    await api.http.get('/livez').set('Origin', 'https://elsewhere.example').expect(200);
  });

  it('says that the data folder is not there', async () => {
    const other = await startTestApi();
    try {
      const { body } = await other.http.post('/api/v1/imports').send({ source: 'directory' }).expect(400);
      expect(body).toMatchObject({
        type: 'urn:storewatch:problem:nothing_to_import',
        title: "The request can't be used",
        detail: expect.stringContaining('does not exist'),
      });
      await other.putData({});
      const empty = await other.http.post('/api/v1/imports').send({ source: 'directory' }).expect(400);
      expect(empty.body.detail).toContain('holds none of');
    } finally {
      await other.close();
    }
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
