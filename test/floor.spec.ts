import fc from 'fast-check';
import { DataSource } from 'typeorm';
import type { MovementEvent } from '../src/movements/movement-event.js';
import { FloorDigest } from '../src/movements/digest/floor-digest.js';
import { lockFloor } from '../src/movements/digest/floor-lock.js';
import { forgetPerson } from '../src/movements/digest/forget-person.js';
import { inTransaction, withConnection } from '../src/platform/database/connection.js';
import { Sweep } from '../src/platform/queue/sweep.js';
import { waitFor } from '../src/platform/wait.js';
import { startTestApi, type TestApi } from './support/application.js';
import { layOut, SECOND_US, seen, type Sighting, store, upright, zone } from './support/floor.js';
import { holdClock, STORES, urlOf } from './support/stores.js';

/** 09:00 in Chicago. */
const START_US = Date.parse('2023-01-25T15:00:00Z') * 1_000;
const HALVES = {
  zones: [zone('left', [0, 0, 0.5, 1]), zone('right', [0.5, 0, 1, 1])],
  lines: [upright('door', 0.5)],
};
const FIGURES = ['movement_sessions', 'zone_visits', 'line_crossings', 'session_heat', 'store_presence'];

function at(second: number, x: number, y = 0.5): Sighting {
  return { atUs: START_US + second * SECOND_US, x, y };
}

