import { DataSource } from 'typeorm';
import { startTestApi, type TestApi } from './support/application.js';
import { BLUEPRINTS, CALIBRATION, emptyLayouts, layoutsOf, zone } from './support/layouts.js';

const NOBODY = '0198b2c0-0000-7000-8000-000000000000';

describe('blueprints', () => {
  let api: TestApi;
  let made: ReturnType<typeof layoutsOf>;

  beforeAll(async () => {
    api = await startTestApi();
    made = layoutsOf(api);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await emptyLayouts(api.app.get(DataSource));
  });

  const at = (id: string, rest = ''): string => `${BLUEPRINTS}/${id}${rest}`;

  it('are made with what their zones, lines and cameras leave out filled in', async () => {
    const { body, headers } = await api.http
      .post(BLUEPRINTS)
      .send({
        name: ' Corner shop ',
        description: 'Two\nrows',
        zones: [zone('till', { kind: 'checkout', capacity: 2 }), zone('back', { kind: 'staff_only' })],
        lines: [{ key: 'door', from: [0, 0.5], to: [0.2, 0.5] }],
        cameras: [{ key: 'cam-1', frame: { w: 1920, h: 1080 }, calibration: CALIBRATION }],
      })
      .expect(201);
    expect(body).toMatchObject({
      name: 'Corner shop',
      description: 'Two\nrows',
      is_active: true,
      version: 1,
    });
    expect(body.zones[0]).toEqual({
      ...zone('till'),
      name: 'till',
      kind: 'checkout',
      anchor: 'bottom_center',
      min_presence_ms: 1000,
      exit_grace_ms: 2000,
      capacity: 2,
      open_evidence: true,
      enabled: true,
    });
    expect(body.zones[1].open_evidence).toBe(false);
    expect(body.lines[0]).toMatchObject({ key: 'door', from: [0, 0.5], enabled: true });
    expect(body.cameras[0].calibration_error.max).toBeLessThan(1e-9);
    expect(headers['location']).toBe(at(body.id));
    const found = await api.http.get(at(body.id)).expect(200);
    expect(found.body).toEqual(body);
    expect(found.headers['etag']).toBe(headers['etag']);
    await api.http.get(at(body.id)).set('If-None-Match', headers['etag']!).expect(304);
  });

  it('tell everything that is wrong with a body at once, each at its place', async () => {
    const { body } = await api.http
      .post(BLUEPRINTS)
      .send({
        name: '',
        zones: [
          {
            key: 'a',
            polygon: [
              [0, 0],
              [1, 1],
            ],
          },
          zone('b', {
            polygon: [
              [0, 0],
              [1, 1],
              [1, 0],
              [0, 1],
            ],
          }),
          zone('c', {
            polygon: [
              [0, 0],
              [0.5, 0.5],
              [1, 1],
            ],
          }),
          zone('d', {
            polygon: [
              [0, 0],
              [1.5, 0],
              [1, 1],
            ],
          }),
          zone('b', { kind: 'garden', anchor: 'left', capacity: -1, min_presence_ms: 1.5 }),
          zone('e', { name: 'x'.repeat(201), exit_grace_ms: 1e9, enabled: 'yes' }),
          'no zone',
        ],
        lines: [
          { key: 'l', from: [0, 0], to: [0, 0] },
          { key: 7, from: 'here', to: [0, 1] },
        ],
        cameras: [{ key: 'k', frame: { w: 0, h: 5 }, calibration: { image: [], plan: [] } }],
      })
      .expect(400);
    expect(
      body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
    ).toEqual(
      [
        '/name bad_name',
        '/zones/0/polygon too_few_points',
        '/zones/1/polygon self_crossing',
        '/zones/2/polygon no_area',
        '/zones/3/polygon outside_plan',
        '/zones/4/kind unknown_kind',
        '/zones/4/anchor unknown_anchor',
        '/zones/4/min_presence_ms bad_number',
        '/zones/4/capacity bad_number',
        '/zones/5/name bad_text',
        '/zones/5/exit_grace_ms bad_number',
        '/zones/5/enabled bad_flag',
        '/zones/6 not_an_object',
        '/zones/4/key key_twice',
        '/lines/1/key bad_key',
        '/lines/1/from bad_point',
        '/lines/0/from no_length',
        '/cameras/0/frame bad_frame',
        '/cameras/0/calibration too_few_pairs',
      ].toSorted(byPlaceIn(body.errors)),
    );
  });

  it.each<[string, string, string]>([
    [
      'a coordinate beyond all numbers',
      '{"name":"n","zones":[{"key":"a","polygon":[[0,0],[1e999,0],[1,1]]}]}',
      'not_finite',
    ],
    ['a NUL deep within', '{"name":"n","extra":{"a":["\\u0000"]}}', 'bad_text'],
    ['half a character', '{"name":"n","extra":{"\\ud800":1}}', 'bad_text'],
    ['an id', '{"name":"n","id":"1"}', 'read_only'],
    ['an owner', '{"name":"n","owner":"me"}', 'read_only'],
    ['a version', '{"name":"n","version":3}', 'read_only'],
    ['a scope and a time', '{"name":"n","scope":"admin","createdAt":"x"}', 'read_only'],
    ['an own prototype', '{"name":"n","extra":{"__proto__":{"polluted":true}}}', 'http'],
    ['an own constructor', '{"name":"n","constructor":{"prototype":{"polluted":true}}}', 'http'],
    ['no name', '{}', 'bad_name'],
  ])('refuse %s', async (_, body, code) => {
    const answer = await api.http
      .post(BLUEPRINTS)
      .set('Content-Type', 'application/json')
      .send(body)
      .expect(400);
    if (code !== 'http') expect(answer.body.errors[0].code).toBe(code);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('keep members that nobody knows, at every level, and give them back', async () => {
    const { id } = await made.blueprint({
      colour: { main: ['#fff', null, 1.5] },
      zones: [zone('a', { shelf_count: 12 })],
      cameras: [{ key: 'c', lens: 'wide', frame: { w: 10, h: 10, fps: 25 } }],
    });
    const { body } = await api.http.get(at(id)).expect(200);
    expect(body.data).toEqual({ colour: { main: ['#fff', null, 1.5] } });
    expect(body.zones[0].data).toEqual({ shelf_count: 12 });
    expect(body.cameras[0].data).toEqual({ lens: 'wide', frame: { fps: 25 } });
    const again = await api.http.put(at(id)).send(body).expect(200);
    expect(again.body).toEqual(body);
  });

  it('make a version of every change, and none of what changes nothing', async () => {
    const { id } = await made.blueprint({ zones: [zone('a')] });
    expect((await made.change(id, { zones: [zone('a')] })).version).toBe(1);
    expect((await made.change(id, { zones: [zone('a'), zone('b')] })).version).toBe(2);
    const renamed = await made.change(id, { description: 'new' });
    expect(renamed).toMatchObject({ version: 3, description: 'new' });
    expect(renamed.zones).toHaveLength(2);
    const { body } = await api.http.get(at(id, '/versions?limit=2')).expect(200);
    expect(body.data.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
    const rest = await api.http.get(at(id, `/versions?limit=2&cursor=${body.next_cursor}`)).expect(200);
    expect(rest.body).toMatchObject({ data: [{ version: 1 }], next_cursor: null });
    const first = await api.http.get(at(id, '/versions/1')).expect(200);
    expect(first.body.zones.map(({ key }: { key: string }) => key)).toEqual(['a']);
    for (const none of ['0', '4', 'x', '99999999999'])
      await api.http.get(at(id, `/versions/${none}`)).expect(404);
  });

  it('are changed and archived only upon what there is', async () => {
    const { id } = await made.blueprint();
    const { headers, body } = await api.http.get(at(id)).expect(200);
    await made.change(id, { description: 'other' });
    await api.http.put(at(id)).set('If-Match', headers['etag']!).send({ description: 'x' }).expect(412);
    await api.http
      .put(at(id))
      .send({ ...body, description: 'x' })
      .expect(412);
    await api.http.delete(at(id)).set('If-Match', headers['etag']!).expect(412);
    await api.http.put(at(id)).send({ id: NOBODY }).expect(400);
  });

  it('have a name of their own, whatever the letter case, until they are archived', async () => {
    const { id } = await made.blueprint({ name: 'Flagship' });
    const other = await made.blueprint({ name: 'Other' });
    await api.http.post(BLUEPRINTS).send({ name: 'FLAGSHIP' }).expect(409);
    await api.http.put(at(other.id)).send({ name: 'flagship' }).expect(409);
    await api.http.delete(at(id)).expect(204);
    await api.http.delete(at(id)).expect(204);
    await api.http.put(at(other.id)).send({ name: 'flagship' }).expect(200);
    expect((await api.http.get(at(id)).expect(200)).body.archived_at).not.toBeNull();
    await api.http.put(at(id)).send({ name: 'new' }).expect(409);
    await api.http.post(at(id, '/apply')).send({}).expect(409);
  });

  it('are given a name once, however many ask for it at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.http.post(BLUEPRINTS).send({ name: 'Wanted' })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  it('are listed newest first, in pages, without the archived ones unless they are asked for', async () => {
    const ids = [];
    for (const name of ['one', 'two', 'three']) ids.unshift((await made.blueprint({ name })).id);
    await api.http.delete(at(ids[1]!)).expect(204);
    const list = async (query: string) => (await api.http.get(`${BLUEPRINTS}?${query}`).expect(200)).body;
    const idsOf = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
    expect(idsOf(await list(''))).toEqual([ids[0], ids[2]]);
    expect(idsOf(await list('archived=true'))).toEqual(ids);
    expect(idsOf(await list('search=THR'))).toEqual([ids[0]]);
    const first = await list('limit=1');
    expect(idsOf(await list(`limit=1&cursor=${first.next_cursor}`))).toEqual([ids[2]]);
    await api.http.get(`${BLUEPRINTS}?archived=maybe`).expect(400);
    await api.http.get(`${BLUEPRINTS}?cursor=x`).expect(400);
  });

  it('answer 404 to ids that are none', async () => {
    for (const id of [NOBODY, 'nobody', '1', '__proto__', '%27', 'x'.repeat(500)]) {
      await api.http.get(at(id)).expect(404);
      await api.http.put(at(id)).send({ name: 'x' }).expect(404);
      await api.http.delete(at(id)).expect(404);
      await api.http.get(at(id, '/versions')).expect(404);
      await api.http.post(at(id, '/apply')).send({}).expect(404);
      await api.http.get(at(id, `/rollouts/${NOBODY}`)).expect(404);
    }
  });

  it('take a thousand zones, and refuse one more, and a body that is too long at once', async () => {
    const zones = Array.from({ length: 1000 }, (_, place) =>
      zone(`zone-${place}`, { name: `Zone ${place}` }),
    );
    const { id } = await made.blueprint({ zones });
    expect((await api.http.get(at(id)).expect(200)).body.zones).toHaveLength(1000);
    expect(await made.apply(id)).toMatchObject({ changed: true, store_id: 'default' });
    await api.http
      .post(BLUEPRINTS)
      .send({ name: 'more', zones: [...zones, zone('last')] })
      .expect(400);
    const large = await api.http.post(BLUEPRINTS).send({ name: 'large', note: 'x'.repeat(10_000_000) });
    expect(large.status).toBe(413);
    expect(large.body.detail).toContain('2 MB');
    const long = 'x'.repeat(1_500_000);
    await api.http.post(BLUEPRINTS).send({ name: 'long', note: long }).expect(201);
    await api.http.post('/api/v1/stores').send({ store_id: 'x', name: long }).expect(413);
  });

  it('are made once for an Idempotency-Key', async () => {
    const send = () => api.http.post(BLUEPRINTS).set('Idempotency-Key', 'once').send({ name: 'Once' });
    const first = await send().expect(201);
    const again = await send().expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
  });

  describe('of the earlier system', () => {
    const MAPPING_DATA = {
      stores: {
        'Store A': {
          zones: {
            till: {
              points: [
                [0, 0],
                [0.5, 0],
                [0.5, 0.5],
                [0, 0],
              ],
              type: 'Checkout',
            },
          },
          floor: 2,
        },
        'Store B': {
          zones: [
            {
              id: 'till',
              polygon: [
                { x: 0.5, y: 0.5 },
                { x: 1, y: 0.5 },
                { x: 1, y: 1 },
              ],
            },
          ],
        },
      },
      cameras: { 'cam-1': { resolution: [1920, 1080], rtsp: 'rtsp://…' }, 'cam-2': {} },
      calibration: { 'cam-1': { image_points: CALIBRATION.image, world_points: CALIBRATION.plan } },
      anything: [1, { else: true }],
    };

    it('are taken as they are, given back as they were given, and read', async () => {
      const { id } = await made.blueprint({ mapping_data: MAPPING_DATA });
      const { body } = await api.http.get(at(id)).expect(200);
      expect(body.mapping_data).toEqual(MAPPING_DATA);
      expect(body.zones).toMatchObject([
        {
          key: 'Store A/till',
          kind: 'checkout',
          polygon: [
            [0, 0],
            [0.5, 0],
            [0.5, 0.5],
          ],
        },
        {
          key: 'Store B/till',
          kind: 'custom',
          polygon: [
            [0.5, 0.5],
            [1, 0.5],
            [1, 1],
          ],
        },
      ]);
      expect(body.cameras).toMatchObject([
        { key: 'cam-1', frame: { w: 1920, h: 1080 }, calibration: CALIBRATION },
        { key: 'cam-2', frame: null, calibration: null },
      ]);
    });

    it.each<[string, unknown]>([
      ['lists of nothing', { stores: [], cameras: [], calibration: [] }],
      ['other kinds of things', { stores: 'all', cameras: 5, calibration: null }],
      [
        'shapes that are none',
        { stores: { a: { zones: [[1, 2], null, { id: 4, points: 'here' }] } }, zones: { '': [] } },
      ],
    ])('are never refused for %s', async (_, mappingData) => {
      const { id } = await made.blueprint({ mapping_data: mappingData });
      const { body } = await api.http.get(at(id)).expect(200);
      expect(body.mapping_data).toEqual(mappingData);
      expect(body.zones).toEqual([]);
    });

    it.each([['a plan'], [[1]], [5], [null], [true]])(
      'have to be objects: %j is none',
      async (mappingData) => {
        const { id } = await made.blueprint();
        await made.store('one');
        const body = { name: 'x', mapping_data: mappingData };
        const answers = [
          await api.http.post(BLUEPRINTS).send(body),
          await api.http.put(at(id)).send(body),
          await api.http.post('/api/blueprints').send(body),
          await api.http.put(`/api/blueprints/${id}`).send(body),
          await api.http.put('/api/v1/stores/one/mapping').send({ mapping_data: mappingData }),
          await api.http.put('/api/v1/stores/one/mapping').send({ data: { mapping_data: mappingData } }),
        ];
        for (const { status, text } of answers) {
          expect(status).toBe(400);
          expect(text).toContain('mapping_data has to be an object, such as');
        }
      },
    );

    it('tell which of their parts could not be read, where and why, and keep them', async () => {
      const mappingData = {
        stores: {
          A: {
            zones: {
              good: { points: MAPPING_DATA.stores['Store A']!.zones.till.points },
              'a/b': { points: [[0, 0], 5] },
            },
          },
          B: { lines: [{ id: 7, start: [0, 0] }] },
        },
        zones: {
          wide: {
            polygon: [
              [0, 0],
              [2, 0],
              [1, 1],
            ],
          },
        },
        cameras: { c: { zones: { inside: {} } } },
        calibration: { c: { image: [[0, 0]], plan: [[0, 0]] } },
      };
      const { id } = await made.blueprint({ mapping_data: mappingData });
      const { body } = await api.http.get(at(id)).expect(200);
      const byWhere = Object.fromEntries(
        body.unread.map((part: { where: string; name: string; why: string }) => [part.where, part]),
      );
      expect(Object.keys(byWhere).toSorted()).toEqual([
        '/mapping_data/calibration/c',
        '/mapping_data/cameras/c/zones',
        '/mapping_data/stores/A/zones/a~1b',
        '/mapping_data/stores/B/lines/0',
        '/mapping_data/zones/wide',
      ]);
      expect(byWhere['/mapping_data/stores/A/zones/a~1b']).toMatchObject({
        name: 'a/b',
        why: expect.stringContaining('no list of corners'),
      });
      expect(byWhere['/mapping_data/zones/wide'].why).toContain('Point 2 is (2, 0)');
      expect(body.mapping_data).toEqual(mappingData);
      expect(body.zones).toMatchObject([{ key: 'good' }]);
      const version = await api.http.get(at(id, '/versions/1')).expect(200);
      expect(version.body.unread).toEqual(body.unread);
      await made.store('one');
      expect((await made.apply(id, { store: 'one', dry_run: true })).unread).toEqual(body.unread);
      expect((await made.apply(id, { store: 'one' })).unread).toEqual(body.unread);
      // What was read can be sent back, and what is drawn by hand is missing no more.
      await api.http.put(at(id)).send(body).expect(200);
      const changed = await made.change(id, { zones: [zone('wide'), zone('good'), zone('a/b')] });
      expect(changed.unread.map(({ name }: { name: string }) => name).toSorted()).toEqual(['7', 'c', 'c']);
    });

    it('come out the same when they are applied, made a blueprint of, and applied to another store', async () => {
      const { id } = await made.blueprint({ mapping_data: MAPPING_DATA });
      await made.store('one');
      await made.store('two');
      await made.apply(id, { store: 'one' });
      const { body: snapshot } = await api.http
        .post(`${BLUEPRINTS}/from-mapping`)
        .send({ store: 'one', name: 'Snapshot' })
        .expect(201);
      expect(snapshot.mapping_data).toEqual(MAPPING_DATA);
      await made.apply(snapshot.id, { store: 'two' });
      const [one, two] = [await made.mapping('one'), await made.mapping('two')];
      expect(one.zones).toHaveLength(2);
      for (const part of ['zones', 'lines', 'cameras', 'data']) expect(two[part]).toEqual(one[part]);
    });
  });
});

/** Problems in the order in which they were told: what is told is a set. */
function byPlaceIn(errors: { pointer: string; code: string }[]) {
  const places = errors.map(({ pointer, code }) => `${pointer} ${code}`);
  return (one: string, other: string): number => places.indexOf(one) - places.indexOf(other);
}
