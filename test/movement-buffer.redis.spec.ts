import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { DirectStoring } from '../src/movements/buffer/direct-storing.js';
import { FlushRequests } from '../src/movements/buffer/flush-requests.js';
import { MovementBuffer } from '../src/movements/buffer/movement-buffer.js';
import { elementOf, eventOf } from '../src/movements/buffer/movement-element.js';
import { MovementFlusher } from '../src/movements/buffer/movement-flusher.js';
import { MovementLists, type OwnList, ownList } from '../src/movements/buffer/movement-lists.js';
import { RawEvents } from '../src/movements/buffer/raw-events.js';
import { WaitingEvents } from '../src/movements/buffer/waiting-events.js';
import { DigestTask } from '../src/movements/digest/digest-task.js';
import type { MovementEvent } from '../src/movements/movement-event.js';
import { Person } from '../src/movements/privacy/person.js';
import { DeadLetters } from '../src/movements/storing/dead-letters.js';
import { MovementWriter, type Stored } from '../src/movements/storing/movement.writer.js';
import { Problem } from '../src/platform/problem.js';
import { WorkQueue } from '../src/platform/queue/work-queue.js';
import { waitFor } from '../src/platform/wait.js';
import { WorkerModule } from '../src/worker.module.js';
import { startTestApi, type TestApi, testLogger } from './support/application.js';
import { movementEvent } from './support/movement-events.js';
import { RedisProcesses } from './support/redis-topologies.js';

const PATIENCE_MS = 20_000;
const LIMIT = 5_000;
const LIST = 'movement_logs';

