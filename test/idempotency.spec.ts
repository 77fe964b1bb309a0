import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { LivePollsService } from '../src/ingestion/live/live-polls.service.js';
import { IdempotencyKeys } from '../src/platform/http/idempotency-keys.js';
import { ReportsService } from '../src/reports/index.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { loadFiles } from './support/stores.js';

const POLLS = TWO_STORES['store_status.csv'];

describe('requests with an Idempotency-Key', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
    await loadFiles(api, TWO_STORES);
  });

  afterAll(() => api.close());
  afterEach(() => jest.restoreAllMocks());

  const post = (route: string, key: string, body: object | string = {}) =>
    api.http.post(`/api/v1/${route}`).set('Idempotency-Key', key).send(body);

  async function count(table: 'reports' | 'imports' | 'idempotency_keys'): Promise<number> {
    const [row] = await database.query(`SELECT count(*)::int AS rows FROM ${table}`);
    return row.rows;
  }

  const WAYS: [string, () => Parameters<typeof post>][] = [
    ['a report', () => ['reports', randomUUID(), { force: true, label: 'once' }]],
    ['an import of the data folder', () => ['imports', randomUUID(), { source: 'directory', force: true }]],
    [
      'live polls',
      () => [
        'polls',
        randomUUID(),
        { store_id: '0012', status: 'active', timestamp_utc: '2023-01-18T17:00:00Z' },
      ],
    ],
    ['a new store', () => ['stores', randomUUID(), { store_id: randomUUID() }]],
  ];

  it.each(WAYS)('make %s once, and get the same answer again', async (_what, request) => {
    const sent = request();
    const first = await post(...sent);
    expect(first.status).toBeLessThan(300);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const reports = await count('reports');
    const imports = await count('imports');
    const second = await post(...sent);
    expect(second.status).toBe(first.status);
    expect(second.text).toBe(first.text);
    expect(second.headers['idempotent-replayed']).toBe('true');
    for (const header of ['location', 'retry-after', 'etag', 'content-type'])
      expect([header, second.headers[header]]).toEqual([header, first.headers[header]]);
    expect([await count('reports'), await count('imports')]).toEqual([reports, imports]);
  });

  it.each(WAYS)('are refused for %s when the key was sent with another body', async (_what, request) => {
    const [route, key, body] = request();
    await post(route, key, body).expect(({ status }) => expect(status).toBeLessThan(300));
    const { body: problem } = await post(route, key, { ...(body as object), label: 'other' }).expect(422);
    expect(problem.type).toBe('urn:storewatch:problem:idempotency_key_reused');
  });

  it.each(WAYS)('are the same for %s when the members stand in another order', async (_what, request) => {
    const [route, key, body] = request();
    const first = await post(route, key, body);
    const turned = Object.fromEntries(Object.entries(body as object).toReversed());
    const second = await post(route, key, turned).expect(first.status);
    expect(second.text).toBe(first.text);
    expect(second.headers['idempotent-replayed']).toBe('true');
  });

  it('are two when the items of a list stand in another order, or are text and not numbers', async () => {
    const polls = ['17:00:00', '17:30:00'].map((time) => ({
      store_id: '0012',
      status: 'active',
      timestamp_utc: `2023-01-18T${time}Z`,
    }));
    const [key, other] = [randomUUID(), randomUUID()];
    await post('polls', key, polls).expect(202);
    await post('reports', other, { label: '1' }).expect(202);
    const answers = [
      await post('polls', key, polls.toReversed()),
      await post('reports', other, { label: 1 }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422]);
  });

  it('are one report and 200 equal answers when 200 come at once', async () => {
    const before = await count('reports');
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => post('reports', key, { label: 'many', force: true })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(199);
    expect(await count('reports')).toBe(before + 1);
  });

  it('take the same key for something else on another route', async () => {
    const key = randomUUID();
    await post('reports', key, { force: true }).expect(202);
    await post('imports', key, { source: 'directory', force: true })
      .expect(202)
      .expect((answer) => expect(answer.headers['idempotent-replayed']).toBeUndefined());
  });

  it.each(['', ' ', 'x'.repeat(256), 'tab\there', 'caf\u00e9'])(
    'are refused with the key %j',
    async (key) => {
      const before = await count('reports');
      await post('reports', key).expect(400);
      expect(await count('reports')).toBe(before);
    },
  );

  it('take the longest key that is allowed', async () => {
    const { body } = await post('reports', 'k'.repeat(255)).expect(202);
    expect((await post('reports', 'k'.repeat(255)).expect(202)).body).toEqual(body);
  });

  it('free the key of a request that failed here, or was refused', async () => {
    const key = randomUUID();
    jest.spyOn(ReportsService.prototype, 'trigger').mockRejectedValueOnce(new Error('no luck'));
    await post('reports', key, { label: 'again' }).expect(500);
    await post('reports', key, { windows: 'odd' }).expect(400);
    const { headers } = await post('reports', key, { label: 'again' }).expect(202);
    expect(headers['idempotent-replayed']).toBeUndefined();
    await post('reports', key, { label: 'again' }).expect('Idempotent-Replayed', 'true');
  });

  describe('while the first is at work', () => {
    /** Holds the handler of live polls until it is let go. */
    function hold(): { entered: Promise<void>; letGo: () => void } {
      let letGo = (): void => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      const entered = new Promise<void>((resolve) => {
        const accept = LivePollsService.prototype.accept;
        jest.spyOn(LivePollsService.prototype, 'accept').mockImplementationOnce(async function (
          this: LivePollsService,
          ...given
        ) {
          resolve();
          await gate;
          return accept.apply(this, given);
        });
      });
      return { entered, letGo };
    }

    const poll = { store_id: '0012', status: 'active', timestamp_utc: '2023-01-18T16:00:00Z' };

    it('wait for its answer', async () => {
      const key = randomUUID();
      const { entered, letGo } = hold();
      const first = post('polls', key, poll).then((answer) => answer);
      await entered;
      const second = post('polls', key, poll).then((answer) => answer);
      letGo();
      expect((await second).text).toBe((await first).text);
      expect((await second).headers['idempotent-replayed']).toBe('true');
    });

    it('are told after three seconds to come again, and at once when their body is another', async () => {
      const key = randomUUID();
      const { entered, letGo } = hold();
      const first = post('polls', key, poll).then((answer) => answer);
      await entered;
      await post('polls', key, { ...poll, status: 'inactive' }).expect(422);
      await post('polls', key, poll)
        .expect(409)
        .expect('Retry-After', '1')
        .expect(({ body }) => expect(body.type).toBe('urn:storewatch:problem:idempotency_key_in_use'));
      letGo();
      expect((await first).status).toBe(202);
    });

    it('take over what a process left that died', async () => {
      const key = randomUUID();
      await database.query(
        `INSERT INTO idempotency_keys (scope, key, fingerprint, token, lease_until)
         VALUES ('POST /api/v1/polls', $1, 'x', $2, clock_timestamp() - interval '1 second')`,
        [key, randomUUID()],
      );
      const { headers } = await post('polls', key, poll).expect(202);
      expect(headers['idempotent-replayed']).toBeUndefined();
    });

    it('get the answer of another process as soon as it is there', async () => {
      const key = randomUUID();
      const done = await post('polls', randomUUID(), poll).expect(202);
      await database.query(
        `INSERT INTO idempotency_keys (scope, key, fingerprint, token, lease_until)
         VALUES ('POST /api/v1/polls', $1, NULL, $2, clock_timestamp() + interval '1 minute')`,
        [key, randomUUID()],
      );
      const look = jest.spyOn(database, 'query');
      const second = post('polls', key, poll).then((answer) => answer);
      while (look.mock.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
      look.mockRestore();
      await database.query(
        `UPDATE idempotency_keys AS k SET status = d.status, headers = d.headers, body = d.body, fingerprint = d.fingerprint
           FROM (SELECT * FROM idempotency_keys WHERE status = 202 AND scope = 'POST /api/v1/polls' ORDER BY created_at DESC LIMIT 1) AS d
          WHERE k.key = $1`,
        [key],
      );
      expect((await second).text).toBe(done.text);
      expect((await second).headers['idempotent-replayed']).toBe('true');
    });
  });

  describe('whose body is a form', () => {
    const send = (key: string, files: readonly string[], fields: Readonly<Record<string, string>> = {}) => {
      const request = api.http.post('/api/v1/imports').set('Idempotency-Key', key);
      for (const [name, value] of Object.entries(fields)) void request.field(name, value);
      for (const [place, file] of files.entries())
        void request.attach('file', Buffer.from(file), `${place}.csv`);
      return request;
    };

    it('are one import, whatever stands between the parts', async () => {
      const key = randomUUID();
      const first = await send(key, [POLLS], { force: 'true' }).expect(202);
      const imports = await count('imports');
      const second = await send(key, [POLLS], { force: 'true' }).expect(202);
      expect(second.text).toBe(first.text);
      expect(second.headers['idempotent-replayed']).toBe('true');
      expect(await count('imports')).toBe(imports);
    });

    it.each([
      ['another file', [`${POLLS}\n`], {}],
      ['a file more', [POLLS, POLLS], {}],
      ['a field more', [POLLS], { force: 'true' }],
    ])('are refused with the key of a form when they have %s', async (_what, files, fields) => {
      const key = randomUUID();
      await send(key, [POLLS]).expect(({ status }) => expect([200, 202]).toContain(status));
      const imports = await count('imports');
      await send(key, files, fields).expect(422);
      expect(await count('imports')).toBe(imports);
    });

    it('free the key when they are refused', async () => {
      const key = randomUUID();
      await send(key, []).expect(400);
      const { headers } = await send(key, [POLLS], { force: 'true' }).expect(202);
      expect(headers['idempotent-replayed']).toBeUndefined();
    });
  });

  describe('about layouts and movements', () => {
    beforeAll(async () => {
      await api.http.post('/api/v1/stores').send({ store_id: 'floor' }).expect(201);
      for (const name of ['One', 'Two'])
        await api.http.put('/api/v1/stores/floor/mapping').send({ name }).expect(200);
    });

    const blueprint = async (): Promise<string> => {
      const { body } = await api.http.post('/api/v1/blueprints').send({ name: randomUUID() }).expect(201);
      return body.id;
    };
    const ROUTES: [string, () => Promise<[string, object]>][] = [
      [
        'a blueprint of a mapping',
        async () => ['blueprints/from-mapping', { store: 'floor', name: randomUUID() }],
      ],
      ['applying a blueprint', async () => [`blueprints/${await blueprint()}/apply`, { store: 'floor' }]],
      ['taking up a revision again', async () => ['stores/floor/mapping/rollback', { to_revision: 1 }]],
      ['trying dead letters again', async () => ['movements/dead-letters/replay', {}]],
      [
        'saying which store a name means',
        async () => ['movements/unmapped/link', { name: 'Floor', store_id: 'floor' }],
      ],
    ];

    it.each(ROUTES)('are one for %s', async (_what, request) => {
      const [route, body] = await request();
      const key = randomUUID();
      const first = await post(route, key, body);
      expect(first.status).toBeLessThan(300);
      expect(first.headers['idempotent-replayed']).toBeUndefined();
      const second = await post(route, key, body);
      expect([second.status, second.text]).toEqual([first.status, first.text]);
      expect(second.headers['idempotent-replayed']).toBe('true');
    });
  });

  it('are forgotten after a day', async () => {
    const key = randomUUID();
    const first = await post('reports', key, { force: true }).expect(202);
    await database.query(
      `UPDATE idempotency_keys SET created_at = created_at - interval '25 hours' WHERE key = $1`,
      [key],
    );
    await api.app.get(IdempotencyKeys).forget();
    expect(await database.query('SELECT FROM idempotency_keys WHERE key = $1', [key])).toEqual([]);
    const second = await post('reports', key, { force: true }).expect(202);
    expect(second.body.id).not.toBe(first.body.id);
  });
});
