import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { ClearedDataChore } from '../src/data/cleared-data.chore.js';
import { MovementFlusher } from '../src/movements/buffer/movement-flusher.js';
import { MovementLists, type OwnList, ownList } from '../src/movements/buffer/movement-lists.js';
import { UserIds } from '../src/movements/privacy/user-ids.js';
import { MovementWriter } from '../src/movements/storing/movement.writer.js';
import { waitFor } from '../src/platform/wait.js';
import { startTestApi, type TestApi } from './support/application.js';
import { layOut, upright, zone } from './support/floor.js';
import { movementEvent } from './support/movement-events.js';
import { RedisProcesses } from './support/redis-topologies.js';

const ROUTE = '/api/v1/movements';
const PERSON = 'USER-4711-x';
const PATIENCE_MS = 20_000;
const LIST = 'movement_logs';

describe('events that wait in Redis', () => {
  let servers: RedisProcesses;
  let port: number;
  let client: Redis;
  let api: TestApi;
  let db: DataSource;
  let lists: MovementLists;
  let flusher: MovementFlusher;

  beforeAll(async () => {
    servers = await RedisProcesses.create();
    port = await servers.single(['--appendonly', 'yes']);
    client = new Redis(port, '127.0.0.1');
    api = await startTestApi({ redisUrl: `redis://127.0.0.1:${port}`, movementFlushMs: 3_600_000 });
    db = api.app.get(DataSource);
    lists = api.app.get(MovementLists, { strict: false });
    flusher = api.app.get(MovementFlusher, { strict: false });
    await api.http.post('/api/v1/stores').send({ store_id: 's1' }).expect(201);
    let round = 0;
    await until(async () => !(await send([`first-${round++}`])).stored);
  });

  beforeEach(async () => {
    await flusher.drain();
    await client.flushall();
    await db.query(
      // Stores first, as everybody takes them.
      `LOCK TABLE stores; TRUNCATE movement_events, movement_event_ids, movement_dead_letters, movement_touched, movement_sessions,
                zone_visits, line_crossings, session_heat, store_presence, idempotency_keys`,
    );
    await db.query('UPDATE cleared_data SET expires_at = clock_timestamp()');
    await api.app.get(ClearedDataChore, { strict: false }).run();
    await db.query(`INSERT INTO stores (store_id) VALUES ('s1') ON CONFLICT DO NOTHING`);
  });

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await api.close();
    client.disconnect();
    await servers.stop();
  });

  async function until(reached: () => Promise<boolean>): Promise<void> {
    expect(await waitFor(async () => ((await reached()) ? true : null), PATIENCE_MS)).toBe(true);
  }

  const eventOf = (event_id: string, members: object = {}): object => ({
    event_id,
    user_id: PERSON,
    track_id: 1,
    bbox: [0.4, 0.4, 0.6, 0.6],
    bbox_format: 'norm',
    state: 'walking',
    store: 's1',
    ...members,
  });

  async function send(ids: readonly string[], members: object = {}): Promise<{ stored: boolean }> {
    const events = ids.map((id) => eventOf(id, members));
    return (await api.http.post(ROUTE).send(events).expect(202)).body as { stored: boolean };
  }

  async function idsOf(): Promise<string[]> {
    const rows: { event_id: string }[] = await db.query('SELECT event_id FROM movement_events ORDER BY 1');
    return rows.map((row) => row.event_id);
  }

  async function take(most: number): Promise<OwnList> {
    const own = ownList(randomUUID());
    await lists.take(own, most);
    return own;
  }

  const hash = (id = PERSON): string => api.app.get(UserIds, { strict: false }).keep(id);

  describe('when all data are cleared', () => {
    it('are cleared with them, counted, and come back with them', async () => {
      await send(['a', 'b', 'c']);
      const { body } = await api.http.delete('/api/v1/data').expect(200);
      expect(body).toMatchObject({ waiting_events: 3, warning: null, counts: { movement_logs: 3 } });
      await flusher.drain();
      expect(await idsOf()).toEqual([]);
      const { body: restored } = await api.http.post('/api/v1/data/restore').send({}).expect(200);
      expect(restored).toMatchObject({ waiting_events: 0, counts: { movement_logs: 3 } });
      expect(await idsOf()).toEqual(['a', 'b', 'c']);
    });

    it('are waited for where a worker has taken them, though it dies with them', async () => {
      await send(['a', 'b', 'c']);
      const own = await take(2);
      let isOver = false;
      const clearing = api.http
        .delete('/api/v1/data')
        .expect(200)
        .then(({ body }) => {
          isOver = true;
          return body as object;
        });
      await until(async () => (await idsOf()).length === 1);
      expect(isOver).toBe(false);
      await client.del(`${own}:lease`);
      expect(await clearing).toMatchObject({ waiting_events: 3, counts: { movement_logs: 3 } });
      await flusher.drain();
      expect(await idsOf()).toEqual([]);
    });

    it('are put away with what was there when a clearing is taken back', async () => {
      await send(['before']);
      const { body } = await api.http.delete('/api/v1/data').expect(200);
      await send(['between']);
      const { body: restored } = await api.http
        .post('/api/v1/data/restore')
        .send({ cleared_id: body.cleared_id })
        .expect(200);
      expect(restored).toMatchObject({ waiting_events: 1, cleared: { counts: { movement_logs: 1 } } });
      await flusher.drain();
      expect(await idsOf()).toEqual(['before']);
    });

    it('put it off, with nothing changed, where they are not stored in time', async () => {
      await send(['a']);
      jest.spyOn(flusher, 'drain').mockResolvedValue(0);
      jest.spyOn(lists, 'taken').mockResolvedValue([ownList('held')]);
      jest.spyOn(performance, 'now').mockReturnValueOnce(-1e9);
      const { body, headers } = await api.http.delete('/api/v1/data').expect(503);
      expect(body.type).toBe('urn:storewatch:problem:still_storing');
      expect(headers['retry-after']).toBeDefined();
      expect((await api.http.get('/api/v1/data/cleared').expect(200)).body.data).toEqual([]);
    });

    it('may come after it, as it says, where Redis does not answer', async () => {
      await send(['waits']);
      jest.spyOn(lists, 'heads').mockRejectedValue(new Error('Command timed out'));
      const { body } = await api.http.delete('/api/v1/data').expect(200);
      expect(body).toMatchObject({ waiting_events: null, warning: expect.stringContaining('Redis') });
      expect(await client.llen(LIST)).toBe(1);
    });
  });

  it('are refused beyond the bound, with a time to come again, and nothing of the request is kept', async () => {
    jest.replaceProperty(api.environment, 'movementBufferLimit', 2);
    await send(['a']);
    const { headers } = await api.http
      .post(ROUTE)
      .send([eventOf('b'), eventOf('c')])
      .expect(429);
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(await client.llen(LIST)).toBe(1);
  });

  describe('in what each part says of itself', () => {
    const movements = async (): Promise<object> =>
      (await api.http.get('/api/v1/health').expect(200)).body.components.movements as object;

    it('are counted, with those that are being stored, and how old the oldest is', async () => {
      await send(['a', 'b', 'c']);
      await take(2);
      await api.app
        .get(MovementWriter, { strict: false })
        .store([], [{ reason: 'unreadable', detail: 'It is none.', content: 'none' }]);
      expect(await movements()).toEqual({
        status: 'ok',
        latency_ms: null,
        detail: expect.stringContaining('1 event could not be stored'),
        way: 'redis',
        waiting: 1,
        in_flight: 2,
        oldest_waiting_seconds: expect.any(Number),
        dead_letters: 1,
      });
    });

    it('are a fault when they wait for long, and when hardly more may wait', async () => {
      await client.rpush(
        LIST,
        JSON.stringify(movementEvent('old', { receivedUs: Date.now() * 1_000 - 100_000_000 })),
      );
      expect(await movements()).toMatchObject({ status: 'ok' });
      jest.replaceProperty(api.environment, 'movementFlushMs', 10_000);
      expect(await movements()).toMatchObject({
        status: 'degraded',
        detail: expect.stringContaining('have waited'),
      });
      await client.del(LIST);
      await send(['a', 'b', 'c', 'd']);
      jest.replaceProperty(api.environment, 'movementBufferLimit', 5);
      expect(await movements()).toMatchObject({
        status: 'degraded',
        detail: '4 of at most 5 events wait; more than that are refused.',
      });
    });

    it('are unknown, soon, while Redis hangs', async () => {
      await client.call('CLIENT', 'PAUSE', '2500', 'ALL');
      const begun = performance.now();
      expect(await movements()).toMatchObject({
        status: 'degraded',
        way: 'database',
        waiting: null,
        in_flight: null,
        oldest_waiting_seconds: null,
      });
      expect(performance.now() - begun).toBeLessThan(2_000);
      await client.ping();
      await until(async () => ((await movements()) as { way: string }).way === 'redis');
    });
  });

  describe('of a person who is erased', () => {
    /** All that the database and Redis hold, as text. */
    async function everything(): Promise<string> {
      const tables: { name: string }[] = await db.query(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND (n.nspname = 'public' OR n.nspname LIKE 'cleared%')`,
      );
      const texts: string[] = [];
      for (const { name } of tables) {
        const rows: { text: string }[] = await db.query(`SELECT t::text AS text FROM ${name} AS t`);
        texts.push(...rows.map(({ text }) => `${name} ${text}`));
      }
      for (const key of await client.keys('*')) {
        const type = await client.type(key);
        const values = type === 'list' ? await client.lrange(key, 0, -1) : [];
        texts.push(key, ...values);
      }
      return texts.join('\n');
    }

    /** Leaves them everywhere: worked out, not worked out, cleared, not storable, told of in an answer, in Redis. */
    async function leaveTraces(): Promise<void> {
      await layOut(api, 's1', {
        zones: [zone('all', [0, 0, 1, 1])],
        lines: [upright('door', 0.5)],
      });
      const move = async (name: string): Promise<void> => {
        const at = (seconds: number): string =>
          new Date(Date.now() - 3_600_000 + seconds * 1_000).toISOString();
        await send([`${name}-1`], { timestamp: at(0), bbox: [0.7, 0.4, 0.9, 0.6] });
        await send([`${name}-2`], { timestamp: at(5), bbox: [0.1, 0.4, 0.3, 0.6] });
        await send([`${name}-other`], { timestamp: at(5), user_id: 'SOMEBODY ELSE' });
        await flusher.drain();
        await api.http.get('/api/v1/stores/s1/zones/metrics').expect(200);
      };
      await move('cleared');
      await client.rpush(LIST, `{"user_id": "${PERSON}", no`);
      await api.http.delete('/api/v1/data').expect(200);
      await api.http.post('/api/v1/stores').send({ store_id: 's1' }).expect(201);
      await layOut(api, 's1', { zones: [zone('all', [0, 0, 1, 1])], lines: [upright('door', 0.5)] });
      await move('worked-out');
      await send(['touched'], { track_id: 9 });
      await send(['unmapped'], { store: 'Nowhere' });
      await client.rpush(
        LIST,
        `{"user_id": "${PERSON}", no`,
        `${PERSON},1,2`,
        JSON.stringify(eventOf('raw-bad', { track_id: 'x' })),
        JSON.stringify(eventOf('raw')),
      );
      await flusher.drain();
      await send(['touched'], { state: 'another' });
      await flusher.drain();
      await api.http
        .post(`${ROUTE}/dead-letters/replay`)
        .set('Idempotency-Key', randomUUID())
        .send({})
        .expect(200);
      await send(['waits']);
      await client.rpush(
        LIST,
        JSON.stringify(eventOf('raw-waits')),
        `"user_id": "${PERSON}" `,
        `${PERSON};9`,
      );
    }

    it.each([
      ['by the id that cameras send', () => PERSON],
      ['by the hash that lists show', () => hash()],
      ['by the hash in capitals', () => hash().toUpperCase()],
    ])('leave no trace anywhere, %s', async (_, named) => {
      await leaveTraces();
      const before = await everything();
      expect(before).toContain(PERSON);
      for (const table of [
        'movement_events',
        'movement_touched',
        'movement_sessions',
        'zone_visits',
        'line_crossings',
        'session_heat',
        'movement_dead_letters',
      ])
        expect(before).toMatch(
          new RegExp(`^(public|cleared_\\w+)\\.${table}\\w* .*(${hash()}|${PERSON})`, 'm'),
        );
      const { body } = await api.http.delete(ROUTE).query({ user_id: named() }).expect(200);
      expect(body).toMatchObject({ waiting_events: 4, dead_letters: expect.any(Number) });
      const after = await everything();
      expect(after).not.toContain(PERSON);
      expect(after).not.toContain(hash());
      expect(after).toContain(hash('SOMEBODY ELSE'));
    });

    it('are no longer counted among what was cleared', async () => {
      await leaveTraces();
      await api.http.delete(ROUTE).query({ user_id: PERSON }).expect(200);
      const { body: list } = await api.http.get('/api/v1/data/cleared').expect(200);
      expect(list.data[0].counts).toMatchObject({ movement_logs: 1 });
      const { body } = await api.http.post('/api/v1/data/restore').send({}).expect(200);
      expect(body.counts).toMatchObject({ movement_logs: 1 });
      expect(await idsOf()).toEqual(['cleared-other']);
      expect(await db.query('SELECT DISTINCT people, anybody FROM store_presence')).toEqual([
        { people: 1, anybody: 1 },
      ]);
    });

    it('do not come back by a dead letter that is replayed at the same moment', async () => {
      const writer = api.app.get(MovementWriter, { strict: false });
      await writer.store([movementEvent('e', { userId: hash() })]);
      await writer.store([movementEvent('e', { userId: hash(), state: 'another' })]);
      const store = writer.store.bind(writer);
      jest.spyOn(writer, 'store').mockImplementation(async (...given) => {
        await api.http.delete(ROUTE).query({ user_id: PERSON }).expect(200);
        return store(...given);
      });
      const { body } = await api.http.post(`${ROUTE}/dead-letters/replay`).send({}).expect(200);
      expect(body).toMatchObject({ replayed: 0, failed: 1 });
      expect(await everything()).not.toContain(hash());
    });

    it('are not shown, nor told of in an answer, by what is wrong with them', async () => {
      await client.rpush(LIST, JSON.stringify(eventOf('number', { user_id: 471_147_114 })));
      await flusher.drain();
      const { text } = await api.http.get(`${ROUTE}/dead-letters`).expect(200);
      const replayed = await api.http.post(`${ROUTE}/dead-letters/replay`).send({}).expect(200);
      expect(text).toContain(hash('471147114'));
      expect(text + replayed.text).not.toContain('471147114');
      await api.http.delete(ROUTE).query({ user_id: '471147114' }).expect(200);
      expect(await everything()).not.toMatch(/471147114/);
    });

    it('are found by their hash where hashing is off by now', async () => {
      await send(['hashed']);
      await flusher.drain();
      jest.replaceProperty(api.environment, 'hashUserIds', false);
      await send(['plain']);
      const { body } = await api.http.delete(ROUTE).query({ user_id: PERSON }).expect(200);
      expect(body).toMatchObject({ events: 1, waiting_events: 1 });
    });
  });
});
