import type pg from 'pg';
import { DataSource } from 'typeorm';
import { MappingReader } from '../src/blueprints/index.js';
import { readLayouts } from '../src/movements/digest/layouts.reader.js';
import { EvidenceReader } from '../src/movements/evidence/evidence.reader.js';
import { countPresenceChanges } from '../src/movements/evidence/presence-versions.js';
import { readLayoutsIn } from '../src/movements/figures/figures.reader.js';
import { withConnection } from '../src/platform/database/connection.js';
import { startTestApi, type TestApi } from './support/application.js';
import { BLUEPRINTS, emptyLayouts, layoutsOf, zone } from './support/layouts.js';
import { holdClock, urlOf } from './support/stores.js';

const NOW = '2024-05-01T12:00:00Z';
const JUNE = '2024-06-01T00:00:00Z';
const JULY = '2024-07-01T00:00:00Z';

describe('a revision that is planned', () => {
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
    await made.store('one');
    holdClock(api, NOW);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const at = (rest = ''): string => urlOf('one', `/mapping${rest}`);
  const withdraw = async (revision: number) =>
    (await api.http.delete(at(`/revisions/${revision}`)).expect(200)).body;
  const keysNow = async (): Promise<string[]> =>
    (await made.mapping('one')).zones.map(({ key }: { key: string }) => key);
  /** One that holds, and one from June on. */
  const plan = async (): Promise<void> => {
    await made.edit('one', { zones: [zone('a')], cameras: [] });
    await made.edit('one', { zones: [zone('b')], cameras: [{ key: 'door' }], effective_from: JUNE });
  };

  it('begins at most 366 days ahead, whoever plans it', async () => {
    await plan();
    const { id } = await made.blueprint({ zones: [zone('c')] });
    const late = '2025-05-02T12:00:00.000001Z';
    const bodies = [
      await api.http.put(at()).send({ zones: [], effective_from: late }),
      await api.http.post(at('/rollback')).send({ to_revision: 1, effective_from: late }),
      await api.http.post(`${BLUEPRINTS}/${id}/apply`).send({ store: 'one', effective_from: late }),
      await api.http
        .post(`${BLUEPRINTS}/${id}/apply`)
        .send({ store_ids: ['one', 'default'], effective_from: '2100-01-01T00:00:00Z' }),
    ];
    for (const { status, body } of bodies) {
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ pointer: '/effective_from' }]);
      expect(body.detail).toContain('at most 366 days ahead, 2025-05-02T12:00:00.000000Z at the latest');
    }
    await made.edit('one', { zones: [], effective_from: '2025-05-02T12:00:00Z' });
  });

  it('keeps every earlier start away, and says which one it is and how it goes', async () => {
    await plan();
    const { id } = await made.blueprint({ zones: [zone('c')] });
    const answers = [
      await api.http.put(at()).send({ zones: [] }),
      await api.http.post(at('/rollback')).send({ to_revision: 1 }),
      await api.http.post(`${BLUEPRINTS}/${id}/apply`).send({ store: 'one', mode: 'replace' }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.type]).toEqual([409, 'urn:storewatch:problem:later_revision_planned']);
      expect(body.detail).toContain('Revision 2 of the mapping is planned');
      expect(body.detail).toContain('2024-06-01T00:00:00.000000Z');
      expect(body.detail).toContain('DELETE /api/v1/stores/one/mapping/revisions/2');
    }
  });

  it('does not hold for those who want now what it says', async () => {
    await plan();
    const same = { zones: [zone('b')], cameras: [{ key: 'door' }] };
    const { id } = await made.blueprint(same);
    const apply = { store: 'one', mode: 'replace' };
    await api.http.put(at()).send(same).expect(409);
    await api.http
      .put(at())
      .send({ ...same, effective_from: '2024-05-15T00:00:00Z' })
      .expect(409);
    await api.http.post(at('/rollback')).send({ to_revision: 2 }).expect(409);
    await api.http.post(`${BLUEPRINTS}/${id}/apply`).send(apply).expect(409);
    expect((await made.edit('one', { ...same, effective_from: JUNE })).planned.revision).toBe(2);
    expect(await made.apply(id, { ...apply, effective_from: JULY })).toMatchObject({
      changed: false,
      revision: 2,
    });
  });

  it('is withdrawn upon what there is, stays in the list, and never holds', async () => {
    await plan();
    const { etag } = await made.mapping('one');
    await api.http.delete(at('/revisions/2')).set('If-Match', '"0-0"').expect(412);
    const { body, headers } = await api.http.delete(at('/revisions/2')).set('If-Match', etag).expect(200);
    expect(body).toMatchObject({ revision: 1, planned: null });
    expect(headers['etag']).toBe((await made.mapping('one')).etag);
    expect((await withdraw(2)).revision).toBe(1);
    const { body: list } = await api.http.get(at('/revisions')).expect(200);
    expect(list.data).toMatchObject([
      { revision: 2, effective_from: '2024-06-01T00:00:00.000000Z', withdrawn_at: expect.any(String) },
      { revision: 1, withdrawn_at: null },
    ]);
    const { body: kept } = await api.http.get(at('/revisions/2')).expect(200);
    expect(kept).toMatchObject({ zones: [{ key: 'b' }], withdrawn_at: expect.any(String) });
    holdClock(api, '2024-06-02T00:00:00Z');
    expect(await keysNow()).toEqual(['a']);
    const refused = await api.http.post(at('/rollback')).send({ to_revision: 2 }).expect(409);
    expect(refused.body.type).toBe('urn:storewatch:problem:revision_withdrawn');
    expect(await made.edit('one', { zones: [zone('c')] })).toMatchObject({ revision: 3 });
    expect(await made.apply((await made.blueprint()).id, { store: 'one', mode: 'replace' })).toMatchObject({
      revision: 4,
    });
  });

  it('leaves its number unused, where all were withdrawn too', async () => {
    await made.edit('one', { zones: [zone('a')], effective_from: JUNE });
    await withdraw(1);
    expect(await made.mapping('one')).toMatchObject({ revision: 0, planned: null });
    const { id } = await made.blueprint({ zones: [zone('a')] });
    expect(await made.apply(id, { store: 'one', dry_run: true })).toMatchObject({ revision: 2 });
    expect(await made.apply(id, { store: 'one' })).toMatchObject({ changed: true, revision: 2 });
  });

  it('can be withdrawn only as the last one, and before it holds', async () => {
    await plan();
    await made.edit('one', { zones: [], effective_from: JULY });
    const behind = await api.http.delete(at('/revisions/2')).expect(409);
    expect(behind.body.detail).toContain('Revision 3 is planned behind revision 2');
    await withdraw(3);
    const holding = await api.http.delete(at('/revisions/1')).expect(409);
    expect(holding.body.type).toBe('urn:storewatch:problem:revision_in_force');
    for (const none of ['9', '0', 'x', '1.5', '-1', '99999999999999999999', '%00'])
      await api.http.delete(at(`/revisions/${none}`)).expect(404);
    holdClock(api, JUNE);
    await api.http.delete(at('/revisions/2')).expect(409);
    expect(await keysNow()).toEqual(['b']);
  });

  it('says of a revision that is no number that it has to be one', async () => {
    await plan();
    const { body } = await api.http.get(at('/revisions/x')).expect(404);
    expect(body.detail).toBe(
      "The mapping of the store 'one' has no revision 'x': a revision is a whole number, here from 1 to 2.",
    );
    const { id } = await made.blueprint();
    const version = await api.http.get(`${BLUEPRINTS}/${id}/versions/x`).expect(404);
    expect(version.body.detail).toContain("no version 'x': a version is a whole number, here from 1 to 1.");
  });

  it('is no base of a merge once it is withdrawn', async () => {
    const { id } = await made.blueprint({ zones: [zone('a', { name: '1' })] });
    await made.apply(id, { store: 'one' });
    await made.change(id, { zones: [zone('a', { name: '2' })] });
    await made.apply(id, { store: 'one', effective_from: JUNE });
    await withdraw(2);
    expect(await made.apply(id, { store: 'one' })).toMatchObject({
      changed: true,
      updated: { zones: ['a'] },
      conflicts: [],
    });
    expect((await made.mapping('one')).zones).toMatchObject([{ key: 'a', name: '2' }]);
  });

  it('is in no figure and no evidence once it is withdrawn, and what was worked out with it is again', async () => {
    await plan();
    const [{ key }] = await database.query('SELECT store_key AS key FROM stores');
    const [fromUs, toUs] = [Date.parse(JUNE) * 1000, Date.parse(JULY) * 1000];
    const readers = api.app.get(EvidenceReader, { strict: false });
    const range = { range: { startUs: fromUs, endUs: toUs } };
    const told = () =>
      withConnection(database, async (client: pg.PoolClient) => ({
        digest: (await readLayouts(client, key)).at(fromUs).revision,
        figures: (await readLayoutsIn(client, key, { fromUs, toUs })).map(({ revision }) => revision),
        cameras: await readers.storesWithCameras(client, { fromKey: 0, toKey: 0, keys: [key] }, range),
        presence: (await readers.presenceOf(client, [key], range)).get(key)!.mapped.length,
        mapping: (await api.app.get(MappingReader).revisions(key, fromUs, toUs)).map(
          ({ revision }) => revision,
        ),
      }));
    const changes = () => withConnection(database, countPresenceChanges);
    expect(await told()).toEqual({ digest: 2, figures: [2], cameras: [key], presence: 2, mapping: [2] });
    const before = await changes();
    await withdraw(2);
    expect(await told()).toEqual({ digest: 1, figures: [1], cameras: [], presence: 1, mapping: [1] });
    expect(await changes()).not.toBe(before);
    const [row] = await database.query(
      'SELECT takes_up_past FROM store_mapping_revisions WHERE withdrawn_at IS NOT NULL',
    );
    expect(row.takes_up_past).toBe(true);
  });

  it('is either withdrawn or built upon when both are asked at once', async () => {
    await plan();
    const { etag } = await made.mapping('one');
    const answers = await Promise.all([
      api.http.delete(at('/revisions/2')).set('If-Match', etag),
      api.http.put(at()).set('If-Match', etag).send({ zones: [], effective_from: JULY }),
      api.http.delete(at('/revisions/2')).set('If-Match', etag),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 412, 412]);
    const { body } = await api.http.get(at('/revisions')).expect(200);
    const numbers = body.data.map(({ revision }: { revision: number }) => revision);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
