import { DataSource } from 'typeorm';
import { DAY_US } from '../src/platform/instant.js';
import type { MovementEvent } from '../src/movements/movement-event.js';
import { DeadLetters } from '../src/movements/storing/dead-letters.js';
import { lockMovements } from '../src/movements/storing/movement-lock.js';
import { MovementRetention } from '../src/movements/storing/movement-retention.js';
import { MovementWriter } from '../src/movements/storing/movement.writer.js';
import { inTransaction } from '../src/platform/database/connection.js';
import { startTestApi, type TestApi } from './support/application.js';
import { movementEvent, NOON_US } from './support/movement-events.js';

describe('storing movement events', () => {
  let api: TestApi;
  let db: DataSource;
  let writer: MovementWriter;
  let letters: DeadLetters;

  beforeAll(async () => {
    api = await startTestApi();
    db = api.app.get(DataSource);
    writer = api.app.get(MovementWriter);
    letters = api.app.get(DeadLetters);
  });

  beforeEach(async () => {
    await db.query(
      'TRUNCATE stores, movement_events, movement_event_ids, movement_dead_letters, movement_touched CASCADE',
    );
    await db.query(
      `INSERT INTO stores (store_id, name, folded_name, aliases, folded_aliases)
       VALUES ('a', 'Store A', 'store a', '{Old A}', '{old a}'), ('b', 'Twin', 'twin', '{}', '{}'), ('c', 'Twin', 'twin', '{}', '{}')`,
    );
  });

  afterAll(() => api.close());

  const eventIds = async (): Promise<string[]> =>
    (await db.query('SELECT event_id FROM movement_events ORDER BY event_id')).map(
      (row: { event_id: string }) => row.event_id,
    );

  it('keeps every member of an event', async () => {
    const event: MovementEvent = {
      eventId: 'whole',
      store: 'a',
      userId: 'hash',
      trackId: -9_007_199_254_740_991,
      cameraId: 'door',
      bbox: [0.1, -2.5, 1e3, 7],
      bboxFormat: 'norm',
      frame: { w: 1920, h: 1080 },
      state: 'läuft',
      atUs: NOON_US + 1,
      receivedUs: NOON_US + 5_000_001,
      confidence: 0.5,
      role: 'staff',
    };
    expect(await writer.store([event])).toEqual({ stored: 1, duplicates: 0, deadLettered: 0 });
    expect(await db.query('SELECT * FROM movement_events')).toEqual([
      {
        store_key: expect.any(Number),
        at_us: String(NOON_US + 1),
        event_id: 'whole',
        user_id: 'hash',
        track_id: '-9007199254740991',
        camera_id: 'door',
        bbox: [0.1, -2.5, 1e3, 7],
        bbox_format: 'norm',
        frame_w: 1920,
        frame_h: 1080,
        state: 'läuft',
        store_name: 'a',
        unmapped_name: null,
        confidence: 0.5,
        role: 'staff',
        received_us: String(NOON_US + 5_000_001),
      },
    ]);
    expect(await db.query('SELECT store_id, timestamp_utc FROM movement_logs')).toEqual([
      { store_id: 'a', timestamp_utc: new Date(NOON_US / 1_000) },
    ]);
  });

  it('finds stores by id, name and alias, and keeps what leads to none, or to several, under its folded name', async () => {
    const named = ['a', 'STORE A', ' old a', 'twin', 'Nowhere', 'NOWHERE'];
    await writer.store(named.map((store, place) => movementEvent(`e${place}`, { store })));
    expect(
      await db.query(
        `SELECT event_id, store_id, unmapped_name FROM movement_events LEFT JOIN stores USING (store_key) ORDER BY 1`,
      ),
    ).toEqual([
      { event_id: 'e0', store_id: 'a', unmapped_name: null },
      { event_id: 'e1', store_id: 'a', unmapped_name: null },
      { event_id: 'e2', store_id: 'a', unmapped_name: null },
      { event_id: 'e3', store_id: null, unmapped_name: 'twin' },
      { event_id: 'e4', store_id: null, unmapped_name: 'nowhere' },
      { event_id: 'e5', store_id: null, unmapped_name: 'nowhere' },
    ]);
    expect(await db.query('SELECT count(*)::int AS count FROM stores')).toEqual([{ count: 3 }]);
  });

  it('lets the id of a store go before the name of another', async () => {
    await db.query(
      `INSERT INTO stores (store_id, name, folded_name, aliases, folded_aliases)
       VALUES ('named', 'x', 'x', '{}', '{}'), ('x', 'Own name', 'own name', '{}', '{}'),
              ('y', NULL, NULL, '{}', '{}'), ('alias', NULL, NULL, '{Y}', '{y}')`,
    );
    await writer.store(['x', 'X', 'y', 'Y'].map((store, place) => movementEvent(`e${place}`, { store })));
    expect(
      await db.query(
        'SELECT store_name, store_id FROM movement_events JOIN stores USING (store_key) ORDER BY event_id',
      ),
    ).toEqual([
      { store_name: 'x', store_id: 'x' },
      { store_name: 'X', store_id: 'named' },
      { store_name: 'y', store_id: 'y' },
      { store_name: 'Y', store_id: 'alias' },
    ]);
  });

  it('stores an event once, in whatever batches it comes again', async () => {
    const events = ['e1', 'e2', 'e3'].map((id) => movementEvent(id));
    await writer.store([events[0]!, events[0]!, events[1]!]);
    expect(await writer.store(events)).toEqual({ stored: 1, duplicates: 2, deadLettered: 0 });
    // Sent again without a timestamp, it was received later; it says the same.
    const again = movementEvent('e1', { atUs: NOON_US + DAY_US, receivedUs: NOON_US + DAY_US });
    expect(await writer.store([again])).toEqual({ stored: 0, duplicates: 1, deadLettered: 0 });
    expect(await eventIds()).toEqual(['e1', 'e2', 'e3']);
  });

  it('lets an id belong to a store, known or not', async () => {
    const stores = ['a', 'b', 'Nowhere', 'Elsewhere'];
    await writer.store(stores.map((store) => movementEvent('1', { store })));
    expect(await eventIds()).toEqual(['1', '1', '1', '1']);
  });

  it('keeps another event under a known id as a dead letter, once, and replays it under an id of its own', async () => {
    const first = movementEvent('1', { state: 'walking' });
    const other = movementEvent('1', { state: 'sitting' });
    expect(await writer.store([first, other])).toEqual({ stored: 1, duplicates: 0, deadLettered: 1 });
    expect(await writer.store([first, other])).toEqual({ stored: 0, duplicates: 1, deadLettered: 1 });
    const [letter, ...more] = await letters.list(null, 10);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ reason: 'event_id_conflict', eventId: '1', store: 'a', readable: true });
    const replay = (): Promise<unknown> => letters.replay(letter!.id, JSON.parse);
    expect(await replay()).toEqual({ stored: 1, duplicates: 0, deadLettered: 0 });
    expect(await replay()).toBeNull();
    expect(await eventIds()).toEqual(['1', `1~${letter!.id}`]);
  });

  it('keeps what the tables have no room for as a dead letter, and stores the others', async () => {
    const bad: Partial<Record<keyof MovementEvent, unknown>>[] = [
      { state: 'a\u0000b' },
      { userId: '\ud800' },
      { trackId: 1.5 },
      { bbox: [1, 2, 3] },
      { bbox: [1, 2, 3, null] },
      { frame: { w: 2 ** 31, h: 1 } },
      { frame: undefined },
      { atUs: -1 },
      { atUs: Date.UTC(2300, 0) * 1_000 },
    ];
    const events = bad.flatMap((members, place) => [
      movementEvent(`good-${place}`),
      movementEvent(`bad-${place}`, members as Partial<MovementEvent>),
    ]);
    const count = bad.length;
    expect(await writer.store(events)).toEqual({ stored: count, duplicates: 0, deadLettered: count });
    expect((await eventIds()).every((id) => id.startsWith('good-'))).toBe(true);
    expect((await letters.list(null, 100)).map(({ reason }) => reason)).toEqual(
      bad.map(() => 'not_storable'),
    );
  });

  it('finds the one event that the database refuses, and leaves no trace of it among the stored', async () => {
    await db.query(`ALTER TABLE movement_events ADD CONSTRAINT trial CHECK (state <> 'poison')`);
    try {
      const events = Array.from({ length: 21 }, (_, place) =>
        movementEvent(`e${place}`, place === 13 ? { state: 'poison' } : {}),
      );
      expect(await writer.store(events)).toEqual({ stored: 20, duplicates: 0, deadLettered: 1 });
      expect(await eventIds()).not.toContain('e13');
      const [letter] = await letters.list(null, 10);
      expect(letter!.detail).toContain('trial');
      // Refused again, it stays.
      expect(await letters.replay(letter!.id, JSON.parse)).toMatchObject({ deadLettered: 1 });
      expect(await letters.count()).toBe(1);
    } finally {
      await db.query('ALTER TABLE movement_events DROP CONSTRAINT trial');
    }
    const [letter] = await letters.list(null, 10);
    expect(await letters.replay(letter!.id, JSON.parse)).toMatchObject({ stored: 1 });
    expect(await letters.count()).toBe(0);
  });

  it('leaves word of each track, from its first instant to its last, of stores that are known', async () => {
    await writer.store([
      movementEvent('1', { atUs: NOON_US + 2 }),
      movementEvent('2', { atUs: NOON_US + 9 }),
      movementEvent('3', { atUs: NOON_US + 5 }),
      movementEvent('4', { trackId: 8 }),
      movementEvent('5', { store: 'Nowhere' }),
    ]);
    // What is known already gives nothing to do.
    await writer.store([movementEvent('4', { trackId: 8 })]);
    expect(
      await db.query(
        `SELECT camera_id, track_id::int, user_id, from_us::float8, to_us::float8 FROM movement_touched ORDER BY track_id`,
      ),
    ).toEqual([
      { camera_id: 'door', track_id: 7, user_id: 'somebody', from_us: NOON_US + 2, to_us: NOON_US + 9 },
      { camera_id: 'door', track_id: 8, user_id: 'somebody', from_us: NOON_US, to_us: NOON_US },
    ]);
  });

  it('stores the same events from many sides at once, without one lost, twice, or a deadlock', async () => {
    const events = Array.from({ length: 300 }, (_, place) =>
      movementEvent(`e${place}`, {
        atUs: NOON_US + (place % 5) * DAY_US,
        store: ['a', 'b', 'X'][place % 3]!,
      }),
    );
    const sides = await Promise.all(
      [0, 1, 2, 3, 4].map((side) =>
        writer.store([...events.slice(side * 60), ...events.slice(0, side * 60)].reverse()),
      ),
    );
    expect(sides.reduce((sum, { stored }) => sum + stored, 0)).toBe(300);
    expect(await eventIds()).toHaveLength(300);
  });

  it('stores events of more days than one transaction should make partitions for', async () => {
    const events = Array.from({ length: 60 }, (_, place) =>
      movementEvent(`e${place}`, { atUs: NOON_US - place * DAY_US }),
    );
    expect(await writer.store(events)).toMatchObject({ stored: 60 });
    expect(await writer.store(events)).toMatchObject({ duplicates: 60 });
  });

  it('waits for whoever changes what is stored already', async () => {
    let storing: Promise<unknown> = Promise.resolve();
    await inTransaction(db, async (client) => {
      await lockMovements(client);
      storing = writer.store([movementEvent('1', { store: 'Newcomer' })]);
      await client.query(
        `INSERT INTO stores (store_id, name, folded_name) VALUES ('n', 'Newcomer', 'newcomer')`,
      );
    });
    await storing;
    expect(await db.query('SELECT unmapped_name FROM movement_events')).toEqual([{ unmapped_name: null }]);
  });

  it('goes on with the stores and partitions that are there after a clearing', async () => {
    await writer.store([movementEvent('1')]);
    await api.http.delete('/api/v1/data').expect(200);
    expect(await eventIds()).toEqual([]);
    expect(await writer.store([movementEvent('1')])).toMatchObject({ stored: 1 });
    expect(await db.query('SELECT unmapped_name FROM movement_events')).toEqual([{ unmapped_name: 'a' }]);
  });

  describe('when their time is over', () => {
    const nowUs = (): number => Date.now() * 1_000;
    const partitions = async (): Promise<number> =>
      (await db.query(`SELECT FROM pg_inherits WHERE inhparent = 'movement_events'::regclass`)).length;

    it('drops the days before, except those of which figures are awaited', async () => {
      await api.app.get(MovementRetention).run();
      const before = await partitions();
      const old = nowUs() - 32 * DAY_US;
      await writer.store([
        movementEvent('old', { atUs: old, store: 'Nowhere' }),
        movementEvent('awaited', { atUs: old - DAY_US }),
        movementEvent('kept', { atUs: nowUs() - 29 * DAY_US, trackId: 8 }),
      ]);
      await api.app.get(MovementRetention).run();
      expect(await eventIds()).toEqual(['awaited', 'kept']);
      await db.query('TRUNCATE movement_touched');
      await api.app.get(MovementRetention).run();
      expect(await eventIds()).toEqual(['kept']);
      expect(await partitions()).toBeLessThanOrEqual(before + 1);
    });

    it('forgets ids a week after they were seen, and takes what comes again after that for known at its instant', async () => {
      await writer.store([movementEvent('1'), movementEvent('2')]);
      await db.query(`UPDATE movement_event_ids SET seen_us = seen_us - $1 WHERE event_id = '1'`, [
        8 * DAY_US,
      ]);
      await api.app.get(MovementRetention).run();
      expect(await db.query('SELECT event_id FROM movement_event_ids')).toEqual([{ event_id: '2' }]);
    });

    it('stores nothing twice at one instant, even if its id is forgotten', async () => {
      const atUs = nowUs() - 9 * DAY_US;
      const events = ['1', '2'].map((id) => movementEvent(id, { atUs }));
      await writer.store([events[0]!]);
      await db.query('TRUNCATE movement_event_ids');
      expect(await writer.store(events)).toEqual({ stored: 1, duplicates: 1, deadLettered: 0 });
      expect(await eventIds()).toEqual(['1', '2']);
    });

    it('forgets dead letters as well', async () => {
      await writer.store([], [{ reason: 'unreadable', detail: 'It is none.', content: 'x' }]);
      await db.query(`UPDATE movement_dead_letters SET kept_at = kept_at - interval '31 days'`);
      await api.app.get(MovementRetention).run();
      expect(await letters.count()).toBe(0);
    });
  });

  it('keeps no more than 4 KB of what can not be read, and whole characters of that', async () => {
    await writer.store(
      [],
      [{ reason: 'unreadable', detail: 'It is none.', content: `x\u0000${'é'.repeat(5_000)}` }],
    );
    const [letter] = await letters.list(null, 1);
    expect(Buffer.byteLength(letter!.content)).toBeLessThanOrEqual(4_096);
    expect(letter!.content).toMatch(/^x\ufffdé+$/);
  });
});
