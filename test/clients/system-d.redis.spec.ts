import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { QUEUES } from '../../src/platform/queue/queues.js';
import { WorkerModule } from '../../src/worker.module.js';
import { startTestApi, type TestApi, testLogger } from '../support/application.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { type Answer, askUntil, clientOf, IDLE_BODIES, NOBODY, type Send } from './support/client.js';

/** What the guide's example sends: `requests.post(url, json=data)`. */
const GUIDE = {
  user_id: 'USER123',
  track_id: 1,
  bbox: [100, 100, 200, 200],
  state: 'walking',
  store: 'Store A',
};
/** An hour: what waits is stored when somebody asks for it, as the guide has it. */
const NO_ROUNDS_MS = 3_600_000;

const NEXT_YEAR = new Date(Date.now() + 400 * 86_400_000).toISOString();

const BAD_EVENTS: readonly [string, string][] = [
  ['no JSON', '{"user_id": '],
  ['nothing', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['an empty object', '{}'],
  ['a bbox of strings', event({ bbox: ['100', '100', '200', '200'] })],
  ['a bbox of three', event({ bbox: [1, 2, 3] })],
  ['a bbox with null', event({ bbox: [1, 2, 3, null] })],
  ['a reversed bbox', event({ bbox: [200, 200, 100, 100] })],
  ['a bbox without area', event({ bbox: [100, 100, 100, 200] })],
  ['a bbox that is an object', event({ bbox: { x1: 1 } })],
  ['an empty user_id', event({ user_id: '' })],
  ['a track_id that is text', event({ track_id: 'one' })],
  ['a track_id with a fraction', event({ track_id: 1.5 })],
  ['a state that is too long', event({ state: 'x'.repeat(33) })],
  ['no store', event({ store: undefined })],
  ['a timestamp far ahead', event({ timestamp: NEXT_YEAR })],
  ['a member that no object should have', '{"__proto__": {}}'],
];

const OTHER_BODIES: readonly [string, { headers: Record<string, string>; body: string }][] = [
  [
    'a form',
    {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'user_id=USER123&track_id=1&state=walking&store=north',
    },
  ],
  ['text', { headers: { 'Content-Type': 'text/plain' }, body: JSON.stringify(GUIDE) }],
  ['lines', { headers: { 'Content-Type': 'application/x-ndjson' }, body: JSON.stringify(GUIDE) }],
];
const NOT_READ = expect.stringMatching(/^The body is not read, .* `Content-Type: application\/json`\.$/);

function event(members: object): string {
  return JSON.stringify({ ...GUIDE, ...members });
}

describe('a client of system D', () => {
  let redis: TestRedis;
  let operator: Redis;
  let api: TestApi;
  let worker: INestApplicationContext | null = null;
  let send: Send;
  let base: string;

  beforeAll(async () => {
    redis = await startRedis();
    operator = new Redis(process.env['STOREWATCH_TEST_REDIS_URL']!, {
      db: Number(process.env['JEST_WORKER_ID'] ?? '1'),
    });
    api = await startTestApi({ redisUrl: redis.url, movementFlushMs: NO_ROUNDS_MS });
    base = await api.app.getUrl();
    send = await clientOf(api);
    await modeIs('queue');
  });

  afterEach(async () => {
    await stopWorker();
    await operator.del('movement_logs');
    // Stores first, as everybody takes them.
    await api.app
      .get(DataSource)
      .query('LOCK TABLE stores; TRUNCATE movement_events, movement_event_ids, movement_touched');
  });

  afterAll(async () => {
    await api.close();
    operator.disconnect();
    await redis.stop();
  });

  async function modeIs(mode: 'queue' | 'inline'): Promise<void> {
    await askUntil(
      () => send('GET', '/api/v1/health'),
      (answer) => answer.json()['mode'] === mode,
    );
  }

  async function startWorker(): Promise<void> {
    worker = await NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: api.environment, databaseUrl: api.databaseUrl },
        { queues: QUEUES, concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
  }

  async function stopWorker(): Promise<void> {
    await worker?.close();
    worker = null;
  }

  /** As the library of the guide's example sends it. */
  const post = (address: string, json: unknown, method = 'POST'): Promise<Answer> =>
    send(method, address, {
      headers: { 'Content-Type': 'application/json', Accept: '*/*', 'User-Agent': 'python-requests/2.31.0' },
      body: JSON.stringify(json),
    });

  const get = async (address: string): Promise<Record<string, unknown>> => {
    const answer = await send('GET', address);
    expect(answer.status).toBe(200);
    return answer.json();
  };

  const results = async (query = ''): Promise<Record<string, unknown>[]> =>
    (await get(`/api/logs/movements/${query}`))['results'] as Record<string, unknown>[];

  const stored = (count: number): Promise<unknown> =>
    askUntil(
      () => get('/api/logs/movements/'),
      (page) => page['count'] === count,
    );

  describe('with Redis', () => {
    it('adds a movement log, sees it wait, has it processed, and finds it', async () => {
      await startWorker();
      const added = await post('/api/logs/add-movement/', GUIDE);
      expect(added.status).toBe(201);
      expect(added.json()).toMatchObject({ message: expect.any(String), event_id: expect.any(String) });
      expect(await operator.llen('movement_logs')).toBe(1);
      expect(await get('/api/logs/queue-status/')).toMatchObject({
        movement_logs_queue_length: 1,
        redis_connected: true,
      });
      const processing = await send('POST', '/api/logs/process/');
      expect(processing.status).toBe(202);
      expect(processing.json()).toMatchObject({
        message: 'Movement log processing started',
        task_id: expect.any(String),
      });
      await stored(1);
      expect(await operator.llen('movement_logs')).toBe(0);
      expect(await get('/api/logs/queue-status/')).toMatchObject({ movement_logs_queue_length: 0 });
      expect(await results()).toEqual([
        expect.objectContaining({
          id: added.json()['event_id'],
          user_id: expect.stringMatching(/^[0-9a-f]{64}$/),
          track_id: 1,
          bbox: [100, 100, 200, 200],
          state: 'walking',
          store: 'Store A',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        }),
      ]);
    });

    it('is told when no worker is there to process', async () => {
      expect((await send('POST', '/api/logs/process/')).json()).toMatchObject({
        message: expect.stringContaining('No worker takes movement logs'),
        task_id: expect.any(String),
      });
    });

    it('may send members that nobody knows', async () => {
      const added = await post('/api/logs/add-movement/', { ...GUIDE, face: 'data:…', camera: { id: 7 } });
      expect(added.status).toBe(201);
      expect(await operator.lindex('movement_logs', 0)).not.toContain('face');
    });

    it('leaves no id of a person in Redis', async () => {
      await post('/api/logs/add-movement/', GUIDE);
      expect(await operator.lindex('movement_logs', 0)).not.toContain('USER123');
    });

    it('clears the queue, and is told exactly how many that were', async () => {
      for (let n = 0; n < 3; n++) await post('/api/logs/add-movement/', GUIDE);
      const cleared = await send('POST', '/api/logs/clear-queue/');
      expect(cleared.status).toBe(200);
      expect(cleared.json()).toMatchObject({ message: expect.any(String), cleared: 3 });
      expect(await operator.llen('movement_logs')).toBe(0);
      expect((await send('POST', '/api/logs/clear-queue')).json()).toMatchObject({ cleared: 0 });
    });

    it('is told by a round trip that a worker works, and by all that the whole is healthy', async () => {
      await startWorker();
      const answer = await send('GET', '/api/logs/test-celery/');
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({
        message: expect.any(String),
        task_id: expect.any(String),
        celery_working: true,
      });
      const health = await send('GET', '/api/logs/health/');
      expect(health.status).toBe(200);
      expect(health.json()).toEqual({ redis: true, celery: true, database: true, overall_status: 'healthy' });
    });

    it('is told that no worker works', async () => {
      const [test, health] = await Promise.all([
        send('GET', '/api/logs/test-celery/'),
        send('GET', '/api/logs/health/'),
      ]);
      expect(test.status).toBe(503);
      expect(test.json()).toMatchObject({
        message: expect.stringContaining('worker'),
        task_id: null,
        celery_working: false,
      });
      expect(health.status).toBe(503);
      expect(health.json()).toEqual({
        redis: true,
        celery: false,
        database: true,
        overall_status: 'partial',
      });
    });

    it.each(BAD_EVENTS)('is refused %s, in words, and nothing is kept', async (_, body) => {
      const answer = await send('POST', '/api/logs/add-movement/', {
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({ status: 400, detail: expect.stringMatching(/\.$/) });
      expect(await operator.llen('movement_logs')).toBe(0);
    });

    it.each(OTHER_BODIES)('is told that %s is not read', async (_, sent) => {
      for (const address of ['/api/logs/add-movement/', '/api/logs/add-movement']) {
        const answer = await send('POST', address, sent);
        expect(answer.status).toBe(415);
        expect(answer.json()).toMatchObject({ status: 415, detail: NOT_READ });
      }
      expect(await operator.llen('movement_logs')).toBe(0);
    });

    it.each(OTHER_BODIES)('may ask for processing with %s, which nobody reads', async (_, sent) => {
      expect((await send('POST', '/api/logs/process/', sent)).status).toBe(202);
    });

    it.each(IDLE_BODIES)('may ask for processing and clearing with %s', async (_, sent) => {
      expect((await send('POST', '/api/logs/process/', sent)).status).toBe(202);
      expect((await send('POST', '/api/logs/clear-queue/', sent)).status).toBe(200);
    });

    describe('with movement logs', () => {
      beforeEach(async () => {
        await startWorker();
        for (let n = 0; n < 5; n++)
          await post('/api/logs/add-movement/', {
            ...GUIDE,
            track_id: n,
            timestamp: new Date(Date.now() - n * 1_000).toISOString(),
          });
        await send('POST', '/api/logs/process');
        await stored(5);
      });

      it('pages through them by number, with addresses that lead on', async () => {
        const first = await get('/api/logs/movements/?page_size=2');
        expect(first).toMatchObject({
          count: 5,
          total_count: 5,
          page: 1,
          page_size: 2,
          previous: null,
          next: `${base}/api/logs/movements/?page_size=2&page=2`,
        });
        const tracks: unknown[] = [];
        let last: Record<string, unknown> = first;
        for (let page = first; ; page = await get((page['next'] as string).replace(base, ''))) {
          tracks.push(...(page['results'] as { track_id: number }[]).map((one) => one.track_id));
          last = page;
          if (page['next'] === null) break;
        }
        expect(tracks).toEqual([0, 1, 2, 3, 4]);
        expect(last).toMatchObject({
          page: 3,
          previous: `${base}/api/logs/movements/?page_size=2&page=2`,
        });
        const second = await get('/api/logs/movements?page=2&page_size=2');
        expect(second['previous']).toBe(`${base}/api/logs/movements?page_size=2`);
      });

      it.each(['0', '-1', 'abc', '4', '1e3', '99999999999999999999', '2.5'])(
        'is told that there is no page %s',
        async (page) => {
          const answer = await send('GET', `/api/logs/movements/?page_size=2&page=${page}`);
          expect(answer.status).toBe(404);
        },
      );

      it.each([
        ['1000000000', 1_000],
        ['1000', 1_000],
        ['0', 50],
        ['abc', 50],
        ['-5', 50],
        ['', 50],
      ])('asks for pages of %j and gets pages of %d', async (asked, given) => {
        const page = await get(`/api/logs/movements/?page=1&page_size=${asked}`);
        expect(page['page_size']).toBe(given);
        expect(page['results']).toHaveLength(5);
      });

      it('sees them in the tables of client C too', async () => {
        const rows = (await send('GET', '/data/movement_logs/')).json() as unknown as object[];
        expect(rows).toHaveLength(5);
        expect(rows[0]).toMatchObject({ store: 'Store A', track_id: 0, bbox: '[100,100,200,200]' });
      });
    });

    it('finds an empty first page where there is nothing, and no second', async () => {
      expect(await get('/api/logs/movements/')).toEqual({
        results: [],
        count: 0,
        next: null,
        previous: null,
        page: 1,
        page_size: 50,
        total_count: 0,
      });
      expect((await send('GET', '/api/logs/movements/?page=2')).status).toBe(404);
    });
  });

  describe('when Redis is stopped in the middle', () => {
    it('goes on adding and reading, and is told what does not work; nothing is lost when it comes back', async () => {
      await startWorker();
      await post('/api/logs/add-movement/', GUIDE);
      await redis.stop();
      await modeIs('inline');

      const added = await post('/api/logs/add-movement/', { ...GUIDE, track_id: 2 });
      expect(added.status).toBe(201);
      expect(added.json()).toMatchObject({ event_id: expect.any(String), redis_connected: false });
      expect((await results()).map((one) => one['track_id'])).toEqual([2]);
      expect(await get('/api/logs/queue-status/')).toMatchObject({
        movement_logs_queue_length: 0,
        redis_connected: false,
      });
      const health = await send('GET', '/api/logs/health/');
      expect(health.status).toBe(503);
      expect(health.json()).toEqual({
        redis: false,
        celery: false,
        database: true,
        overall_status: 'partial',
      });
      const test = await send('GET', '/api/logs/test-celery/');
      expect(test.status).toBe(503);
      expect(test.json()).toMatchObject({ task_id: null, celery_working: false });
      const processing = await send('POST', '/api/logs/process/');
      expect(processing.status).toBe(202);
      expect(processing.json()).toMatchObject({
        message: expect.stringMatching(/^Redis does not answer: .* stored when Redis is back\.$/),
        task_id: expect.any(String),
      });
      expect((await send('POST', '/api/logs/clear-queue/')).status).toBe(503);
      const blueprint = await post('/api/blueprints/', { name: 'While Redis is away', mapping_data: {} });
      expect(blueprint.status).toBe(201);
      const { id } = blueprint.json();
      expect((await send('GET', '/api/blueprints/')).json()).toEqual([blueprint.json()]);
      expect(await get(`/api/blueprints/${id}/`)).toEqual(blueprint.json());
      expect((await post(`/api/blueprints/${id}/apply/`, {})).status).toBe(200);

      await redis.start();
      await modeIs('queue');
      await askUntil(
        async () => {
          await send('POST', '/api/logs/process/');
          return results();
        },
        (found) => found.length === 2,
      );
      expect(new Set((await results()).map((one) => one['track_id']))).toEqual(new Set([1, 2]));
    });
  });
});

describe('a client of system D, with its blueprints', () => {
  const MAPPING = {
    stores: {
      main: {
        zones: [
          {
            name: 'door',
            points: [
              [0, 0],
              [0.5, 0],
              [0.5, 0.5],
              [0, 0.5],
            ],
          },
        ],
        note: 'x',
      },
    },
    cameras: { cam1: { url: 'rtsp://camera.example', resolution: [1920, 1080] } },
    calibration: {
      cam1: {
        matrix: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
      },
    },
  };
  const BLUEPRINT = { name: 'Ground floor', description: 'As built', mapping_data: MAPPING, is_active: true };

  let api: TestApi;
  let send: Send;

  beforeAll(async () => {
    api = await startTestApi();
    send = await clientOf(api);
    for (const store of ['north', 'south']) await ours('POST', '/api/v1/stores', { store_id: store });
  });

  beforeEach(() =>
    api.app.get(DataSource).query('TRUNCATE blueprints, blueprint_versions, store_mapping_revisions'),
  );

  afterAll(() => api.close());

  const ours = (method: string, address: string, json?: unknown): Promise<Answer> =>
    send(
      method,
      address,
      json === undefined
        ? {}
        : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(json) },
    );

  async function created(body: object = BLUEPRINT): Promise<Record<string, unknown>> {
    const answer = await ours('POST', '/api/blueprints/', body);
    expect(answer.status).toBe(201);
    return answer.json();
  }

  const zonesOf = async (store: string): Promise<unknown> =>
    (await ours('GET', `/api/v1/stores/${store}/mapping`)).json()['zones'];

  it('creates one in its form, and finds it as it was given', async () => {
    const blueprint = await created({ ...BLUEPRINT, notes: { by: 'us' } });
    expect(blueprint).toMatchObject({ ...BLUEPRINT, id: expect.any(String), notes: { by: 'us' } });
    for (const address of [`/api/blueprints/${blueprint['id']}/`, `/api/blueprints/${blueprint['id']}`])
      expect((await ours('GET', address)).json()).toEqual(blueprint);
    for (const address of ['/api/blueprints/', '/api/blueprints'])
      expect((await ours('GET', address)).json()).toEqual([blueprint]);
    expect((await ours('GET', '/data/blueprints/')).json()).toMatchObject([{ name: 'Ground floor' }]);
  });

  it('sends back what it read, changed', async () => {
    const blueprint = await created();
    const address = `/api/blueprints/${blueprint['id']}/`;
    const changed = await ours('PUT', address, { ...blueprint, description: 'Rebuilt' });
    expect(changed.status).toBe(200);
    expect(changed.json()).toMatchObject({ ...BLUEPRINT, description: 'Rebuilt' });
    // Once more with what was read before the change.
    expect((await ours('PUT', address, { ...blueprint, id: 17 })).json()).toMatchObject(BLUEPRINT);
  });

  it('applies one to the current mapping, makes another of that, and applies it to a store with the same zones', async () => {
    const { id } = await created();
    const applied = await ours('POST', `/api/blueprints/${id}/apply/`, {});
    expect(applied.status).toBe(200);
    expect(applied.json()).toMatchObject({
      message: expect.stringContaining('Ground floor'),
      store: 'default',
      changed: true,
    });
    const made = await ours('POST', '/api/blueprints/create-from-current/', { name: 'Snapshot' });
    expect(made.status).toBe(201);
    expect(made.json()).toMatchObject({ name: 'Snapshot', mapping_data: MAPPING, is_active: true });
    expect(
      (await ours('POST', `/api/blueprints/${made.json()['id']}/apply/`, { store: 'north' })).status,
    ).toBe(200);
    expect((await ours('POST', `/api/blueprints/${id}/apply`, { store_id: 'south', who: 'me' })).status).toBe(
      200,
    );
    expect(await zonesOf('north')).toHaveLength(1);
    expect(await zonesOf('north')).toEqual(await zonesOf('default'));
    expect(await zonesOf('south')).toEqual(await zonesOf('default'));
  });

  it('may apply without a body, and again without an effect', async () => {
    const { id } = await created();
    expect((await ours('POST', `/api/blueprints/${id}/apply/`)).json()).toMatchObject({ changed: true });
    expect((await ours('POST', `/api/blueprints/${id}/apply/`)).json()).toMatchObject({ changed: false });
  });

  it('makes one of the mapping without saying a name', async () => {
    const { id } = await created();
    await ours('POST', `/api/blueprints/${id}/apply/`);
    const made = await ours('POST', '/api/blueprints/create-from-current/');
    expect(made.status).toBe(201);
    expect(made.json()['name']).toMatch(/^default as of \d{4}-/);
  });

  it('is told that there is no mapping yet, and that one is not active', async () => {
    expect((await ours('POST', '/api/blueprints/create-from-current/', { name: 'x' })).status).toBe(409);
    const { id } = await created({ ...BLUEPRINT, is_active: false });
    expect((await ours('POST', `/api/blueprints/${id}/apply/`)).status).toBe(409);
  });

  it('removes one for good; what was made of it stays', async () => {
    const { id } = await created();
    await ours('POST', `/api/blueprints/${id}/apply/`);
    const removed = await ours('DELETE', `/api/blueprints/${id}/`);
    expect(removed.status).toBe(204);
    expect(removed.bytes).toHaveLength(0);
    expect((await ours('GET', '/api/blueprints/')).json()).toEqual([]);
    for (const [method, address, body] of [
      ['GET', `/api/blueprints/${id}/`, undefined],
      ['PUT', `/api/blueprints/${id}/`, BLUEPRINT],
      ['DELETE', `/api/blueprints/${id}/`, undefined],
      ['POST', `/api/blueprints/${id}/apply/`, {}],
    ] as const)
      expect((await ours(method, address, body)).status).toBe(404);
    expect(await zonesOf('default')).toHaveLength(1);
    await created();
  });

  it.each([NOBODY, 'unknown', '1', '%00', '..%2F..%2Fetc'])(
    'is told that there is no blueprint %s',
    async (id) => {
      for (const [method, address] of [
        ['GET', `/api/blueprints/${id}/`],
        ['DELETE', `/api/blueprints/${id}/`],
        ['POST', `/api/blueprints/${id}/apply/`],
      ] as const)
        expect((await ours(method, address)).status).toBe(404);
      expect((await ours('PUT', `/api/blueprints/${id}/`, BLUEPRINT)).status).toBe(404);
    },
  );

  it.each(OTHER_BODIES)('is told that %s is not read, and nothing is done', async (_, sent) => {
    const { id } = await created();
    for (const [method, address] of [
      ['POST', '/api/blueprints/'],
      ['PUT', `/api/blueprints/${id}/`],
      ['POST', `/api/blueprints/${id}/apply/`],
      ['POST', '/api/blueprints/create-from-current/'],
    ] as const) {
      const answer = await send(method, address, sent);
      expect(answer.status).toBe(415);
      expect(answer.json()).toMatchObject({ status: 415, detail: NOT_READ });
    }
    expect((await ours('GET', '/api/blueprints/')).json()).toHaveLength(1);
    expect(await zonesOf('default')).toEqual([]);
  });

  it('is refused what can not be used', async () => {
    const bad: unknown[] = [
      {},
      { name: '' },
      { name: 17 },
      { ...BLUEPRINT, name: 'x'.repeat(201) },
      [],
      null,
    ];
    for (const body of bad) expect((await ours('POST', '/api/blueprints/', body)).status).toBe(400);
    const { id } = await created();
    expect((await ours('POST', '/api/blueprints/', BLUEPRINT)).status).toBe(409);
    expect((await ours('POST', `/api/blueprints/${id}/apply/`, { store: 'of mars' })).status).toBe(404);
    expect((await ours('POST', `/api/blueprints/${id}/apply/`, { store: { a: 1 } })).status).toBe(400);
    expect((await ours('POST', '/api/blueprints/create-from-current/', { name: 7 })).status).toBe(400);
    const unread = await send('POST', '/api/blueprints/', {
      headers: { 'Content-Type': 'application/json' },
      body: '{"name": ',
    });
    expect(unread.status).toBe(400);
  });
});