describe('what people do on the floor', () => {
  let api: TestApi;
  let database: DataSource;
  let stores = 0;

  beforeAll(async () => {
    api = await startTestApi({ defaultZone: 'America/Chicago' });
    database = api.app.get(DataSource);
  });

  beforeEach(() => holdClock(api, '2023-01-25T20:00:00Z'));
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => api.close());

  async function newStore(content: Parameters<typeof layOut>[2] | null = HALVES): Promise<string> {
    stores += 1;
    const id = `floor-${stores}`;
    await api.http.post(STORES).send({ store_id: id }).expect(201);
    if (content !== null) await layOut(api, id, content);
    return id;
  }

  async function metrics(id: string, query = '') {
    return (await api.http.get(`${urlOf(id, '/zones/metrics')}${query}`).expect(200)).body;
  }

  async function heatmap(id: string, query = '') {
    return (await api.http.get(`${urlOf(id, '/heatmap')}${query}`).expect(200)).body;
  }

  /** All figures of a store, without its key. */
  async function kept(id: string): Promise<Record<string, unknown[]>> {
    const tables = FIGURES.map(async (table) => {
      const rows: { row: unknown }[] = await database.query(
        `SELECT to_jsonb(f) - 'store_key' AS row FROM ${table} AS f JOIN stores AS s USING (store_key)
          WHERE s.store_id = $1 ORDER BY 1`,
        [id],
      );
      return [table, rows.map(({ row }) => row)] as const;
    });
    return Object.fromEntries(await Promise.all(tables));
  }

  it('tells visits, dwell, occupancy and crossings of a local day', async () => {
    const id = await newStore({
      ...HALVES,
      zones: [zone('left', [0, 0, 0.5, 1], { capacity: 1 }), zone('right', [0.5, 0, 1, 1])],
    });
    await store(api, [
      ...seen(id, 'ann', [at(0, 0.8), at(10, 0.2), at(30, 0.2), at(40, 0.8), at(45, 0.8)]),
      ...seen(id, 'bob', [at(20, 0.3), at(35, 0.3)], { trackId: 2 }),
    ]);
    const body = await metrics(id);
    expect(body).toMatchObject({
      store_id: id,
      time_zone: 'America/Chicago',
      from: '2023-01-25T06:00:00.000000Z',
      to: '2023-01-25T20:01:00.000000Z',
      up_to_date: true,
      revisions: [{ revision: 1, from: '1970-01-01T00:00:00.000000Z', until: null }],
      sessions: 2,
      people: 2,
    });
    expect(body.zones).toEqual([
      {
        key: 'left',
        name: 'LEFT',
        kind: 'aisle',
        capacity: 1,
        in_force: true,
        visits: 2,
        people: 2,
        dwell: {
          total_seconds: 35,
          mean_seconds: 17.5,
          median_seconds: 15,
          p95_seconds: 20,
          max_seconds: 20,
        },
        occupancy: {
          average: 0.0007,
          peak: 2,
          peak_at: '2023-01-25T15:00:00.000000Z',
          capacity_exceeded_minutes: 1,
        },
      },
      {
        key: 'right',
        name: 'RIGHT',
        kind: 'aisle',
        capacity: null,
        in_force: true,
        visits: 2,
        people: 1,
        dwell: { total_seconds: 5, mean_seconds: 2.5, median_seconds: 0, p95_seconds: 5, max_seconds: 5 },
        occupancy: {
          average: 0.0001,
          peak: 1,
          peak_at: '2023-01-25T15:00:00.000000Z',
          capacity_exceeded_minutes: 0,
        },
      },
    ]);
    expect(body.lines).toEqual([{ key: 'door', name: 'DOOR', in_force: true, entries: 1, exits: 1 }]);
  });

  it('lays figures out by minute and hour, which add up to the whole', async () => {
    const id = await newStore();
    await store(
      api,
      seen(id, 'ann', [
        ...Array.from({ length: 9 }, (_, step) => at(step * 20, 0.2)),
        at(170, 0.8),
        at(3_600, 0.2),
      ]),
    );
    const minutes = await metrics(
      id,
      '?from=2023-01-25T15:00:00Z&to=2023-01-25T17:00:00Z&interval=minute&zone=left',
    );
    expect(minutes.zones).toHaveLength(1);
    expect(minutes.zones[0].series).toEqual(
      [60, 60, 40]
        .map((dwell, minute) => ({
          start: `2023-01-25T15:0${minute}:00.000000Z`,
          visits: minute === 0 ? 1 : 0,
          people: 1,
          dwell_seconds: dwell,
          occupancy_peak: 1,
        }))
        .concat({
          start: '2023-01-25T16:00:00.000000Z',
          visits: 1,
          people: 1,
          dwell_seconds: 0,
          occupancy_peak: 1,
        }),
    );
    expect(minutes.lines[0].series).toEqual([{ start: '2023-01-25T15:02:00.000000Z', entries: 0, exits: 1 }]);
    const hours = await metrics(id, '?date=2023-01-25&interval=hour');
    const { visits, dwell, series } = hours.zones[0];
    const sum = (member: string): number =>
      series.reduce((all: number, step: Record<string, number>) => all + step[member]!, 0);
    expect(series).toHaveLength(2);
    expect([sum('visits'), sum('dwell_seconds')]).toEqual([visits, dwell.total_seconds]);
  });

  it.each([
    ['2023-03-12', '2023-03-12T06:00:00.000000Z', '2023-03-13T05:00:00.000000Z'],
    ['2022-11-06', '2022-11-06T05:00:00.000000Z', '2022-11-07T06:00:00.000000Z'],
  ])('counts the whole of %s, on which the clocks are changed, and no more', async (date, from, to) => {
    const id = await newStore();
    const [firstUs, endUs] = [Date.parse(from) * 1_000, Date.parse(to) * 1_000];
    const moment = (atUs: number): Sighting => ({ atUs, x: 0.2, y: 0.5 });
    await store(api, [
      ...seen(id, 'eve', [moment(firstUs - 1)]),
      ...seen(id, 'ann', [moment(firstUs)], { trackId: 2 }),
      ...seen(id, 'bob', [moment(endUs - 1)], { trackId: 3 }),
      ...seen(id, 'cid', [moment(endUs)], { trackId: 4 }),
    ]);
    const body = await metrics(id, `?date=${date}&interval=hour`);
    expect(body).toMatchObject({ from, to, people: 2 });
    const lastUs = endUs - 3_600 * SECOND_US;
    expect(body.zones[0].series.map((step: { start: string }) => Date.parse(step.start) * 1_000)).toEqual([
      firstUs,
      lastUs,
    ]);
    expect(await heatmap(id, `?date=${date}`)).toMatchObject({ from, to, people: null });
  });

  it('begins at the midnight of the zone that the store had then', async () => {
    const id = await newStore();
    await api.http.put(urlOf(id)).send({ zone: 'Asia/Tokyo', effective_from: '2023-01-20' }).expect(200);
    expect(await metrics(id, '?to=2023-01-10T15:00:00Z')).toMatchObject({
      time_zone: 'America/Chicago',
      from: '2023-01-10T06:00:00.000000Z',
    });
    expect(await metrics(id, '?to=2023-01-25T16:00:00Z')).toMatchObject({
      time_zone: 'Asia/Tokyo',
      from: '2023-01-25T15:00:00.000000Z',
    });
  });

  it('counts a crossing that two cameras saw for the hour in which it was seen first', async () => {
    const id = await newStore();
    await store(api, [
      ...seen(id, 'ann', [at(-3, 0.8), at(-1, 0.2)], { cameraId: 'a' }),
      ...seen(id, 'ann', [at(-2, 0.8), at(2, 0.2)], { cameraId: 'b', trackId: 9 }),
    ]);
    const [before, after] = [
      await metrics(id, '?from=2023-01-25T14:00:00Z&to=2023-01-25T15:00:00Z'),
      await metrics(id, '?from=2023-01-25T15:00:00Z&to=2023-01-25T16:00:00Z'),
    ];
    expect([before.lines[0].entries, after.lines[0].entries]).toEqual([1, 0]);
  });

  it('counts a crossing where the one that it might repeat is none itself', async () => {
    const id = await newStore();
    await store(
      api,
      ['a', 'b', 'c'].flatMap((cameraId, index) => {
        const second = [-35, -10, 3][index]!;
        return seen(id, 'ann', [at(second - 1, 0.8), at(second, 0.2)], { cameraId });
      }),
    );
    const entries = async (from: string, to: string): Promise<number> =>
      (await metrics(id, `?from=2023-01-25T${from}:00Z&to=2023-01-25T${to}:00Z`)).lines[0].entries;
    expect(await entries('14:58', '15:02')).toBe(2);
    expect([await entries('14:58', '15:00'), await entries('15:00', '15:02')]).toEqual([1, 1]);
  });

  it('counts as many crossings in the parts of a time as in the whole', async () => {
    const id = await newStore();
    const crossing = fc.record({
      second: fc.nat(300),
      person: fc.constantFrom('ann', 'bob'),
      camera: fc.constantFrom('a', 'b', 'c'),
      isEntry: fc.boolean(),
    });
    const given = fc.record({
      // Most of one direction lie closer than the time-out: chains of many, with a gap now and then.
      crossings: fc.array(crossing, { minLength: 40, maxLength: 80 }),
      cuts: fc.uniqueArray(fc.integer({ min: 1, max: 299 }), { minLength: 1, maxLength: 4 }),
    });
    const figures = async (fromSecond: number, toSecond: number): Promise<number[]> => {
      const [from, to] = [fromSecond, toSecond].map((second) =>
        new Date(START_US / 1_000 + second * 1_000).toISOString(),
      );
      const [door] = (await metrics(id, `?from=${from}&to=${to}`)).lines;
      return [door.entries, door.exits];
    };
    const property = fc.asyncProperty(given, async ({ crossings, cuts }) => {
      await database.query('DELETE FROM line_crossings');
      await database.query(
        `INSERT INTO line_crossings (store_key, track_id, camera_id, user_id, line_key, at_us, is_entry, revision)
         SELECT store_key, row_number() OVER (), camera, person, 'door', $2::bigint + second * 1000000, "isEntry", 1
           FROM stores, jsonb_to_recordset($3) AS given (second bigint, person text, camera text, "isEntry" boolean)
          WHERE store_id = $1`,
        [id, START_US, JSON.stringify(crossings)],
      );
      const parts: number[][] = [];
      const borders = [0, ...cuts.toSorted((one, other) => one - other), 301];
      for (const [place, to] of borders.slice(1).entries()) parts.push(await figures(borders[place]!, to));
      const sums = [0, 1].map((place) => parts.reduce((sum, part) => sum + part[place]!, 0));
      expect(sums).toEqual(await figures(0, 301));
    });
    await fc.assert(property, { numRuns: 25, interruptAfterTimeLimit: 20_000 });
  });

  it('has no peak of nobody where a step begins within a minute', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(35, 0.2), at(50, 0.2), at(70, 0.2)]));
    const { zones } = await metrics(
      id,
      '?from=2023-01-25T15:00:30Z&to=2023-01-25T15:05:00Z&interval=minute&zone=left',
    );
    expect(zones[0].series).toMatchObject([
      { start: '2023-01-25T15:00:30.000000Z', people: 1, dwell_seconds: 35, occupancy_peak: 1 },
    ]);
  });

  it('cuts visits where the time that is asked for begins and ends', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(0, 0.2), at(20, 0.2), at(40, 0.2)]));
    const { zones } = await metrics(id, '?from=2023-01-25T15:00:10Z&to=2023-01-25T15:00:35Z');
    expect(zones[0]).toMatchObject({ visits: 1, dwell: { total_seconds: 25 }, occupancy: { average: 1 } });
    const after = await metrics(id, '?from=2023-01-25T15:00:40Z&to=2023-01-25T15:01:00Z');
    expect(after.zones[0]).toMatchObject({ visits: 0, people: 0, occupancy: { peak: 0, peak_at: null } });
  });

  it('makes one visit and one crossing of what two cameras saw', async () => {
    const id = await newStore();
    await store(api, [
      ...seen(id, 'ann', [at(0, 0.8), at(10, 0.2), at(30, 0.2)], { cameraId: 'a' }),
      ...seen(id, 'ann', [at(5, 0.8), at(12, 0.2), at(35, 0.2)], { cameraId: 'b', trackId: 9 }),
    ]);
    const { sessions, people, zones, lines } = await metrics(id);
    expect([sessions, people]).toEqual([2, 1]);
    expect(zones[0]).toMatchObject({ visits: 1, people: 1, dwell: { total_seconds: 25 } });
    expect(lines[0]).toMatchObject({ entries: 1, exits: 0 });
  });

  it('folds late events in', async () => {
    const id = await newStore();
    const track = seen(id, 'ann', [at(0, 0.2), at(20, 0.2), at(50, 0.2), at(70, 0.2)]);
    const late = seen(id, 'ann', [at(35, 0.2)]);
    await store(api, track.slice(0, 2));
    await metrics(id);
    await store(api, track.slice(3));
    expect((await metrics(id)).sessions).toBe(2);
    await store(api, track.slice(2, 3));
    expect(await metrics(id)).toMatchObject({
      sessions: 1,
      zones: [{ visits: 1, dwell: { total_seconds: 70 } }, {}],
    });
    await store(api, late);
    expect((await metrics(id)).sessions).toBe(1);
    expect((await kept(id))['movement_sessions']).toMatchObject([{ observations: 5 }]);
  });

  it('comes to the same figures in whatever order and batches events arrive', async () => {
    const [inOrder, shuffled] = [await newStore(), await newStore()];
    const walk = (id: string): MovementEvent[] =>
      ['ann', 'bob', 'eve'].flatMap((person, index) =>
        seen(
          id,
          person,
          Array.from({ length: 60 }, (_, step) =>
            at(step * 13 + index + (step % 7 === 0 ? 25 : 0), ((step * 37) % 100) / 100, 0.3),
          ),
          { trackId: index },
        ),
      );
    await store(api, walk(inOrder));
    await metrics(inOrder);
    const others = walk(shuffled).map((event, index) => ({ event, place: (index * 7_919) % 180 }));
    const arriving = others.sort((one, other) => one.place - other.place).map(({ event }) => event);
    for (let from = 0; from < arriving.length; from += 25) {
      await store(api, arriving.slice(from, from + 25));
      await metrics(shuffled);
    }
    const { zone_visits: visits, ...rest } = await kept(inOrder);
    expect(visits!.length).toBeGreaterThan(30);
    expect(await kept(shuffled)).toEqual({ zone_visits: visits, ...rest });
  });

  it('comes to the same figures however events are shuffled and cut into batches', async () => {
    const people = ['ann', 'bob'];
    // Steps of 10 s are of one session, those of 40 s begin another, until what lies between them comes in.
    const walk = fc.array(
      fc.record({ person: fc.nat(1), step: fc.nat(60), x: fc.nat(20), longer: fc.boolean() }),
      { minLength: 10, maxLength: 40 },
    );
    const arrival = walk.chain((its) =>
      fc.record({
        walk: fc.constant(its),
        order: fc.shuffledSubarray([...its.keys()], { minLength: its.length }),
        batches: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 40 }),
      }),
    );
    const property = fc.asyncProperty(arrival, async (given) => {
      const [inOrder, shuffled] = [await newStore(), await newStore()];
      const events = (id: string): MovementEvent[] =>
        given.walk.map(({ person, step, x, longer }, index) => {
          const sighting = at(step * (longer ? 40 : 10), x / 20);
          const [event] = seen(id, people[person]!, [sighting], { trackId: person });
          return { ...event!, eventId: `${index}` };
        });
      await store(api, events(inOrder));
      await metrics(inOrder);
      let left = given.order.map((place) => events(shuffled)[place]!);
      for (const size of given.batches) {
        await store(api, left.slice(0, size));
        left = left.slice(size);
        if (size % 3 === 0) await metrics(shuffled);
        if (left.length === 0) break;
      }
      expect((await metrics(shuffled)).up_to_date).toBe(true);
      expect(await kept(shuffled)).toEqual(await kept(inOrder));
    });
    await fc.assert(property, { numRuns: 8 });
  });

  it('works everything out once when many ask at once', async () => {
    const id = await newStore();
    await store(
      api,
      seen(
        id,
        'ann',
        Array.from({ length: 50 }, (_, step) => at(step, (step % 10) / 10)),
      ),
    );
    const answers = await Promise.all(Array.from({ length: 6 }, () => metrics(id)));
    for (const body of answers) expect(body).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ up_to_date: true, sessions: 1 });
  });

  it('says that figures are not up to date while somebody else works them out', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(0, 0.2)]));
    await metrics(id);
    await inTransaction(database, async (client) => {
      const { rows } = await client.query('SELECT store_key AS key FROM stores WHERE store_id = $1', [id]);
      expect(await lockFloor(client, rows[0].key, 5_000)).toBe(true);
      await store(api, seen(id, 'bob', [at(0, 0.2)], { trackId: 2 }));
      expect(await metrics(id)).toMatchObject({ up_to_date: false, people: 1 });
    });
    expect(await metrics(id)).toMatchObject({ up_to_date: true, people: 2 });
  });

  it('says that figures are not up to date where two seconds were not enough', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(0, 0.2)]));
    const now = performance.now.bind(performance);
    const query = database.query.bind(database);
    jest.spyOn(database, 'query').mockImplementation((...asked) => {
      // Time passes once it is known that something waits.
      if (asked[0].includes('FROM movement_touched WHERE store_key = $1'))
        jest.spyOn(performance, 'now').mockImplementation(() => now() + 2_000);
      return query(...asked);
    });
    const { up_to_date: isUpToDate } = await metrics(id);
    jest.restoreAllMocks();
    expect(isUpToDate).toBe(false);
    expect((await metrics(id, '?date=2023-01-25')).up_to_date).toBe(true);
  });

  it('works out in the background what nobody asks for', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(0, 0.2), at(5, 0.2)]));
    const digest = api.app.get(FloorDigest, { strict: false });
    const sweep = api.app.get(Sweep, { strict: false });
    while ((await digest.waiting()).length > 0) await sweep.now();
    expect((await kept(id))['zone_visits']).toHaveLength(1);
  });

  it('uses the layout in force at each instant', async () => {
    const id = await newStore();
    await layOut(api, id, { zones: [zone('top', [0, 0, 1, 0.9])] }, { fromUs: START_US + 15 * SECOND_US });
    await store(api, seen(id, 'ann', [at(0, 0.2), at(10, 0.2), at(20, 0.2), at(30, 0.2)]));
    const { zones, revisions } = await metrics(id);
    expect(revisions).toEqual([
      { revision: 1, from: '1970-01-01T00:00:00.000000Z', until: '2023-01-25T15:00:15.000000Z' },
      { revision: 2, from: '2023-01-25T15:00:15.000000Z', until: null },
    ]);
    expect(
      zones.map((one: Record<string, unknown>) => [one['key'], one['in_force'], one['dwell']]),
    ).toMatchObject([
      ['left', false, { total_seconds: 10 }],
      ['right', false, { total_seconds: 0 }],
      ['top', true, { total_seconds: 10 }],
    ]);
  });

  it('keeps with every session the layout in force at its start', async () => {
    const id = await newStore();
    await layOut(api, id, {}, { fromUs: START_US + 15 * SECOND_US });
    await store(api, seen(id, 'ann', [at(0, 0.2), at(20, 0.2), at(100, 0.2)]));
    await metrics(id);
    expect((await kept(id))['movement_sessions']).toMatchObject([{ revision: 1 }, { revision: 2 }]);
  });

  it('works out again what was worked out while a layout was being entered', async () => {
    const id = await newStore();
    const nowUs = Date.parse('2023-01-25T20:00:00Z') * 1_000;
    const ann = [0, 10].map((second) => ({ atUs: nowUs + second * SECOND_US, x: 0.2, y: 0.5 }));
    const query = '?from=2023-01-25T20:00:00Z&to=2023-01-25T20:01:00Z';
    const edited = await withConnection(database, async (client) => {
      // The edit, which has taken its instant by then, waits for whoever enters the same revision.
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO store_mapping_revisions
           (store_key, revision, effective_from_us, content, content_hash, action, takes_up_past)
         SELECT store_key, revision + 1, effective_from_us, content, '-', 'replace', false
           FROM store_mapping_revisions JOIN stores USING (store_key) WHERE store_id = $1`,
        [id],
      );
      const edit = api.http
        .put(urlOf(id, '/mapping'))
        .send({
          zones: [
            {
              key: 'top',
              polygon: [
                [0, 0],
                [1, 0],
                [1, 0.9],
                [0, 0.9],
              ],
            },
          ],
        })
        .then((response) => response);
      const waits = () =>
        database.query(
          `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE datname = current_database() AND locktype = 'transactionid' AND NOT granted`,
        );
      expect(await waitFor(async () => ((await waits()).length > 0 ? true : null), 10_000)).toBe(true);
      await store(api, seen(id, 'ann', ann));
      const { zones } = await metrics(id, query);
      expect(zones).toMatchObject([{ key: 'left', visits: 1 }, { key: 'right' }]);
      await client.query('ROLLBACK');
      return edit;
    });
    expect([edited.status, edited.body.revision]).toEqual([200, 2]);
    const { zones } = await metrics(id, query);
    expect(zones).toMatchObject([{ key: 'top', visits: 1, dwell: { total_seconds: 10 } }]);
  });

  it('works out again what a layout that holds for the past changes', async () => {
    const id = await newStore(null);
    await store(api, seen(id, 'ann', [at(0, 0.2), at(10, 0.2), at(20, 0.8)]));
    expect(await metrics(id)).toMatchObject({ sessions: 1, zones: [], revisions: [] });
    await layOut(api, id, HALVES, { fromUs: START_US + 5 * SECOND_US, takesUpPast: true });
    expect(await metrics(id)).toMatchObject({
      sessions: 1,
      zones: [
        { key: 'left', visits: 1, dwell: { total_seconds: 0 } },
        { key: 'right', visits: 1 },
      ],
      lines: [{ entries: 0, exits: 1 }],
    });
  });

  it('keeps figures of events that are no longer kept', async () => {
    const id = await newStore();
    const nightUs = Date.parse('2023-01-24T23:59:50Z') * 1_000;
    const night = [0, 5, 15, 20].map((second) => ({ atUs: nightUs + second * SECOND_US, x: 0.2, y: 0.5 }));
    await store(api, seen(id, 'ann', night));
    const before = await kept(id).then(() => metrics(id, '?date=2023-01-24'));
    expect(before.zones[0]).toMatchObject({ visits: 1, dwell: { total_seconds: 20 } });
    await database.query('DROP TABLE movement_events_20230124');
    const late = [18, 25, 30].map((second) => ({ atUs: nightUs + second * SECOND_US, x: 0.2, y: 0.5 }));
    await store(api, seen(id, 'ann', late));
    const after = await metrics(id, '?date=2023-01-24');
    expect(after.zones[0]).toMatchObject({ visits: 2, people: 1, dwell: { total_seconds: 25 } });
    expect((await kept(id))['movement_sessions']).toMatchObject([{ observations: 4 }, { observations: 2 }]);
  });

  it('says nothing of cells in which too few people were', async () => {
    const id = await newStore();
    const people = ['a', 'b', 'c', 'd', 'e'];
    await store(
      api,
      people.flatMap((person, index) =>
        seen(
          id,
          person,
          [at(0, 0.1, 0.1), at(10, index === 0 ? 0.9 : 0.1, index === 0 ? 0.9 : 0.1), at(20, 0.1, 0.1)],
          {
            trackId: index,
          },
        ),
      ),
    );
    const body = await heatmap(id, '?columns=2&rows=2');
    expect(body).toMatchObject({
      columns: 2,
      rows: 2,
      suppressed_cells: 1,
      fewest_people: 5,
      people: 5,
      from: '2023-01-25T06:00:00.000000Z',
      to: '2023-01-25T20:15:00.000000Z',
      cells: [
        [90, 0],
        [0, null],
      ],
    });
    expect((await heatmap(id, '?columns=1&rows=1')).cells).toEqual([[100]]);
    const whole = await heatmap(id);
    expect([whole.cells.length, whole.cells[0].length, whole.cells[6][6]]).toEqual([64, 64, 90]);
    expect((await heatmap(await newStore())).people).toBe(0);
  });

  it('counts who was there by quarter of an hour, and who is a sign that the store is open', async () => {
    const id = await newStore({
      zones: [zone('left', [0, 0, 0.5, 1], { openEvidence: false }), zone('right', [0.5, 0, 0.9, 1])],
    });
    await store(api, [
      ...seen(id, 'guard', [at(0, 0.2), at(10, 0.3)], { cameraId: 'a' }),
      ...seen(id, 'ann', [at(0, 0.7), at(895, 0.95), at(905, 0.2)], { trackId: 2, cameraId: 'b' }),
    ]);
    await metrics(id);
    const quarter = START_US / (900 * SECOND_US);
    expect((await kept(id))['store_presence']).toEqual([
      { quarter: quarter + 1, people: 0, anybody: 1, cameras: ['b'] },
      { quarter, people: 1, anybody: 2, cameras: ['a', 'b'] },
    ]);
  });

  it('forgets a person, also when what they did is not worked out yet', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(0, 0.8), at(10, 0.2)]));
    await store(api, seen(id, 'bob', [at(0, 0.2)], { trackId: 2 }));
    await metrics(id);
    await store(api, seen(id, 'ann', [at(20, 0.2)]));
    const forgotten = await inTransaction(database, async (client) => {
      await client.query(`DELETE FROM movement_events WHERE user_id = 'ann' AND store_name = $1`, [id]);
      return forgetPerson(client, 'ann');
    });
    expect(forgotten).toBeGreaterThanOrEqual(1);
    expect(await metrics(id)).toMatchObject({ sessions: 1, people: 1, lines: [{ entries: 0 }] });
    const figures = await kept(id);
    expect(JSON.stringify(figures)).not.toContain('ann');
    expect(figures['store_presence']).toMatchObject([{ people: 1, anybody: 1 }]);
  });

  it.each(['/zones/metrics', '/heatmap', '/evidence'])(
    'finds the store of %s by its name and aliases, as its mapping does',
    async (path) => {
      const id = await newStore();
      const [name, alias] = [`Market Hall ${id}`, `MH ${id}`];
      await api.http
        .put(urlOf(id))
        .send({ name, aliases: [alias] })
        .expect(200);
      for (const called of [id, name, alias.toLowerCase()]) {
        const { body } = await api.http.get(urlOf(called, path)).expect(200);
        expect(body.store_id).toBe(id);
      }
      const twin = await newStore();
      await api.http.put(urlOf(twin)).send({ name }).expect(200);
      await api.http.get(urlOf(name, path)).expect(409);
      await api.http.get(urlOf('nobody', path)).expect(404);
      await api.http.get(urlOf('default', path)).expect(404);
    },
  );

  it('answers the same question with the same tag', async () => {
    const id = await newStore();
    for (const path of ['/zones/metrics', '/heatmap']) {
      const { headers } = await api.http.get(urlOf(id, path)).expect(200);
      expect(headers['etag']).toMatch(/^"\w+-\w+"$/);
      await api.http.get(urlOf(id, path)).set('If-None-Match', headers['etag']!).expect(304);
      await store(api, seen(id, 'ann', [at(0, 0.2), at(10, 0.2)]));
    }
    const { headers } = await api.http.get(urlOf(id, '/zones/metrics')).expect(200);
    await store(api, seen(id, 'ann', [at(15, 0.2)]));
    await api.http.get(urlOf(id, '/zones/metrics')).set('If-None-Match', headers['etag']!).expect(200);
  });

  it.each([
    ['from=2023-01-25T00:00:00Z&to=2023-01-25T00:00:00Z', '/from'],
    ['from=2023-01-01T00:00:00Z&to=2023-02-02T00:00:00Z', '/from'],
    ['from=2023-01-26T00:00:00Z', '/from'],
    ['from=yesterday', '/from'],
    ['date=2023-02-30', '/date'],
    ['date=2023-01-25&to=2023-01-26T00:00:00Z', '/date'],
    ['form=2023-01-25T00:00:00Z', '/form'],
  ])('refuses %s', async (query, pointer) => {
    const id = await newStore();
    for (const path of ['/zones/metrics', '/heatmap']) {
      const { body } = await api.http.get(`${urlOf(id, path)}?${query}`).expect(400);
      expect(body.errors).toMatchObject([{ pointer }]);
    }
  });

  it('refuses other intervals, grids, zones and stores than there are', async () => {
    const id = await newStore();
    for (const query of [
      'interval=day',
      'interval=minute&from=2023-01-20T00:00:00Z&to=2023-01-22T00:00:00Z',
    ]) {
      const { body } = await api.http.get(`${urlOf(id, '/zones/metrics')}?${query}`).expect(400);
      expect(body.errors).toMatchObject([{ pointer: '/interval' }]);
    }
    for (const query of ['columns=65', 'rows=0', 'columns=many', 'rows=3'])
      await api.http.get(`${urlOf(id, '/heatmap')}?${query}`).expect(400);
    await api.http.get(`${urlOf(id, '/zones/metrics')}?zone=none`).expect(404);
    await api.http.get(urlOf('nobody', '/zones/metrics')).expect(404);
    await api.http.get(urlOf('nobody', '/heatmap')).expect(404);
  });

  it('knows nothing any more after all data were cleared', async () => {
    const id = await newStore();
    await store(api, seen(id, 'ann', [at(0, 0.2), at(5, 0.2)]));
    await metrics(id);
    const { status } = await api.http.delete('/api/v1/data');
    expect(status).toBe(200);
    for (const table of [...FIGURES, 'movement_touched'])
      expect(await database.query(`SELECT FROM ${table} LIMIT 1`)).toEqual([]);
    await api.http.get(urlOf(id, '/zones/metrics')).expect(404);
  });
});
