import { DataSource } from 'typeorm';
import { MappingReader } from '../src/blueprints/index.js';
import { RolloutRunner } from '../src/blueprints/rollouts/rollout.runner.js';
import { waitFor } from '../src/platform/wait.js';
import { startTestApi, type TestApi } from './support/application.js';
import { BLUEPRINTS, emptyLayouts, layoutsOf, zone } from './support/layouts.js';
import { holdClock, urlOf } from './support/stores.js';

interface Part {
  key: string;
}

const keysOf = (parts: readonly Part[]): string[] => parts.map(({ key }) => key);

describe('the mapping of a store', () => {
  let api: TestApi;
  let database: DataSource;
  let made: ReturnType<typeof layoutsOf>;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
    made = layoutsOf(api);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await emptyLayouts(database);
    await made.store('one', { name: 'Store A', aliases: ['CAM-7'] });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const at = (store: string, rest = ''): string => urlOf(store, `/mapping${rest}`);
  const applyOf = (id: string): string => `${BLUEPRINTS}/${id}/apply`;

  describe('edited by hand', () => {
    it('is none at first, then a revision for every change', async () => {
      expect(await made.mapping('one')).toMatchObject({
        revision: 0,
        effective_from: null,
        zones: [],
        store_id: 'one',
      });
      expect(await made.edit('one', { zones: [zone('a')] })).toMatchObject({
        revision: 1,
        action: 'replace',
        planned: null,
      });
      const again = await made.edit('one', { zones: [zone('a')] });
      expect(again.revision).toBe(1);
      const { etag: _, ...shown } = await made.mapping('one');
      expect(
        await made.edit('one', { ...shown, lines: [{ key: 'l', from: [0, 0], to: [1, 0] }] }),
      ).toMatchObject({ revision: 2 });
      expect(keysOf((await made.mapping('one')).zones)).toEqual(['a']);
    });

    it('goes by id, name and alias, and is 404 for others', async () => {
      await made.edit('store a', { zones: [zone('a')] });
      expect((await made.mapping('cam-7')).revision).toBe(1);
      for (const none of ['nobody', '__proto__', '\u0000', 'x'.repeat(500)]) {
        await api.http.get(at(none)).expect(404);
        await api.http.put(at(none)).send({ zones: [] }).expect(404);
        await api.http.get(at(none, '/revisions')).expect(404);
        await api.http.post(at(none, '/rollback')).send({ to_revision: 1 }).expect(404);
      }
      await made.store('two', { name: 'Store A' });
      await api.http.get(at('STORE A')).expect(409);
    });

    it('is refused upon what is no more, and when something in it is wrong', async () => {
      const { etag } = await made.mapping('one');
      await made.edit('one', { zones: [zone('a')] });
      await api.http.put(at('one')).set('If-Match', etag).send({ zones: [] }).expect(412);
      await api.http.put(at('one')).send({ revision: 0, zones: [] }).expect(412);
      await api.http.put(at('one')).send({ store_id: 'two' }).expect(400);
      const { body } = await api.http
        .put(at('one'))
        .send({ effective_from: 'soon', zones: [zone('a', { kind: 'moon' })] })
        .expect(400);
      expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
        '/effective_from',
        '/zones/0/kind',
      ]);
      expect((await made.mapping('one')).revision).toBe(1);
      const current = await made.mapping('one');
      await api.http.get(at('one')).set('If-None-Match', current.etag).expect(304);
    });

    it('is told which of its zones overlap, which is allowed, wherever it is shown', async () => {
      const away = zone('away', {
        polygon: [
          [0.4, 0.1],
          [0.9, 0.1],
          [0.9, 0.4],
        ],
      });
      const zones = [zone('a'), zone('b'), away, zone('off', { enabled: false })];
      const overlaps = [{ zones: ['a', 'b'], area: 0.09 }];
      const edited = await made.edit('one', { zones });
      expect(edited.overlaps).toEqual(overlaps);
      const { etag: _, ...shown } = await made.mapping('one');
      expect(shown.overlaps).toEqual(overlaps);
      expect((await api.http.get(at('one', '/revisions/1')).expect(200)).body.overlaps).toEqual(overlaps);
      // What was read is sent back with a change that makes it untrue.
      expect(await made.edit('one', { ...shown, zones: [zone('a'), away] })).toMatchObject({
        revision: 2,
        overlaps: [],
        data: {},
      });
      await api.http.put(at('one')).send({ overlaps }).expect(400);
      const { id } = await made.blueprint({ zones: [zone('a'), zone('c')] });
      for (const dryRun of [true, false])
        expect(await made.apply(id, { store: 'one', dry_run: dryRun })).toMatchObject({
          changed: true,
          overlaps: [{ zones: ['a', 'c'], area: 0.09 }],
        });
    });
  });

  describe('in the form of the earlier system', () => {
    it('says which of its parts could not be read', async () => {
      await api.http.put(at('one')).send({
        mapping_data: { stores: { a: { zones: [{ name: 'x', polygon: [[0, 0]] }] } }, calibration: { c: 5 } },
      });
      const { unread } = await made.mapping('one');
      expect(unread).toMatchObject([
        { where: '/mapping_data/calibration/c', why: expect.any(String) },
        { where: '/mapping_data/stores/a/zones/0', why: expect.any(String) },
      ]);
      expect((await api.http.get(at('one', '/revisions/1')).expect(200)).body.unread).toEqual(unread);
    });
  });

  describe('over time', () => {
    it('may begin in the past where there was none, and never again', async () => {
      holdClock(api, '2024-05-01T12:00:00Z');
      const first = await made.edit('one', { zones: [zone('a')], effective_from: '2024-01-01T00:00:00Z' });
      expect(first).toMatchObject({ revision: 1, effective_from: '2024-01-01T00:00:00.000000Z' });
      await api.http.put(at('one')).send({ zones: [], effective_from: '2024-04-01T00:00:00Z' }).expect(409);
      const [row] = await database.query('SELECT takes_up_past FROM store_mapping_revisions');
      expect(row.takes_up_past).toBe(true);
    });

    it('can be planned, and holds from then on', async () => {
      holdClock(api, '2024-05-01T12:00:00Z');
      await made.edit('one', { zones: [zone('a')] });
      const planned = await made.edit('one', { zones: [zone('b')], effective_from: '2024-06-01T00:00:00Z' });
      expect(planned).toMatchObject({
        revision: 1,
        planned: { revision: 2, effective_from: '2024-06-01T00:00:00.000000Z' },
      });
      await api.http.put(at('one')).send({ zones: [] }).expect(409);
      holdClock(api, '2024-06-01T00:00:00Z');
      expect(keysOf((await made.mapping('one')).zones)).toEqual(['b']);
    });

    it('is told for any instant and any range', async () => {
      for (const [day, key] of [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ] as const) {
        holdClock(api, `2024-05-0${day}T00:00:00Z`);
        await made.edit('one', { zones: [zone(key)] });
      }
      const reader = api.app.get(MappingReader);
      const [{ store_key: key }] = await database.query('SELECT store_key FROM stores');
      const us = (day: number, hour = 0): number => Date.UTC(2024, 4, day, hour) * 1000;
      const revisionAt = async (atUs: number) =>
        (await reader.inForce(database, key, atUs))?.revision ?? null;
      expect(await revisionAt(us(1) - 1)).toBeNull();
      expect(await revisionAt(us(1))).toBe(1);
      expect(await revisionAt(us(2, 12))).toBe(2);
      expect(await revisionAt(us(30))).toBe(3);
      const revisionsOf = async (from: number, to: number) =>
        (await reader.revisions(key, from, to)).map(({ revision }) => revision);
      expect(await revisionsOf(us(1, 12), us(2))).toEqual([1]);
      expect(await revisionsOf(us(1, 12), us(2, 1))).toEqual([1, 2]);
      expect(await revisionsOf(0, us(30))).toEqual([1, 2, 3]);
      expect(await revisionsOf(us(3), us(4))).toEqual([3]);
      expect(await revisionsOf(0, us(1))).toEqual([]);
    });

    it('goes back to an earlier revision by one more that is equal to it', async () => {
      await made.edit('one', { zones: [zone('a')] });
      await made.edit('one', { zones: [zone('b')] });
      const { body } = await api.http.post(at('one', '/rollback')).send({ to_revision: 1 }).expect(200);
      expect(body).toMatchObject({ revision: 3, action: 'rollback', rolled_back_to: 1 });
      expect(keysOf(body.zones)).toEqual(['a']);
      const roll = (etag: string) =>
        api.http.post(at('one', '/rollback')).set('If-Match', etag).send({ to_revision: 1 });
      const { etag } = await made.mapping('one');
      await roll('"0-0"').expect(412);
      await made.edit('one', { zones: [zone('c')] });
      await roll(etag).expect(412);
      expect(await made.mapping('one')).toMatchObject({ revision: 4, action: 'replace' });
      await roll((await made.mapping('one')).etag).expect(200);
      for (const none of [6, 2_147_483_648])
        await api.http.post(at('one', '/rollback')).send({ to_revision: none }).expect(404);
      for (const bad of [0, 'x', null])
        await api.http.post(at('one', '/rollback')).send({ to_revision: bad }).expect(400);
      const list = await api.http.get(at('one', '/revisions?limit=2')).expect(200);
      expect(list.body.data.map(({ revision }: { revision: number }) => revision)).toEqual([5, 4]);
      const rest = await api.http.get(at('one', `/revisions?cursor=${list.body.next_cursor}`)).expect(200);
      expect(rest.body).toMatchObject({
        data: [{ revision: 3 }, { revision: 2 }, { revision: 1, action: 'replace' }],
        next_cursor: null,
      });
      expect((await api.http.get(at('one', '/revisions/2')).expect(200)).body.zones[0].key).toBe('b');
      await api.http.get(at('one', '/revisions/9')).expect(404);
    });
  });

  describe('a blueprint is applied to', () => {
    it('tells what was added, updated, removed and kept, and changes nothing the second time', async () => {
      const { id } = await made.blueprint({ zones: [zone('a'), zone('b'), zone('c')], colour: 'red' });
      expect(await made.apply(id, { store: 'CAM-7' })).toMatchObject({
        store_id: 'one',
        version: 1,
        mode: 'merge',
        changed: true,
        revision: 1,
        added: { zones: ['a', 'b', 'c'], lines: [], cameras: [], data: ['colour'] },
        kept: { zones: [] },
        conflicts: [],
      });
      expect(await made.apply(id, { store: 'one' })).toMatchObject({
        changed: false,
        revision: 1,
        kept: { zones: ['a', 'b', 'c'] },
      });
      await made.change(id, { zones: [zone('a'), zone('b', { name: 'B' }), zone('d')] });
      expect(await made.apply(id, { store: 'one' })).toMatchObject({
        version: 2,
        revision: 2,
        added: { zones: ['d'] },
        updated: { zones: ['b'] },
        removed: { zones: ['c'] },
        kept: { zones: ['a'] },
      });
      expect(await made.mapping('one')).toMatchObject({ action: 'apply', blueprint: { id, version: 2 } });
      expect(await made.apply(id, { store: 'one', version: 1, dry_run: true })).toMatchObject({
        dry_run: true,
        revision: 3,
      });
      expect((await made.mapping('one')).revision).toBe(2);
      expect(await made.apply(id, { store: 'one', version: 1 })).toMatchObject({
        version: 1,
        revision: 3,
        added: { zones: ['c'] },
        removed: { zones: ['d'] },
      });
      const { zones, blueprint } = await made.mapping('one');
      expect(zones).toMatchObject([zone('a'), zone('b', { name: 'b' }), zone('c')]);
      expect(zones).toHaveLength(3);
      expect(blueprint).toEqual({ id, version: 1 });
      await api.http.post(applyOf(id)).send({ version: 9 }).expect(404);
    });

    it('keeps what was changed by hand, and tells where the blueprint was changed too', async () => {
      const { id } = await made.blueprint({ zones: [zone('a'), zone('b')] });
      await made.apply(id, { store: 'one' });
      await made.edit('one', { zones: [zone('a', { name: 'Ours', capacity: 5 }), zone('b'), zone('mine')] });
      await made.change(id, {
        zones: [zone('a', { name: 'Theirs', min_presence_ms: 5 }), zone('b', { kind: 'queue' })],
      });
      const { body } = await api.http.post(applyOf(id)).send({ store: 'one' }).expect(409);
      expect(body).toMatchObject({
        type: 'urn:storewatch:problem:mapping_conflict',
        conflicts: [{ kind: 'zones', key: 'a', member: 'name', base: 'a', ours: 'Ours', theirs: 'Theirs' }],
      });
      expect((await made.mapping('one')).revision).toBe(2);
      const settled = await made.apply(id, { store: 'one', on_conflict: 'ours' });
      expect(settled).toMatchObject({
        changed: true,
        updated: { zones: ['a', 'b'] },
        kept: { zones: ['mine'] },
        conflicts: [{}],
      });
      const { zones } = await made.mapping('one');
      expect(zones).toMatchObject([
        { key: 'a', name: 'Ours', capacity: 5, min_presence_ms: 5 },
        { key: 'b', kind: 'queue' },
        { key: 'mine' },
      ]);
      expect(await made.apply(id, { store: 'one' })).toMatchObject({ changed: false, revision: 3 });
      expect(await made.apply(id, { store: 'one', mode: 'replace' })).toMatchObject({
        removed: { zones: ['mine'] },
      });
    });

    it('remembers which version it compares with, also when the mapping said all of it before', async () => {
      const { id } = await made.blueprint({ zones: [zone('a', { name: '1' })] });
      await made.apply(id, { store: 'one' });
      await made.edit('one', { zones: [zone('a', { name: '2' })] });
      await made.change(id, { zones: [zone('a', { name: '2' })] });
      expect(await made.apply(id, { store: 'one' })).toMatchObject({ changed: false });
      await made.change(id, { zones: [zone('a', { name: '3' })] });
      expect(await made.apply(id, { store: 'one' })).toMatchObject({ changed: true, conflicts: [] });
    });

    it('means the mapping of no store when none is named, until one is called so', async () => {
      const { id } = await made.blueprint({ zones: [zone('a')] });
      expect(await made.apply(id)).toMatchObject({ store_id: 'default', revision: 1 });
      const [{ count }] = await database.query('SELECT count(*)::int AS count FROM stores');
      expect(count).toBe(1);
      expect(keysOf((await made.mapping('default')).zones)).toEqual(['a']);
      await made.store('0099', { aliases: ['Default'] });
      expect(await made.apply(id)).toMatchObject({ store_id: '0099', revision: 1 });
    });

    it('is refused when it is not active, or names no store, or two ways of naming them', async () => {
      const { id } = await made.blueprint({ is_active: false });
      await api.http.post(applyOf(id)).send({ store: 'one' }).expect(409);
      await made.change(id, { is_active: true });
      await api.http.post(applyOf(id)).send({ store: 'nobody' }).expect(404);
      await api.http
        .post(applyOf(id))
        .send({ store: 'one', store_ids: ['one'] })
        .expect(400);
      for (const bad of [
        { store_ids: [] },
        { mode: 'x' },
        { version: 0 },
        { dry_run: 'yes' },
        { effective_from: 'x' },
        { other: 1 },
      ])
        await api.http.post(applyOf(id)).send(bad).expect(400);
      const { body } = await api.http
        .post(applyOf(id))
        .send({ store_ids: ['x', 'y'] })
        .expect(404);
      expect(body.errors).toHaveLength(2);
    });

    it('gives a blueprint with what was changed by hand, which gives other stores the same', async () => {
      const { id } = await made.blueprint({ zones: [zone('a')] });
      await api.http.post(`${BLUEPRINTS}/from-mapping`).send({ store: 'one', name: 'x' }).expect(409);
      await made.apply(id, { store: 'one' });
      await made.edit('one', { zones: [zone('a', { name: 'Ours' }), zone('mine', { extra: [1] })] });
      const { body } = await api.http
        .post(`${BLUEPRINTS}/from-mapping`)
        .send({ store: 'one', name: 'Snap' })
        .expect(201);
      await made.store('two');
      await made.apply(body.id, { store: 'two' });
      expect((await made.mapping('two')).zones).toEqual((await made.mapping('one')).zones);
    });

    it('happens once for one of many who apply upon the same state; without a condition nothing is mixed', async () => {
      const layouts = await Promise.all(
        ['x', 'y', 'z', 'v', 'w'].map((letter) =>
          made.blueprint({ zones: [zone(`${letter}1`), zone(`${letter}2`)] }),
        ),
      );
      const { etag } = await made.mapping('one');
      const answers = await Promise.all(
        layouts.map(({ id }) => api.http.post(applyOf(id)).set('If-Match', etag).send({ store: 'one' })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412, 412]);
      expect((await made.mapping('one')).zones).toHaveLength(2);
      await Promise.all(layouts.map(({ id }) => made.apply(id, { store: 'one', mode: 'replace' })));
      const { body } = await api.http.get(at('one', '/revisions')).expect(200);
      for (const { revision } of body.data) {
        const { body: kept } = await api.http.get(at('one', `/revisions/${revision}`)).expect(200);
        expect(new Set(keysOf(kept.zones).map((key) => key[0])).size).toBe(1);
      }
    });
  });

  describe('of many stores', () => {
    const stores = async (count: number): Promise<string[]> => {
      await database.query(
        `INSERT INTO stores (store_id) SELECT 'many-' || n FROM generate_series(1, $1::int) AS n`,
        [count],
      );
      return Array.from({ length: count }, (_, place) => `many-${place + 1}`);
    };
    const rollout = async (id: string, body: object) => {
      const { body: begun, headers } = await api.http.post(applyOf(id)).send(body).expect(202);
      expect(headers['location']).toBe(begun.links.self);
      return (await api.http.get(`${begun.links.self}?limit=500`).set('Prefer', 'wait=20').expect(200)).body;
    };

    it('tells a result for each, and goes on where one fails', async () => {
      const ids = await stores(3);
      const { id } = await made.blueprint({ zones: [zone('a')] });
      await made.apply(id, { store: ids[1] });
      await made.edit(ids[1]!, { zones: [zone('a', { name: 'Ours' })] });
      await made.change(id, { zones: [zone('a', { name: 'Theirs' })] });
      const ended = await rollout(id, { store_ids: [...ids, 'nobody', ids[0]] });
      expect(ended).toMatchObject({
        status: 'completed',
        total: 4,
        done: 4,
        applied: 2,
        unchanged: 0,
        failed: 2,
      });
      expect(ended.stores).toMatchObject([
        { store: ids[0], status: 'applied', result: { revision: 1, added: { zones: 1 } }, problem: null },
        {
          store: ids[1],
          status: 'failed',
          result: null,
          problem: { code: 'mapping_conflict', conflicts: [{ key: 'a' }] },
        },
        { store: ids[2], status: 'applied' },
        { store: 'nobody', store_id: null, status: 'failed', problem: { status: 404 } },
      ]);
      expect((await made.mapping(ids[1]!)).zones[0].name).toBe('Ours');
      const again = await rollout(id, { store_ids: ids, on_conflict: 'theirs' });
      expect(again).toMatchObject({ applied: 1, unchanged: 2, failed: 0 });
      const failed = await api.http.get(`${ended.links.self}?status=failed&limit=1`).expect(200);
      expect(failed.body.stores).toHaveLength(1);
      const next = await api.http
        .get(`${ended.links.self}?status=failed&cursor=${failed.body.next_cursor}`)
        .expect(200);
      expect(next.body).toMatchObject({ stores: [{ store: 'nobody' }], next_cursor: null });
    });

    it('takes a thousand stores in seconds', async () => {
      const ids = await stores(1000);
      const { id } = await made.blueprint({
        zones: Array.from({ length: 20 }, (_, place) => zone(`z${place}`)),
      });
      const started = performance.now();
      const ended = await rollout(id, { store_ids: ids });
      expect(ended).toMatchObject({ status: 'completed', applied: 1000 });
      expect(performance.now() - started).toBeLessThan(10_000);
      const [{ count }] = await database.query(
        'SELECT count(DISTINCT store_key)::int AS count FROM store_mapping_revisions',
      );
      expect(count).toBe(1000);
    });

    it('goes on where a process that died has left off, and does no store twice', async () => {
      const ids = await stores(3);
      const { id } = await made.blueprint({ zones: [zone('a')] });
      await made.apply(id, { store: ids[0] });
      const rolloutId = '0198b2c0-0000-7000-8000-00000000000a';
      await database.query(
        `INSERT INTO blueprint_rollouts (rollout_id, blueprint_id, version, mode, on_conflict, dry_run, total, status,
                                         attempts, claim_token, lease_until)
         VALUES ($1, $2, 1, 'merge', 'fail', false, 3, 'running', 1, gen_random_uuid(), clock_timestamp() - interval '1 second')`,
        [rolloutId, id],
      );
      await database.query(
        `INSERT INTO blueprint_rollout_stores (rollout_id, position, named, store_key, store_id, status, result)
         SELECT $1, row_number() OVER (ORDER BY store_id) - 1, store_id, store_key, store_id,
                CASE WHEN store_id = 'many-1' THEN 'applied' ELSE 'pending' END, NULL
           FROM stores WHERE store_id LIKE 'many-%'`,
        [rolloutId],
      );
      const { body } = await api.http
        .get(`${BLUEPRINTS}/${id}/rollouts/${rolloutId}`)
        .set('Prefer', 'wait=20')
        .expect(200);
      expect(body).toMatchObject({ status: 'completed', applied: 3 });
      const rows = await database.query(
        'SELECT count(*)::int AS revisions FROM store_mapping_revisions GROUP BY store_key',
      );
      expect(rows).toEqual([{ revisions: 1 }, { revisions: 1 }, { revisions: 1 }]);
    });

    it('leaves alone the one store that the database refuses, and serves the others', async () => {
      const ids = await stores(5);
      const { id } = await made.blueprint({ zones: [zone('a')] });
      const [{ store_key: key }] = await database.query('SELECT store_key FROM stores WHERE store_id = $1', [
        ids[2],
      ]);
      await database.query(
        `ALTER TABLE store_mapping_revisions ADD CONSTRAINT trial CHECK (store_key <> ${Number(key)}) NOT VALID`,
      );
      try {
        const ended = await rollout(id, { store_ids: ids });
        expect(ended).toMatchObject({ status: 'completed', applied: 4, failed: 1 });
        expect(ended.stores[2]).toMatchObject({ status: 'failed', problem: { code: 'internal' } });
      } finally {
        await database.query('ALTER TABLE store_mapping_revisions DROP CONSTRAINT trial');
      }
    });

    it('never says of a store that it failed which another process has served meanwhile', async () => {
      const ids = await stores(1);
      const { id } = await made.blueprint({ zones: [zone('a')] });
      const { id: rolloutId } = await rollout(id, { store_ids: [...ids, 'default'] });
      const set = 'UPDATE blueprint_rollout_stores SET status = $2 WHERE rollout_id = $1 AND position = 0';
      await database.query(set, [rolloutId, 'pending']);
      const runner = api.app.get(RolloutRunner, { strict: false });
      const other = database.createQueryRunner();
      await other.startTransaction();
      await other.query(set, [rolloutId, 'applied']);
      const told = runner['failNext'](rolloutId, new Error('trial'));
      const isWaiting = await waitFor(async () => {
        const waiting = await database.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE blueprint_rollout_stores%'`,
        );
        return waiting.length > 0 ? true : null;
      }, 10_000);
      expect(isWaiting).toBe(true);
      await other.commitTransaction();
      await other.release();
      await told;
      const [row] = await database.query(
        'SELECT status FROM blueprint_rollout_stores WHERE rollout_id = $1 AND position = 0',
        [rolloutId],
      );
      expect(row.status).toBe('applied');
    });

    it('is told without being done on a dry run, and takes no If-Match', async () => {
      const ids = await stores(2);
      const { id } = await made.blueprint({ zones: [zone('a')] });
      expect(await rollout(id, { store_ids: ids, dry_run: true })).toMatchObject({
        applied: 2,
        dry_run: true,
      });
      expect((await made.mapping(ids[0]!)).revision).toBe(0);
      await api.http.post(applyOf(id)).set('If-Match', '"a-b"').send({ store_ids: ids }).expect(400);
    });
  });
});
