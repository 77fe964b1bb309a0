import { DataSource } from 'typeorm';
import { RolloutRunner } from '../src/blueprints/rollouts/rollout.runner.js';
import { startTestApi, type TestApi } from './support/application.js';
import { BLUEPRINTS, emptyLayouts, layoutsOf, zone } from './support/layouts.js';
import { holdClock } from './support/stores.js';

const MAY = '2024-05-01T12:00:00Z';
const JUNE = '2024-06-01T00:00:00.000000Z';

/** What was told of a store. */
interface Told {
  store: string;
  status: string;
  result: { effective_from: string } | null;
  problem: { status: number; code: string } | null;
}

describe('a blueprint on its way to many stores', () => {
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
    for (const store of ['one', 'two']) await made.store(store);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const begin = async (id: string, body: object) =>
    (
      await api.http
        .post(`${BLUEPRINTS}/${id}/apply`)
        .send({ store_ids: ['one', 'two'], ...body })
        .expect(202)
    ).body;
  const end = async (rollout: { links: { self: string } }) =>
    (await api.http.get(rollout.links.self).set('Prefer', 'wait=20').expect(200)).body;
  const keysOf = async (store: string): Promise<string[]> =>
    (await made.mapping(store)).zones.map(({ key }: { key: string }) => key);

  /** Begins one that no process takes up before the function that it gives is called. */
  const beginLater = async (id: string, body: object = {}) => {
    const runner = api.app.get(RolloutRunner, { strict: false });
    const offer = jest.spyOn(runner, 'offer').mockReturnValue(undefined);
    const rollout = await begin(id, body);
    return () => {
      offer.mockRestore();
      return end(rollout);
    };
  };

  it('replaces what was changed in a store by hand, where that is asked for', async () => {
    const { id } = await made.blueprint({ zones: [zone('a')] });
    await made.edit('two', { zones: [zone('mine')] });
    const ended = await end(await begin(id, { mode: 'replace' }));
    expect(ended).toMatchObject({ mode: 'replace', applied: 2 });
    expect(ended.stores[1].result).toMatchObject({ added: { zones: 1 }, removed: { zones: 1 } });
    expect(await keysOf('two')).toEqual(['a']);
  });

  it('is planned in every store for the instant that is asked for', async () => {
    holdClock(api, MAY);
    const { id } = await made.blueprint({ zones: [zone('a')] });
    await made.edit('two', { zones: [zone('mine')] });
    const ended = await end(await begin(id, { effective_from: JUNE }));
    expect(ended).toMatchObject({ effective_from: JUNE, applied: 2 });
    expect(ended.stores.map(({ result }: Told) => result?.effective_from)).toEqual([JUNE, JUNE]);
    expect(await made.mapping('one')).toMatchObject({ revision: 0, planned: { effective_from: JUNE } });
    expect(await keysOf('two')).toEqual(['mine']);
    holdClock(api, JUNE);
    expect(await keysOf('one')).toEqual(['a']);
    expect(await keysOf('two')).toEqual(['a', 'mine']);
  });

  it('comes late to a store whose turn is after the instant: from its turn on where a mapping has told figures', async () => {
    holdClock(api, MAY);
    const { id } = await made.blueprint({ zones: [zone('a')] });
    await made.edit('two', { zones: [zone('mine')] });
    const goOn = await beginLater(id, { effective_from: JUNE });
    holdClock(api, '2024-06-02T00:00:00Z');
    const ended = await goOn();
    expect(ended).toMatchObject({ effective_from: JUNE, applied: 2, failed: 0 });
    expect(ended.stores.map(({ result }: Told) => result?.effective_from)).toEqual([
      JUNE,
      '2024-06-02T00:00:00.000000Z',
    ]);
  });

  it('is refused by a store with a mapping where the past was asked for', async () => {
    holdClock(api, MAY);
    const { id } = await made.blueprint({ zones: [zone('a')] });
    await made.edit('two', { zones: [zone('mine')] });
    const ended = await end(await begin(id, { effective_from: '2024-05-01T11:59:59Z' }));
    expect(ended.stores).toMatchObject([
      { status: 'applied', result: { effective_from: '2024-05-01T11:59:59.000000Z' } },
      { status: 'failed', problem: { code: 'past_is_told' } },
    ]);
  });

  it('tells which parts of a layout of the earlier system come to no store', async () => {
    const blueprint = await made.blueprint({ mapping_data: { zones: { bad: { points: 'here' } } } });
    const { unread } = blueprint as unknown as { unread: object[] };
    expect(unread).toHaveLength(1);
    const begun = await begin(blueprint.id, {});
    expect(begun.unread).toEqual(unread);
    expect((await end(begun)).unread).toEqual(unread);
  });

  it('goes to 10,000 stores at the most', async () => {
    const { id } = await made.blueprint();
    const names = Array.from({ length: 10_001 }, (_, place) => `store-${place}`);
    const { body } = await api.http.post(`${BLUEPRINTS}/${id}/apply`).send({ store_ids: names }).expect(400);
    expect(body.detail).toContain('at most 10000 stores');
    // As many are taken: that none of them exists is another matter.
    await api.http
      .post(`${BLUEPRINTS}/${id}/apply`)
      .send({ store_ids: names.slice(1) })
      .expect(404);
  });

  it('says of stores that were cleared meanwhile that there are none any more', async () => {
    const { id } = await made.blueprint({ zones: [zone('a')] });
    const goOn = await beginLater(id, { store_ids: ['one', 'two', 'default'] });
    await api.http.delete('/api/v1/data').expect(200);
    const ended = await goOn();
    expect(ended).toMatchObject({ status: 'completed', applied: 1, failed: 2 });
    expect(
      ended.stores.map(({ store, status, problem }: Told) => [store, status, problem?.status, problem?.code]),
    ).toEqual([
      ['one', 'failed', 404, 'store_not_found'],
      ['two', 'failed', 404, 'store_not_found'],
      ['default', 'applied', undefined, undefined],
    ]);
  });
});
