import { startTestApi, type TestApi } from './support/application.js';

interface Media {
  schema?: object;
}

interface Parameter {
  name: string;
  required?: boolean;
  schema?: { default?: unknown };
}

interface Operation {
  summary?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: { required?: string[] } }> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, object> }> };
}

describe('the document of the interface', () => {
  let api: TestApi;
  let document: OpenApi;
  let operations: [string, Operation][];

  beforeAll(async () => {
    api = await startTestApi();
    document = (await api.http.get('/swagger-json').expect(200)).body as OpenApi;
    operations = Object.entries(document.paths).flatMap(([route, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method} ${route}`,
        operation,
      ]),
    );
  });

  afterAll(() => api.close());

  const operationAt = (name: string): Operation => new Map(operations).get(name)!;

  it('gives every operation a summary and a tag', () => {
    expect(operations.length).toBeGreaterThan(50);
    const bare = operations.filter(([, { summary, tags }]) => !summary || !tags?.length);
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('says of every good answer what it consists of', () => {
    const untold = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => status.startsWith('2') && status !== '204')
        .filter(([, { content }]) => !isTold(content))
        .map(([status]) => `${name} ${status}`),
    );
    expect(untold).toEqual([]);
  });

  it('tells of a good answer for every operation', () => {
    const without = operations.filter(
      ([, { responses }]) => !Object.keys(responses).some((status) => status.startsWith('2')),
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('refers to nothing that is not in it', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((reference) => found(document, reference) === undefined)).toEqual([]);
  });

  it('tells how each may be refused before it is begun, and what every refusal consists of', () => {
    const missing = operations.flatMap(([name, { requestBody, parameters = [], responses }]) => {
      const route = name.split(' ')[1]!;
      const withKey = parameters.some((parameter) => parameter.name === 'Idempotency-Key');
      const wanted = ['403'];
      if (route.startsWith('/api/v1/')) wanted.push('400');
      if (route.startsWith('/api/v1/') && requestBody !== undefined) wanted.push('413', '415');
      if (withKey) wanted.push('409', '422');
      return wanted.filter((status) => !(status in responses)).map((status) => `${name} ${status}`);
    });
    expect(missing).toEqual([]);
    const shapeless = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => /^[45]/.test(status) && status !== '416')
        .filter(([, { content }]) => !isTold(content))
        .map(([status]) => `${name} ${status}`),
    );
    expect(shapeless).toEqual([]);
  });

  it('tells of downloads that they can be gone on with, and need not be repeated', () => {
    const { parameters, responses } = operationAt('get /api/v1/reports/{id}/file');
    expect(parameters!.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Range', 'If-Range', 'If-None-Match']),
    );
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['200', '206', '304', '409', '410', '416']),
    );
  });

  it('names both forms in which live polls are taken', () => {
    const { content } = operationAt('post /api/v1/polls').requestBody!;
    expect(Object.keys(content).toSorted()).toEqual(['application/json', 'application/x-ndjson']);
  });

  it('demands neither a body nor files of client C, who may mean the data folder', () => {
    const { required, content } = operationAt('post /data').requestBody!;
    expect(required ?? false).toBe(false);
    expect(content['multipart/form-data']!.schema.required ?? []).toEqual([]);
  });

  it('demands no parameter that has a default', () => {
    const demanded = operations.flatMap(([at, { parameters = [] }]) =>
      parameters
        .filter(({ required, schema }) => required && schema?.default !== undefined)
        .map(({ name }) => `${at} ${name}`),
    );
    expect(demanded).toEqual([]);
    const ofRejects = operationAt('get /api/v1/imports/{id}/rejects.csv').parameters ?? [];
    expect(ofRejects.filter(({ required }) => required).map(({ name }) => name)).toEqual(['id']);
  });

  it('shows the members of the interval between polls, which may be null', () => {
    const { PollRhythmView, PollIntervalView } = document.components.schemas;
    const interval = JSON.stringify(PollRhythmView!.properties['interval_s']);
    expect(interval).toContain('#/components/schemas/PollIntervalView');
    expect(interval).toContain('"null"');
    expect(Object.keys(PollIntervalView!.properties)).toEqual(['p10', 'median', 'p90']);
  });
});

/** Whether each media type has a schema that says something. */
function isTold(content: Record<string, Media> | undefined): boolean {
  const schemas = Object.values(content ?? {}).map(({ schema }) => schema ?? {});
  return schemas.length > 0 && schemas.every((schema) => Object.keys(schema).length > 0);
}

/** What a reference within a document (RFC 6901) leads to. */
function found(document: object, reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
}
