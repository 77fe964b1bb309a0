import { readFileSync } from 'node:fs';
import type supertest from 'supertest';
import { DataSource } from 'typeorm';
import { LinkingChore } from '../src/movements/linking/linking.chore.js';
import type { MovementEvent } from '../src/movements/movement-event.js';
import { MovementsService } from '../src/movements/movements.service.js';
import { UserIds } from '../src/movements/privacy/user-ids.js';
import { MovementWriter } from '../src/movements/storing/movement.writer.js';
import { waitFor } from '../src/platform/wait.js';
import { startTestApi, type TestApi } from './support/application.js';
import { movementEvent } from './support/movement-events.js';

const ROUTE = '/api/v1/movements';
const NDJSON = 'application/x-ndjson';

/** The example of the earlier system. */
const EXAMPLE = {
  user_id: 'USER123',
  track_id: 1,
  bbox: [100, 100, 200, 200],
  state: 'walking',
  store: 'Store A',
};

describe('movement events', () => {
  let api: TestApi;
  let db: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    db = api.app.get(DataSource);
  });

  // Stores first, as everybody takes them: what the test before has sent may be worked out still.
  beforeEach(() =>
    db.query(
      `TRUNCATE stores, movement_events, movement_event_ids, movement_dead_letters, movement_touched, movement_sessions,
                zone_visits, line_crossings, session_heat, store_presence CASCADE`,
    ),
  );

  afterEach(() => jest.restoreAllMocks());

  afterAll(() => api.close());

  const send = (body: object | string, type = 'application/json'): supertest.Test =>
    api.http
      .post(ROUTE)
      .set('Content-Type', type)
      .send(typeof body === 'string' ? body : JSON.stringify(body));

  const makeStore = (store_id: string, name?: string, aliases: string[] = []): supertest.Test =>
    api.http.post('/api/v1/stores').send({ store_id, name, aliases }).expect(201);

  const agoText = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

  interface Shown {
    user_id: string;
    event_id: string;
    store: string;
    store_id: string | null;
  }

  async function listed(query: Record<string, string> = {}): Promise<Shown[]> {
    const { body } = await api.http.get(ROUTE).query(query).expect(200);
    return (body as { data: Shown[] }).data;
  }

  async function idsOf(query: Record<string, string> = {}): Promise<string[]> {
    return (await listed(query)).map(({ event_id }) => event_id);
  }

  describe('that are sent', () => {
    it('are stored as the example of the earlier system says it, with a hash for the person', async () => {
      const { body } = await send(EXAMPLE).expect(202);
      expect(body).toEqual({
        accepted: 1,
        repeated: 0,
        event_ids: [expect.stringMatching(/^[0-9a-f-]{36}$/)],
        dropped_members: {},
        redis_connected: false,
        stored: true,
      });
      expect(await listed()).toEqual([
        {
          event_id: body.event_ids[0],
          store: 'Store A',
          store_id: null,
          user_id: expect.stringMatching(/^[0-9a-f]{64}$/),
          track_id: 1,
          camera_id: null,
          bbox: [100, 100, 200, 200],
          bbox_format: 'xyxy',
          frame: null,
          state: 'walking',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/),
          received_at: expect.any(String),
          confidence: null,
          role: null,
        },
      ]);
      const rows = await db.query('SELECT * FROM movement_events');
      expect(JSON.stringify(rows)).not.toContain('USER123');
      expect(readFileSync(api.environment.userIdSecretFile, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    });

    it('come in lists and lines, and one that comes again is one', async () => {
      const events = [
        { ...EXAMPLE, event_id: '1' },
        { ...EXAMPLE, event_id: '2' },
      ];
      await send(events).expect(202);
      const lines = `${JSON.stringify({ ...EXAMPLE, event_id: '3' })}\r\n\n${JSON.stringify(events[0])}\n`;
      const { body } = await send(lines, NDJSON).expect(202);
      expect(body).toMatchObject({ accepted: 2, event_ids: ['3', '1'] });
      expect((await idsOf()).toSorted()).toEqual(['1', '2', '3']);
    });

    it('are one where a request holds the same twice, however the store is written', async () => {
      const event = { ...EXAMPLE, event_id: 'twice' };
      const { body } = await send([event, event, { ...event, store: 'STORE A' }]).expect(202);
      expect(body).toMatchObject({ accepted: 1, repeated: 2, event_ids: ['twice', 'twice', 'twice'] });
      expect(await idsOf()).toEqual(['twice']);
    });

    it('are refused where one id of a store stands for two events, but not where it does for two stores', async () => {
      const event = { ...EXAMPLE, event_id: 'x' };
      const { body } = await send([event, { ...event, track_id: 2 }]).expect(409);
      expect(body).toMatchObject({ errors: [{ pointer: '/1/event_id', code: 'event_id_conflict' }] });
      await send([event, { ...event, track_id: 2 }, { ...event, bbox: null }]).expect(400);
      expect(await idsOf()).toEqual([]);
      await send([event, { ...event, track_id: 2, store: 'Store B' }]).expect(202);
      expect(await idsOf()).toEqual(['x', 'x']);
    });

    it('leave images of people behind, and tell how many', async () => {
      const { body } = await send([
        { ...EXAMPLE, faces: ['data:image/png;base64,AAAA'], image: 'x' },
        { ...EXAMPLE, faces: [] },
      ]).expect(202);
      expect(body.dropped_members).toEqual({ faces: 2, image: 1 });
    });

    it('are done once under an Idempotency-Key', async () => {
      const ask = (): supertest.Test => send(EXAMPLE).set('Idempotency-Key', 'movements-1').expect(202);
      const [first, second] = [await ask(), await ask()];
      expect(second.body).toEqual(first.body);
      expect(await idsOf()).toHaveLength(1);
    });

    it('are not certain to be kept when the database is away, and may be sent again soon', async () => {
      const store = jest.spyOn(api.app.get(MovementWriter, { strict: false }), 'store');
      store.mockRejectedValueOnce(
        Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
      );
      const event = { ...EXAMPLE, event_id: 'again' };
      const { body, headers } = await send(event).expect(503);
      expect(body).toMatchObject({
        type: 'urn:storewatch:problem:database_away',
        detail: expect.stringContaining('Send them again'),
      });
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
      await send(event).expect(202);
      expect(await idsOf()).toEqual(['again']);
    });

    it('are known by what the client calls a person where hashing is off', async () => {
      api.environment.hashUserIds = false;
      try {
        await send({ ...EXAMPLE, event_id: 'plain' }).expect(202);
        expect(await listed({ user_id: 'USER123' })).toMatchObject([
          { event_id: 'plain', user_id: 'USER123' },
        ]);
      } finally {
        api.environment.hashUserIds = true;
      }
    });
  });

  describe('that are bad', () => {
    it('are refused with every problem and where it is, and with all that came along', async () => {
      const { body } = await send([EXAMPLE, {}, { ...EXAMPLE, bbox: [2, 2, 1, 1], user_id: 7 }]).expect(400);
      expect(body).toMatchObject({
        type: 'urn:storewatch:problem:bad_events',
        detail: '2 of 3 events are bad, so nothing of the request was kept.',
      });
      expect(body.errors.map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`)).toEqual([
        '/1/user_id user_id_missing',
        '/1/store store_missing',
        '/1/track_id track_id_missing',
        '/1/bbox bbox_missing',
        '/1/state state_missing',
        '/2/user_id user_id_number',
        '/2/bbox bbox_reversed',
      ]);
      expect(await idsOf()).toEqual([]);
    });

    it('are told that there are none, in a list and in lines', async () => {
      for (const [body, type] of [
        ['[]', 'application/json'],
        ['\n \n', NDJSON],
      ] as const) {
        const answer = await send(body, type).expect(400);
        expect(answer.body.detail).toMatch(/is empty\. It has to hold .*\.$/);
      }
    });

    it('are told by their line', async () => {
      const { body } = await send(`\n${JSON.stringify(EXAMPLE)}\n{no\n`, NDJSON).expect(400);
      expect(body.errors).toEqual([
        { pointer: '/2', code: 'bad_body', detail: expect.stringMatching(/^Line 3: This is no JSON/) },
      ]);
    });

    it('are told of a hundred times, and how many more there are', async () => {
      const { body } = await send(Array.from({ length: 1_000 }, () => ({}))).expect(400);
      expect(body.errors).toHaveLength(100);
      expect(body.detail).toContain('there are 4,900 more');
    });

    it('are refused beyond a thousand and beyond 2 MB', async () => {
      const many = Array.from({ length: 10_000 }, () => 0);
      expect((await send(many).expect(413)).body.detail).toContain('at most 1,000 events');
      await send(many.join('\n'), NDJSON).expect(413);
      await send({ ...EXAMPLE, image: 'x'.repeat(2_100_000) }).expect(413);
      await send('{}', 'text/plain').expect(415);
      expect(await idsOf()).toEqual([]);
    });

    it.each([
      ['nothing', '', 400],
      ['half of it', '{"user_id": ', 400],
      ['a depth of 10,000', '['.repeat(10_000) + ']'.repeat(10_000), 400],
      [
        'a member that is nested 10,000 deep',
        JSON.stringify(EXAMPLE).replace('{', `{"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},`),
        202,
      ],
      [
        'a number too large for a number',
        JSON.stringify(EXAMPLE).replace('"track_id":1', '"track_id":1e400'),
        400,
      ],
      ['a box of numbers too large', JSON.stringify(EXAMPLE).replace('200]', '1e400]'), 400],
      ['half a character', JSON.stringify(EXAMPLE).replace('USER123', String.raw`\ud800`), 400],
      ['a NUL', JSON.stringify(EXAMPLE).replace('USER123', String.raw`a\u0000b`), 400],
      [
        'the machinery of objects',
        JSON.stringify(EXAMPLE).replace(
          '{',
          '{"__proto__":{"store":"b"},"constructor":{"prototype":{"polluted":1}},',
        ),
        202,
      ],
      [
        'thousands of unknown members',
        JSON.stringify({
          ...EXAMPLE,
          ...Object.fromEntries(Array.from({ length: 50_000 }, (_, place) => [`m${place}`, 0])),
        }),
        202,
      ],
    ])('may hold %s', async (_, body, status) => {
      const before = performance.now();
      const answer = await send(body).expect(status);
      expect(performance.now() - before).toBeLessThan(5_000);
      expect(JSON.stringify(answer.body).length).toBeLessThan(20_000);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(await idsOf()).toHaveLength(status === 202 ? 1 : 0);
    });
  });

  describe('that are looked at', () => {
    it('are shown the newest first, page by page, each once', async () => {
      const timestamp = agoText(5);
      const events = Array.from({ length: 7 }, (_, place) => ({
        ...EXAMPLE,
        event_id: `e${place}`,
        // Most of one instant, and under one id for two names.
        ...(place < 5 ? { timestamp } : {}),
      }));
      await send([...events, { ...EXAMPLE, event_id: 'e0', timestamp, store: 'Store B' }]).expect(202);
      const seen: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const { body } = await api.http
          .get(ROUTE)
          .query({ limit: '3', ...(cursor === undefined ? {} : { cursor }) })
          .expect(200);
        seen.push(...(body.data as Shown[]).map(({ event_id, store }) => `${event_id} ${store}`));
        cursor = body.next_cursor as string | null;
      }
      expect(seen).toEqual([
        'e6 Store A',
        'e5 Store A',
        'e4 Store A',
        'e3 Store A',
        'e2 Store A',
        'e1 Store A',
        'e0 Store B',
        'e0 Store A',
      ]);
    });

    it('are found by store, person, track, camera and time', async () => {
      await makeStore('s1', 'Main Street', ['Hauptstraße']);
      const at = agoText(10);
      await send([
        { ...EXAMPLE, event_id: 'mapped', store: 'main street', camera_id: 'door', timestamp: at },
        { ...EXAMPLE, event_id: 'other', store: 'Nowhere', track_id: 2, user_id: 'SOMEBODY ELSE' },
      ]).expect(202);
      for (const query of [
        { store: 's1' },
        { store: 'MAIN STREET' },
        { store: 'hauptstrASSE'.replace('SS', 'ß') },
        { user_id: 'USER123' },
        { track_id: '1' },
        { camera_id: 'door' },
        { to: agoText(9) },
        { from: at, to: agoText(9), store: 's1', user_id: 'USER123', track_id: '1', camera_id: 'door' },
      ] as Record<string, string>[])
        expect(await idsOf(query)).toEqual(['mapped']);
      for (const query of [
        { store: 'NOWHERE' },
        { user_id: 'SOMEBODY ELSE' },
        { track_id: '2' },
        { from: agoText(9) },
      ] as Record<string, string>[])
        expect(await idsOf(query)).toEqual(['other']);
      for (const query of [{ store: 'S1' }, { user_id: 'user123' }, { to: at }] as Record<string, string>[])
        expect(await idsOf(query)).toEqual([]);
      const [event] = await listed({ store: 's1' });
      expect(event).toMatchObject({ store: 'main street', store_id: 's1', camera_id: 'door' });
      expect(await idsOf({ user_id: event!.user_id })).toEqual(['mapped']);
    });

    it.each([
      'limit=0',
      'limit=-1',
      'limit=1e9',
      'limit=NaN',
      'limit=10&limit=20',
      'limit[$gt]=1',
      'cursor=x',
      `cursor=${Buffer.from('[1,2]').toString('base64url')}`,
      `cursor=${Buffer.from('[1,2,"\\u0000",""]').toString('base64url')}`,
      `cursor=${Buffer.from('[1e300,2,"a",""]').toString('base64url')}`,
      `cursor=${Buffer.from('[1,3000000000,"a",""]').toString('base64url')}`,
      'store=a&store=b',
      'store=',
      `store=${'x'.repeat(201)}`,
      'store=a%00',
      'user_id=a&user_id=b',
      'user_id[a]=1',
      'track_id=1.5',
      'track_id=9007199254740993',
      'track_id=',
      'from=yesterday',
      'from=2026-01-01T00:00:00',
      'from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z',
      'colour=red',
      'toString=1',
    ])('are not by ?%s', (query) => api.http.get(`${ROUTE}?${query}`).expect(400));

    it('are counted for those who want pages by number', async () => {
      await send(Array.from({ length: 5 }, (_, place) => ({ ...EXAMPLE, event_id: `e${place}` }))).expect(
        202,
      );
      const movements = api.app.get(MovementsService, { strict: false });
      const pages = await Promise.all([1, 2, 3, 4].map((page) => movements.page(page, 2)));
      expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5]);
      expect(pages.map(({ events }) => events.map(({ event_id }) => event_id))).toEqual([
        ['e4', 'e3'],
        ['e2', 'e1'],
        ['e0'],
        [],
      ]);
      expect(await movements.queueLength()).toBe(0);
      expect(await movements.connected()).toBe(false);
      expect(await movements.clear()).toBe(0);
    });
  });

  describe('of a person who is erased', () => {
    const until = async (reached: () => Promise<boolean>): Promise<void> =>
      expect(await waitFor(async () => ((await reached()) ? true : null), 20_000)).toBe(true);

    const someoneWaitsFor = async (kind: 'advisory' | 'transactionid'): Promise<boolean> =>
      (
        await db.query(
          `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE NOT granted AND locktype = $1 AND datname = current_database()`,
          [kind],
        )
      ).length > 0;

    it('are gone, with all that was worked out of them, and those of others stay', async () => {
      await makeStore('s1');
      await send([
        { ...EXAMPLE, store: 's1', event_id: 'mine' },
        { ...EXAMPLE, store: 'Nowhere', event_id: 'mine too'.replace(' ', '-') },
        { ...EXAMPLE, store: 's1', event_id: 'theirs', user_id: 'SOMEBODY ELSE' },
      ]).expect(202);
      const kept = api.app.get(UserIds, { strict: false }).keep('USER123');
      const writer = api.app.get(MovementWriter, { strict: false });
      const letter = (content: MovementEvent | string) => ({
        reason: 'unreadable' as const,
        detail: 'It is none.',
        content,
      });
      await writer.store(
        [],
        [
          letter(movementEvent('dead', { userId: kept })),
          letter('{"user_id": "USER123", no'),
          letter('"USER1234"'),
        ],
      );
      await db.query(
        `INSERT INTO movement_sessions VALUES (1, 1, '', $1, 0, 1, 1, 0), (1, 1, '', 'other', 0, 1, 1, 0)`,
        [kept],
      );
      const { body } = await api.http.delete(ROUTE).query({ user_id: 'USER123' }).expect(200);
      expect(body).toEqual({ events: 2, sessions: 1, waiting_events: 0, dead_letters: 2, cleared_rows: 0 });
      expect(await idsOf()).toEqual(['theirs']);
      expect(await db.query('SELECT user_id FROM movement_touched')).toHaveLength(1);
      const again = await api.http.delete(ROUTE).query({ user_id: 'USER123' }).expect(200);
      expect(again.body).toMatchObject({ events: 0, sessions: 0, dead_letters: 0 });
    });

    it('do not come back by being sent again', async () => {
      const event = { ...EXAMPLE, event_id: 'once', timestamp: agoText(1) };
      await send(event).expect(202);
      await api.http.delete(ROUTE).query({ user_id: 'USER123' }).expect(200);
      await send(event).expect(202);
      expect(await idsOf()).toEqual([]);
    });

    it('are gone though they were being stored when that began', async () => {
      const writer = api.app.get(MovementWriter, { strict: false });
      const userId = api.app.get(UserIds, { strict: false }).keep('USER123');
      // Whoever stores has to wait for this one, in the middle of it.
      const inTheWay = db.createQueryRunner();
      await inTheWay.startTransaction();
      await inTheWay.query(
        `INSERT INTO movement_event_ids (store_key, event_id, unmapped_name, digest) VALUES (0, 'under-way', 'store a', 0)`,
      );
      const storing = writer.store([movementEvent('under-way', { store: 'Store A', userId })]);
      await until(() => someoneWaitsFor('transactionid'));
      let isOver = false;
      const erasing = api.http.delete(ROUTE).query({ user_id: 'USER123' });
      const erased = erasing.expect(200).then(({ body }) => {
        isOver = true;
        return body as object;
      });
      await until(async () => isOver || (await someoneWaitsFor('advisory')));
      await inTheWay.rollbackTransaction();
      await inTheWay.release();
      expect(await storing).toMatchObject({ stored: 1 });
      expect(await erased).toMatchObject({ events: 1 });
      expect(await db.query('SELECT * FROM movement_events')).toEqual([]);
    });

    it('do not come back with data that were cleared', async () => {
      await makeStore('s1');
      await send({ ...EXAMPLE, store: 's1' }).expect(202);
      await send({ ...EXAMPLE, store: 's1', user_id: 'SOMEBODY ELSE', event_id: 'theirs' }).expect(202);
      await api.http.delete('/api/v1/data').expect(200);
      const { body } = await api.http.delete(ROUTE).query({ user_id: 'USER123' }).expect(200);
      expect(body).toMatchObject({ events: 0, cleared_rows: expect.any(Number) });
      expect(body.cleared_rows).toBeGreaterThanOrEqual(1);
      await api.http.post('/api/v1/data/restore').send({}).expect(200);
      expect(await idsOf()).toEqual(['theirs']);
    });

    it.each([
      '',
      '?user_id=',
      '?user_id=a&user_id=b',
      '?user=a',
      '?user_id=a&store=b',
      `?user_id=${'x'.repeat(257)}`,
    ])('are not by DELETE %s', (query) => api.http.delete(`${ROUTE}${query}`).expect(400));
  });

  describe('that could not be stored', () => {
    const clash = { ...EXAMPLE, event_id: 'clash', timestamp: agoText(3) };

    it('are shown with the reason, without the id of a person, and stored when they are replayed', async () => {
      await send(clash).expect(202);
      await send({ ...clash, track_id: 2 }).expect(202);
      const writer = api.app.get(MovementWriter, { strict: false });
      await writer.store(
        [],
        [{ reason: 'unreadable', detail: 'It is none.', content: '{"user_id": "USER123", no' }],
      );
      const { body } = await api.http.get(`${ROUTE}/dead-letters`).expect(200);
      expect(body).toMatchObject({
        total: 2,
        next_cursor: null,
        data: [
          {
            reason: 'unreadable',
            event_id: null,
            content: expect.stringMatching(/^\{"user_id": "[0-9a-f]{64}", no$/),
          },
          { reason: 'event_id_conflict', event_id: 'clash', store: 'Store A' },
        ],
      });
      expect(JSON.stringify(body)).not.toContain('USER123');
      const [unreadable, other] = body.data as { id: number; content: string }[];
      expect(JSON.parse(other!.content)).toMatchObject({
        event_id: 'clash',
        track_id: 2,
        timestamp: expect.any(String),
      });

      const replayed = await api.http.post(`${ROUTE}/dead-letters/replay`).send({}).expect(200);
      expect(replayed.body).toEqual({
        replayed: 1,
        failed: 1,
        next_cursor: null,
        letters: [
          { id: unreadable!.id, outcome: 'failed', detail: expect.stringContaining('no JSON') },
          { id: other!.id, outcome: 'stored', detail: null },
        ],
      });
      expect((await idsOf()).toSorted()).toEqual(['clash', expect.stringMatching(/^clash~/)]);
      const none = await api.http
        .post(`${ROUTE}/dead-letters/replay`)
        .send({ ids: [other!.id] })
        .expect(200);
      expect(none.body).toMatchObject({ replayed: 0, failed: 1 });
    });

    it('are stored for a person by their hash when they can be read by now', async () => {
      const writer = api.app.get(MovementWriter, { strict: false });
      const content = JSON.stringify({ ...EXAMPLE, faces: ['x'] });
      await writer.store([], [{ reason: 'unreadable', detail: 'It lay ahead.', content }]);
      const { body } = await api.http.post(`${ROUTE}/dead-letters/replay`).send({}).expect(200);
      expect(body).toMatchObject({ replayed: 1, failed: 0 });
      expect(await listed({ user_id: 'USER123' })).toMatchObject([
        {
          event_id: expect.stringMatching(/^dead-letter-\d+$/),
          user_id: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ]);
      expect((await api.http.get(`${ROUTE}/dead-letters`).expect(200)).body).toMatchObject({ total: 0 });
    });

    it('are shown page by page', async () => {
      await send(clash).expect(202);
      for (const track_id of [2, 3, 4]) await send({ ...clash, track_id }).expect(202);
      const seen: number[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const { body } = await api.http
          .get(`${ROUTE}/dead-letters`)
          .query({ limit: '2', ...(cursor === undefined ? {} : { cursor }) })
          .expect(200);
        seen.push(...(body.data as { content: string }[]).map(({ content }) => JSON.parse(content).track_id));
        cursor = body.next_cursor as string | null;
      }
      expect(seen).toEqual([4, 3, 2]);
      await api.http.get(`${ROUTE}/dead-letters?cursor=x`).expect(400);
      await api.http.post(`${ROUTE}/dead-letters/replay`).send({ cursor: 'x' }).expect(400);
      const cursor = Buffer.from('9').toString('base64url');
      await api.http
        .post(`${ROUTE}/dead-letters/replay`)
        .send({ ids: [1], cursor })
        .expect(400);
    });

    it.each([
      { ids: [] },
      { ids: ['a'] },
      { ids: [0] },
      { ids: 'all' },
      { id: 1 },
      { ids: Array.from({ length: 501 }, () => 1) },
    ])('are not replayed by %j', (body) =>
      api.http.post(`${ROUTE}/dead-letters/replay`).send(body).expect(400),
    );
  });

  describe('of a name that no store has', () => {
    const link = (name: string, store_id: string): supertest.Test =>
      api.http.post(`${ROUTE}/unmapped/link`).send({ name, store_id });

    interface Linked {
      alias_added: boolean;
      linked: number;
      repeated: number;
      conflicts: number;
      complete: boolean;
    }

    const touched = (): Promise<unknown[]> => db.query('SELECT * FROM movement_touched');

    it('are counted under it, in the order of the names', async () => {
      await makeStore('t1', 'Twin');
      await makeStore('t2', 'Twin');
      await send([
        { ...EXAMPLE, timestamp: agoText(9) },
        { ...EXAMPLE, store: 'STORE A' },
        { ...EXAMPLE, store: 'twin' },
      ]).expect(202);
      const { body } = await api.http.get(`${ROUTE}/unmapped`).expect(200);
      expect(body).toEqual({
        data: [
          {
            name: expect.stringMatching(/^store a$/i),
            events: 2,
            first_seen: expect.any(String),
            last_seen: expect.any(String),
            stores: [],
          },
          {
            name: 'twin',
            events: 1,
            first_seen: expect.any(String),
            last_seen: expect.any(String),
            stores: ['t1', 't2'],
          },
        ],
        next_cursor: null,
      });
      expect(body.data[0].first_seen < body.data[0].last_seen).toBe(true);
      const first = await api.http.get(`${ROUTE}/unmapped?limit=1`).expect(200);
      const second = await api.http
        .get(`${ROUTE}/unmapped`)
        .query({ limit: '1', cursor: first.body.next_cursor })
        .expect(200);
      expect([...first.body.data, ...second.body.data]).toEqual(body.data);
    });

    it('become those of the store that it is linked to, and later ones too', async () => {
      await makeStore('s1');
      await send([
        { ...EXAMPLE, event_id: '1' },
        { ...EXAMPLE, event_id: '2', store: 'store a' },
        { ...EXAMPLE, event_id: '3', store: 'Nowhere' },
      ]).expect(202);
      expect(await touched()).toEqual([]);
      const { body } = await link('Store A', 's1').expect(200);
      expect(body).toEqual({
        name: 'Store A',
        store_id: 's1',
        alias_added: true,
        linked: 2,
        repeated: 0,
        conflicts: 0,
        complete: true,
      });
      await send({ ...EXAMPLE, event_id: '4' }).expect(202);
      expect((await idsOf({ store: 's1' })).toSorted()).toEqual(['1', '2', '4']);
      expect(await idsOf({ store: 'nowhere' })).toEqual(['3']);
      expect((await listed({ store: 's1' })).map(({ store, store_id }) => `${store} ${store_id}`)).toContain(
        'store a s1',
      );
      expect(await touched()).not.toEqual([]);
      const ids = await db.query('SELECT event_id FROM movement_event_ids WHERE store_key = 0');
      expect(ids).toEqual([{ event_id: '3' }]);
      const again = await link('STORE A', 's1').expect(200);
      expect(again.body).toMatchObject({ alias_added: false, linked: 0 });
    });

    it('are not doubled where the store has them already, and kept apart where it has others', async () => {
      await makeStore('s1');
      const timestamp = agoText(4);
      const same = { ...EXAMPLE, event_id: 'same', timestamp, confidence: 0.123456789 };
      const other = { ...EXAMPLE, event_id: 'other', timestamp };
      await send([same, other]).expect(202);
      await send([
        { ...same, store: 's1' },
        { ...other, store: 's1', track_id: 9 },
      ]).expect(202);
      const { body } = await link('Store A', 's1').expect(200);
      expect(body).toMatchObject({ linked: 0, repeated: 1, conflicts: 1 });
      expect((await idsOf()).toSorted()).toEqual(['other', 'same']);
      const letters = await api.http.get(`${ROUTE}/dead-letters`).expect(200);
      expect(letters.body.data).toMatchObject([{ reason: 'event_id_conflict', event_id: 'other' }]);
    });

    it('are not doubled though their ids are forgotten', async () => {
      await makeStore('s1');
      const event = { ...EXAMPLE, event_id: 'same', timestamp: agoText(4) };
      await send([event, { ...event, store: 's1' }]).expect(202);
      await db.query('TRUNCATE movement_event_ids');
      expect((await link('Store A', 's1').expect(200)).body).toMatchObject({ linked: 0, repeated: 1 });
      expect(await idsOf()).toEqual(['same']);
    });

    it('are as many as there are, though many are moved at a time', async () => {
      await makeStore('s1');
      for (let round = 0; round < 5; round += 1)
        await send(Array.from({ length: 1_000 }, () => ({ ...EXAMPLE }))).expect(202);
      expect((await link('Store A', 's1').expect(200)).body).toMatchObject({ linked: 5_000, complete: true });
      expect(
        await db.query('SELECT count(*)::int AS count FROM movement_events WHERE store_key <> 0'),
      ).toEqual([{ count: 5_000 }]);
    });

    it('are all linked once, whoever links and sends at the same time', async () => {
      await makeStore('s1');
      const batch = (from: number, length: number): object[] =>
        Array.from({ length }, (_, place) => ({ ...EXAMPLE, event_id: `e${from + place}` }));
      for (let round = 0; round < 3; round += 1) await send(batch(round * 1_000, 1_000)).expect(202);
      const sending = Promise.all(
        [60, 61, 62, 63, 64, 65].map((round) => send(batch(round * 50, 50)).expect(202)),
      );
      const told = (await Promise.all([1, 2, 3].map(() => link('Store A', 's1').expect(200)))).map(
        ({ body }) => body as Linked,
      );
      await sending;
      // Where the machine is busy, one that links tells that its patience was over before all was moved.
      do told.push((await link('Store A', 's1').expect(200)).body as Linked);
      while (!told.at(-1)!.complete && told.length < 20);
      const sum = (of: (one: Linked) => number): number => told.reduce((all, one) => all + of(one), 0);
      const linked = sum((one) => one.linked);
      const answers = JSON.stringify(told);
      expect({
        answers,
        isDone: told.at(-1)!.complete,
        added: sum((one) => Number(one.alias_added)),
        // Those that came after the name belong to the store already.
        areOfThePast: linked >= 3_000 && linked <= 3_300,
        others: sum((one) => one.repeated + one.conflicts),
      }).toEqual({ answers, isDone: true, added: 1, areOfThePast: true, others: 0 });
      const [row] = await db.query(
        `SELECT count(*)::int AS rows, count(DISTINCT event_id)::int AS ids, min(store_key) > 0 AS linked FROM movement_events`,
      );
      expect(row).toEqual({ rows: 3_300, ids: 3_300, linked: true });
      const [ids] = await db.query(
        'SELECT count(*)::int AS ids, min(store_key) > 0 AS linked FROM movement_event_ids',
      );
      expect(ids).toEqual({ ids: 3_300, linked: true });
    });

    it('become those of a store that is made later, or gets the name', async () => {
      await send([
        { ...EXAMPLE, event_id: 'by-name' },
        { ...EXAMPLE, event_id: 'by-id', store: 'S9' },
        { ...EXAMPLE, event_id: 'not-by-id', store: 's9' },
      ]).expect(202);
      const chore = api.app.get(LinkingChore, { strict: false });
      await chore.run();
      await makeStore('S9', 'store a');
      await chore.run();
      expect((await idsOf({ store: 'S9' })).toSorted()).toEqual(['by-id', 'by-name']);
      await api.http
        .put('/api/v1/stores/S9')
        .send({ aliases: ['S9'] })
        .expect(200);
      await chore.run();
      expect((await idsOf({ store: 'S9' })).toSorted()).toEqual(['by-id', 'by-name', 'not-by-id']);
    });

    it('stay where they are when the name leads elsewhere', async () => {
      await makeStore('s1', 'Twin');
      await makeStore('s2', 'Twin');
      await makeStore('s3', undefined, ['Store A']);
      await send({ ...EXAMPLE, store: 'twin', event_id: 'twin' }).expect(202);
      await link('twin', 's3').expect(409);
      await link('Store A', 's1').expect(409);
      await link('s2', 's1').expect(409);
      await link('Store B', 'nobody').expect(404);
      expect(await idsOf({ store: 'twin' })).toEqual(['twin']);
    });

    it('stay where they are when the store has as many names as there may be', async () => {
      await makeStore(
        's1',
        'Main Street',
        Array.from({ length: 50 }, (_, place) => `alias ${place}`),
      );
      expect((await link('Store A', 's1').expect(409)).body.type).toBe(
        'urn:storewatch:problem:too_many_aliases',
      );
      expect((await link('ALIAS 7', 's1').expect(200)).body).toMatchObject({ alias_added: false });
    });

    it.each([
      {},
      { name: 'a' },
      { store_id: 's1' },
      { name: '', store_id: 's1' },
      { name: 'x'.repeat(201), store_id: 's1' },
      { name: 'a\u0000', store_id: 's1' },
      { name: 'a', store_id: 1 },
      { name: 'a', store_id: 's1', force: true },
    ])('are not linked by %j', (body) => api.http.post(`${ROUTE}/unmapped/link`).send(body).expect(400));
  });
});