describe('the buffer of movement events', () => {
  let servers: RedisProcesses;
  let client: Redis;
  let api: TestApi;
  let db: DataSource;
  let buffer: MovementBuffer;
  let lists: MovementLists;
  let flusher: MovementFlusher;
  let waiting: WaitingEvents;

  beforeAll(async () => {
    servers = await RedisProcesses.create();
    const port = await servers.single(['--appendonly', 'yes']);
    client = new Redis(port, '127.0.0.1');
    api = await startTestApi({
      redisUrl: `redis://127.0.0.1:${port}`,
      movementBufferLimit: LIMIT,
      movementFlushMs: 3_600_000,
    });
    db = api.app.get(DataSource);
    buffer = api.app.get(MovementBuffer);
    lists = api.app.get(MovementLists);
    flusher = api.app.get(MovementFlusher);
    waiting = api.app.get(WaitingEvents);
  });

  beforeEach(async () => {
    await client.config('SET', 'maxmemory', '0', 'appendonly', 'yes', 'maxmemory-policy', 'noeviction');
    await client.flushall();
    await db.query(
      'TRUNCATE stores, movement_events, movement_event_ids, movement_dead_letters, movement_touched CASCADE',
    );
    await until(async () => (await buffer.push([movementEvent('first')])) === 'buffered');
    await client.flushall();
    await db.query('TRUNCATE movement_events, movement_event_ids');
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

  const numbered = (count: number, from = 0): MovementEvent[] =>
    Array.from({ length: count }, (_, place) => movementEvent(`e${String(from + place).padStart(5, '0')}`));

  async function storedIds(): Promise<string[]> {
    const rows: { event_id: string }[] = await db.query('SELECT event_id FROM movement_events ORDER BY 1');
    return rows.map((row) => row.event_id);
  }

  const idsOf = (events: readonly MovementEvent[]): string[] => events.map(({ eventId }) => eventId);

  async function take(most: number): Promise<OwnList> {
    const own = ownList(randomUUID());
    await lists.take(own, most);
    return own;
  }

  const leaseEnds = (own: OwnList): Promise<number> => client.del(`${own}:lease`);

  /** Another worker's. */
  const anotherFlusher = (writer: MovementWriter = api.app.get(MovementWriter)): MovementFlusher =>
    new MovementFlusher(lists, writer, api.app.get(RawEvents));

  /** A writer to whom something happens. */
  const writerThat = (
    store: (real: MovementWriter, ...given: Parameters<MovementWriter['store']>) => Promise<Stored>,
  ): MovementWriter => {
    const real = api.app.get(MovementWriter);
    return {
      store: (...given: Parameters<MovementWriter['store']>) => store(real, ...given),
    } as unknown as MovementWriter;
  };

  async function nothingIsLeft(): Promise<void> {
    expect(await client.keys('*movement_logs*')).toEqual([]);
  }

  it('shows in the list what waits, and stores it once', async () => {
    const events = numbered(1_234);
    expect(await buffer.push(events)).toBe('buffered');
    expect(await client.llen(LIST)).toBe(1_234);
    expect(await buffer.length()).toBe(1_234);
    expect(await storedIds()).toEqual([]);
    await flusher.drain();
    expect(await storedIds()).toEqual(idsOf(events));
    await nothingIsLeft();
  });

  it('takes what a worker left that died with its batch, in its order and before the others', async () => {
    const events = numbered(700);
    await buffer.push(events);
    const own = await take(500);
    expect(await lists.reclaim()).toBe(0);
    await leaseEnds(own);
    expect(await lists.reclaim()).toBe(500);
    const left = await client.lrange(LIST, 0, -1);
    expect(left.map((element) => eventOf(element)!.eventId)).toEqual(idsOf(events));
    await flusher.drain();
    expect(await storedIds()).toEqual(idsOf(events));
    await nothingIsLeft();
  });

  it('stores nothing twice of a worker that died between its commit and its last word to Redis', async () => {
    const events = numbered(600);
    await buffer.push(events);
    const own = await take(500);
    await api.app.get(MovementWriter).store(events.slice(0, 500));
    await leaseEnds(own);
    await lists.reclaim();
    await flusher.drain();
    expect(await storedIds()).toEqual(idsOf(events));
    await nothingIsLeft();
  });

  it('stores nothing twice when a lease ends while its holder is storing', async () => {
    const events = numbered(100);
    await buffer.push(events);
    const slow = writerThat(async (real, ...given) => {
      for (const own of await lists.taken()) await leaseEnds(own);
      await lists.reclaim();
      // Somebody else stores them first.
      await flusher.drain();
      return real.store(...given);
    });
    await anotherFlusher(slow).drain();
    expect(await storedIds()).toEqual(idsOf(events));
    await nothingIsLeft();
  });

  it('lets several workers store at once', async () => {
    const events = numbered(LIMIT);
    await buffer.push(events);
    await Promise.all([flusher, anotherFlusher(), anotherFlusher()].map((one) => one.drain()));
    expect(await storedIds()).toEqual(idsOf(events));
    await nothingIsLeft();
  });

  it('keeps a batch while the database is away, and stores it when it is back', async () => {
    await buffer.push(numbered(10));
    let attempts = 0;
    const away = writerThat((real, ...given) => {
      attempts++;
      if (attempts < 3) return Promise.reject(new Error('connect ECONNREFUSED'));
      return real.store(...given);
    });
    await anotherFlusher(away).drain();
    expect(attempts).toBe(3);
    expect(await storedIds()).toHaveLength(10);
    await nothingIsLeft();
  });

  it('hands its batch back at once when the process ends while the database is away', async () => {
    await buffer.push(numbered(10));
    let refused = 0;
    const away = writerThat(() => {
      refused++;
      return Promise.reject(new Error('connect ECONNREFUSED'));
    });
    const ending = anotherFlusher(away);
    const drained = ending.drain();
    await until(() => Promise.resolve(refused > 0));
    expect(await client.llen(LIST)).toBe(0);
    await ending.onModuleDestroy();
    await drained;
    expect(await client.llen(LIST)).toBe(10);
    expect(await client.keys('{movement_logs}:*')).toEqual([]);
  });

  it('removes with a clearing exactly what waits, and stores the batch that was taken', async () => {
    await buffer.push(numbered(30));
    const own = await take(20);
    expect(await waiting.clear()).toBe(10);
    expect(await waiting.clear()).toBe(0);
    await leaseEnds(own);
    await lists.reclaim();
    await flusher.drain();
    expect(await storedIds()).toHaveLength(20);
  });

  it('refuses all of a request, with 429, that would be more than may wait', async () => {
    await buffer.push(numbered(LIMIT - 1));
    await expect(buffer.push(numbered(2, LIMIT))).rejects.toMatchObject({ status: 429 });
    expect(await client.llen(LIST)).toBe(LIMIT - 1);
    expect(await buffer.push(numbered(1, LIMIT))).toBe('buffered');
    expect(await storedIds()).toEqual([]);
  });

  describe('when somebody else writes to the list', () => {
    let read: jest.SpyInstance;

    beforeEach(() => {
      read = jest.spyOn(api.app.get(RawEvents), 'read').mockImplementation((text) => {
        const { user_id: userId, state } = JSON.parse(text) as { user_id: string; state: string };
        return Promise.resolve(movementEvent(randomUUID(), { userId, state }));
      });
    });

    const raw = JSON.stringify({ user_id: 'USER123', track_id: 1, bbox: [1, 1, 2, 2], state: 'walking' });

    it('stores events in the form of clients, once, though their first holder dies', async () => {
      await client.rpush(LIST, raw, elementOf(movementEvent('own')), raw);
      const dies = writerThat(async (real, ...given) => {
        await real.store(...given);
        for (const own of await lists.taken()) await leaseEnds(own);
        await lists.reclaim();
        return { stored: 0, duplicates: 0, deadLettered: 0 };
      });
      const first = anotherFlusher(dies);
      const drained = first.drain();
      await until(async () => (await storedIds()).length === 3);
      await first.onModuleDestroy();
      await drained;
      await flusher.drain();
      expect(await storedIds()).toHaveLength(3);
      expect(read).toHaveBeenCalledTimes(2);
      await nothingIsLeft();
    });

    it('does not write to a batch that is no longer its own', async () => {
      await client.rpush(LIST, raw);
      const own = await take(1);
      await leaseEnds(own);
      await lists.reclaim();
      expect(await lists.replace(own, new Map([[0, 'x']]))).toBe(false);
      expect(await client.lrange(LIST, 0, -1)).toEqual([raw]);
    });

    it('keeps what is no event as a dead letter with its text, and stores the others', async () => {
      const sentence = 'It is no event.';
      read.mockImplementation(() => Promise.reject(new Problem(400, 'bad_movements', sentence)));
      await client.rpush(LIST, 'no JSON', '{"user_id":7}', elementOf(movementEvent('own')));
      await flusher.drain();
      expect(await storedIds()).toEqual(['own']);
      const kept = await api.app.get(DeadLetters).list(null, 10);
      expect(kept.map(({ reason, content }) => [reason, content]).sort()).toEqual([
        ['unreadable', 'no JSON'],
        ['unreadable', '{"user_id":7}'],
      ]);
      expect(kept.every(({ detail }) => detail === sentence)).toBe(true);
      await nothingIsLeft();
    });
  });

  describe('when Redis may not keep what it is given', () => {
    it.each([
      ['it writes no append-only file', ['appendonly', 'no']],
      ['it evicts', ['maxmemory-policy', 'allkeys-lru']],
      ['it is nearly full', ['maxmemory', '1mb']],
    ])('stores straight in the database: %s', async (_, [name, value]) => {
      await client.config('SET', name!, value!);
      let round = 0;
      await until(async () => (await buffer.push([movementEvent(`round-${round++}`)])) === 'stored');
      expect(await storedIds()).toContain(`round-${round - 1}`);
      expect(await client.llen(LIST)).toBe(round - 1);
    });

    it('stores in the database what a full Redis refuses, and works off what it holds', async () => {
      const held = numbered(1_500);
      await buffer.push(held);
      const own = await take(10);
      await client.rpush(LIST, '{"raw":true}');
      jest
        .spyOn(api.app.get(RawEvents), 'read')
        .mockImplementation(() => Promise.resolve(movementEvent('raw')));
      await client.config('SET', 'maxmemory', '1');
      await expect(client.rpush('other', 'x')).rejects.toThrow('OOM');
      // As it knows Redis to be fit still, it has to hear it from Redis.
      expect(await buffer.push([movementEvent('refused')])).toBe('stored');
      await leaseEnds(own);
      expect(await lists.reclaim()).toBe(10);
      await flusher.drain();
      expect(await storedIds()).toEqual([...idsOf(held), 'raw', 'refused']);
      await nothingIsLeft();
    });
  });

  it('stores an event once that Redis took but did not say so', async () => {
    const event = movementEvent('slow');
    const add = lists.add.bind(lists);
    jest.spyOn(lists, 'add').mockImplementation(async (...given) => {
      await add(...given);
      return new Promise<never>(() => undefined);
    });
    expect(await buffer.push([event])).toBe('stored');
    expect(await client.llen(LIST)).toBe(1);
    await flusher.drain();
    expect(await storedIds()).toEqual(['slow']);
    await nothingIsLeft();
  });

  it('removes a person from what waits, and waits for the batches that others are storing', async () => {
    const somebody = (place: number): Partial<MovementEvent> =>
      place % 3 === 0 ? { userId: 'forget' } : { userId: 'keep' };
    const events = Array.from({ length: 3_000 }, (_, place) => movementEvent(`e${place}`, somebody(place)));
    await buffer.push(events);
    const own = await take(300);
    let isOver = false;
    const removed = waiting.removePerson(new Person('forget', (id) => id)).finally(() => {
      isOver = true;
    });
    await until(async () => (await client.llen(LIST)) === 1_800);
    expect(isOver).toBe(false);
    await leaseEnds(own);
    expect(await removed).toBe(1_000);
    expect(await client.llen(LIST)).toBe(2_000);
    await flusher.drain();
    const [row] = await db.query(
      `SELECT count(*)::int AS count FROM movement_events WHERE user_id = 'forget'`,
    );
    expect(row.count).toBe(0);
  });

  it('waits for a batch that was taken while a person was looked for', async () => {
    await buffer.push([movementEvent('theirs', { userId: 'forget' }), ...numbered(5)]);
    const some = lists.some.bind(lists);
    let own: OwnList | null = null;
    jest.spyOn(lists, 'some').mockImplementation(async (...given) => {
      own ??= await take(3);
      return some(...given);
    });
    let isOver = false;
    const removed = waiting.removePerson(new Person('forget', (id) => id)).finally(() => {
      isOver = true;
    });
    const reclaim = jest.spyOn(lists, 'reclaim');
    await until(() => Promise.resolve(isOver || reclaim.mock.calls.length > 0));
    expect(isOver).toBe(false);
    await leaseEnds(own!);
    expect(await removed).toBe(1);
    await flusher.drain();
    expect(await storedIds()).toHaveLength(5);
  });

  it('keeps what is too long for an index as a dead letter, and stores the others', async () => {
    // Somebody wrote it there in the form of our own; at random, so that it can't be compressed.
    const userId = Array.from({ length: 200 }, () => randomUUID()).join('');
    await client.rpush(LIST, elementOf(movementEvent('long', { userId })), elementOf(movementEvent('other')));
    await flusher.drain();
    expect(await storedIds()).toEqual(['other']);
    expect(await api.app.get(DeadLetters).list(null, 10)).toMatchObject([
      { reason: 'not_storable', eventId: 'long' },
    ]);
    await nothingIsLeft();
  });

  it('holds on to a batch for another lease when its holder says so', async () => {
    await buffer.push(numbered(1));
    const own = await take(1);
    await client.pexpire(`${own}:lease`, 1_000);
    await lists.renew(own);
    expect(await client.pttl(`${own}:lease`)).toBeGreaterThan(1_000);
    // What has ended is not held again.
    await leaseEnds(own);
    await lists.renew(own);
    expect(await lists.reclaim()).toBe(1);
  });

  it('holds no more in the memory of a process than it can store soon, and refuses the rest', async () => {
    const store = jest.spyOn(api.app.get(MovementWriter), 'store');
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    store.mockImplementation(async () => {
      await released;
      return { stored: 0, duplicates: 0, deadLettered: 0 };
    });
    const direct = new DirectStoring(api.app.get(MovementWriter), {
      ...api.environment,
      movementBufferLimit: 100_000_000,
    });
    const many = numbered(1_000);
    const kept = Array.from({ length: 50 }, () => direct.store(many));
    await expect(direct.store(many)).rejects.toMatchObject({ status: 429, code: 'too_many_waiting' });
    release();
    await Promise.all(kept);
  });

  it('comes before what events mean, while much of it waits', async () => {
    const digest = api.app.get(DigestTask);
    await db.query(
      `INSERT INTO movement_touched (store_key, camera_id, track_id, user_id, from_us, to_us)
       VALUES (1, '', 1, 'x', 1, 1)`,
    );
    await until(async () => (await digest.unfinished()).length === 1);
    await lists.add(numbered(10_001).map(elementOf), 20_000);
    expect(await digest.unfinished()).toEqual([]);
    await waiting.clear();
    expect(await digest.unfinished()).toHaveLength(1);
  });

  describe('with a worker', () => {
    let worker: INestApplicationContext;

    beforeEach(async () => {
      worker = await NestFactory.createApplicationContext(
        WorkerModule.forRoot(
          { environment: api.environment, databaseUrl: api.databaseUrl },
          { queues: ['movements'], concurrency: 1 },
        ),
        { logger: testLogger(), abortOnError: false },
      );
    });

    afterEach(() => worker.close());

    it('lets it store as soon as a batch is full, and whenever it is asked to', async () => {
      const drain = jest.spyOn(worker.get(MovementFlusher, { strict: false }), 'drain');
      await buffer.push(numbered(600));
      await until(async () => (await storedIds()).length === 600);
      // Until it has found that no more wait, it would take these as well.
      await Promise.all(drain.mock.results.map(({ value }) => value as Promise<number>));
      await buffer.push(numbered(3, 600));
      expect(await client.llen(LIST)).toBe(3);
      expect(await api.app.get(FlushRequests).request()).toMatch(/^flush-/);
      await until(async () => (await storedIds()).length === 603);
      await until(async () => (await client.keys('{movement_logs}*')).length === 0);
    });
  });

  it('lets a worker store at the next round what fills no batch', async () => {
    const worker = await NestFactory.createApplicationContext(
      WorkerModule.forRoot(
        { environment: { ...api.environment, movementFlushMs: 100 }, databaseUrl: api.databaseUrl },
        { queues: ['movements'], concurrency: 1 },
      ),
      { logger: testLogger(), abortOnError: false },
    );
    try {
      // Else it might store them as one that stands in for workers.
      await until(async () => (await api.app.get(WorkQueue).workers('movements')) === 1);
      expect(await buffer.push(numbered(3))).toBe('buffered');
      await until(async () => (await storedIds()).length === 3);
      expect(await client.llen(LIST)).toBe(0);
    } finally {
      await worker.close();
    }
  });

  it('is worked off by the server itself when nobody else does it', async () => {
    await buffer.push(numbered(20));
    const alone = await startTestApi({ redisUrl: api.environment.redisUrl, movementFlushMs: 50 });
    try {
      const its = alone.app.get(DataSource);
      await until(async () => (await its.query('SELECT FROM movement_events')).length === 20);
      expect(await client.llen(LIST)).toBe(0);
    } finally {
      await alone.close();
    }
  });

  it('takes no person from what waits in a Redis that does not answer, and leaves the rest of them until it does', async () => {
    const away = await startTestApi({ redisUrl: 'redis://127.0.0.1:1' });
    const route = '/api/v1/movements';
    try {
      const event = { user_id: 'U', track_id: 1, bbox: [1, 1, 2, 2], state: 'walking', store: 'a' };
      await away.http.post(route).send(event).expect(202);
      const { body, headers } = await away.http.delete(route).query({ user_id: 'U' }).expect(503);
      expect(body).toMatchObject({ type: 'urn:storewatch:problem:redis_away' });
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
      const left = await away.http.get(route).query({ user_id: 'U' }).expect(200);
      expect(left.body.data).toHaveLength(1);
    } finally {
      await away.close();
    }
  });

  it('works in a cluster', async () => {
    const ports = await servers.cluster();
    for (const port of ports) {
      const node = new Redis(port, '127.0.0.1');
      await node.config('SET', 'appendonly', 'yes');
      node.disconnect();
    }
    const nodes = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const other = await startTestApi({ redisUrl: `redis+cluster://${nodes}`, movementFlushMs: 3_600_000 });
    try {
      const { dataSource, itsBuffer } = {
        dataSource: other.app.get(DataSource),
        itsBuffer: other.app.get(MovementBuffer),
      };
      let pushed = 0;
      await until(async () => (await itsBuffer.push([movementEvent(`e${pushed++}`)])) === 'buffered');
      await itsBuffer.push(numbered(700));
      expect(await itsBuffer.length()).toBe(701);
      await other.app.get(MovementFlusher).drain();
      expect(await itsBuffer.length()).toBe(0);
      const [row] = await dataSource.query('SELECT count(*)::int AS count FROM movement_events');
      expect(row.count).toBe(700 + pushed);
    } finally {
      await other.close();
    }
  });
});
