import { DataSource } from 'typeorm';
import { lockFacts } from '../src/stores/fact-lock.js';
import { inTransaction } from '../src/platform/database/connection.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import { holdClock, loadFiles, STORE, STORES, urlOf, weekly } from './support/stores.js';

describe('stores', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await database.query('TRUNCATE stores, imports CASCADE');
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function make(store: object): Promise<void> {
    await api.http.post(STORES).send(store).expect(201);
  }

  describe('one by one', () => {
    it('are made, shown, changed and archived', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      const made = await api.http
        .post(STORES)
        .send({
          store_id: '0012',
          zone: 'us/central',
          name: ' Main Street ',
          aliases: ['CAM-7'],
          active_from: '2020-02-29',
        })
        .expect(201);
      expect(made.headers['location']).toBe(`${STORES}/0012`);
      expect(made.body).toMatchObject({
        store_id: '0012',
        name: 'Main Street',
        aliases: ['CAM-7'],
        zone: 'America/Chicago',
        zone_source: 'edited',
        zones: [{ zone: 'America/Chicago', zone_source: 'edited', effective_from: null, when: 'in_force' }],
        state: 'active',
        local_date: '2023-01-18',
        active_from: '2020-02-29',
        active_until: null,
        archived_at: null,
        first_poll: null,
        hours_known: false,
        hours_rejected: false,
      });
      const shown = await api.http.get(made.headers['location']!).expect(200);
      expect(shown.body).toEqual(made.body);
      expect(shown.headers['etag']).toBe(made.headers['etag']);

      const changed = await api.http
        .put(urlOf('0012'))
        .send({ name: null, active_until: '2023-06-30' })
        .expect(200);
      expect(changed.body).toMatchObject({ name: null, aliases: ['CAM-7'], active_until: '2023-06-30' });
      await api.http.delete(urlOf('0012')).expect(204);
      const archived = await api.http.get(urlOf('0012')).expect(200);
      expect(archived.body).toMatchObject({ state: 'archived', active_until: '2023-01-18' });
      expect(archived.body.archived_at).not.toBeNull();
      await api.http.delete(urlOf('0012')).expect(204);
      expect((await api.http.get(urlOf('0012'))).body).toEqual(archived.body);
      const back = await api.http
        .put(urlOf('0012'))
        .send({ archived: false, active_until: null })
        .expect(200);
      expect(back.body).toMatchObject({ state: 'active', active_until: null, archived_at: null });
    });

    it('show what files and polls said of them', async () => {
      await loadFiles(api, {
        ...TWO_STORES,
        'timezone.csv': `store_id,timezone_str\n${STORE},America/New_York\n`,
      });
      const { body } = await api.http.get(urlOf(STORE)).expect(200);
      expect(body).toMatchObject({
        zone: 'America/New_York',
        zone_source: 'file',
        hours_known: true,
        first_poll: '2023-01-18T15:00:00.500000Z',
        last_poll: '2023-01-18T17:00:00.000000Z',
      });
      const other = await api.http.get(urlOf('0012')).expect(200);
      expect(other.body).toMatchObject({
        zone: 'America/Chicago',
        zone_source: 'default',
        hours_known: false,
      });
    });

    it('have no date of business when they are archived before they open', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      await make({ store_id: 'later', active_from: '2024-01-01' });
      await api.http.delete(urlOf('later')).expect(204);
      const { body } = await api.http.get(urlOf('later')).expect(200);
      expect(body).toMatchObject({
        active_from: '2024-01-01',
        active_until: '2023-01-18',
        state: 'archived',
      });
      await api.http.put(urlOf('later')).send({ archived: false }).expect(400);
      await api.http.put(urlOf('later')).send({ archived: false, active_until: null }).expect(200);
    });

    it('are answered 404 where there are none', async () => {
      for (const id of ['nobody', 'a/b', 'x'.repeat(3000), '\u0000', '__proto__']) {
        await api.http.get(urlOf(id)).expect(404);
        await api.http.put(urlOf(id)).send({ name: 'x' }).expect(404);
        await api.http.delete(urlOf(id)).expect(404);
        await api.http.get(urlOf(id, '/hours')).expect(404);
        await api.http.put(urlOf(id, '/hours')).send({ windows: null }).expect(404);
        await api.http.get(urlOf(id, '/exceptions')).expect(404);
      }
      const { rows } = await stores();
      expect(rows).toBe(0);
    });

    it('are made once', async () => {
      await loadFiles(api, TWO_STORES);
      const { body } = await api.http.post(STORES).send({ store_id: STORE }).expect(409);
      expect(body.detail).toContain('is there already');
    });

    it.each([
      'a/b/../c',
      'it\'s "quoted"',
      "'; DROP TABLE stores; --",
      '😀'.repeat(64),
      '%2F?x=1#y',
      '__proto__',
      'constructor',
      '100%',
      'a\\b',
    ])('have %j for an id like any other', async (id) => {
      const made = await api.http.post(STORES).send({ store_id: id, name: 'One' }).expect(201);
      expect((await api.http.get(made.headers['location']!).expect(200)).body.store_id).toBe(id);
      await api.http
        .put(urlOf(id, '/hours'))
        .send({ windows: weekly('09:00', '17:00') })
        .expect(200);
      await api.http
        .put(urlOf(id, '/exceptions'))
        .send({ exceptions: [{ date: '2023-12-25', windows: [] }] })
        .expect(200);
      await api.http.delete(urlOf(id, '/exceptions/2023-12-25')).expect(204);
      const { body } = await api.http.get(STORES).query({ search: id }).expect(200);
      expect(body.data).toMatchObject([{ store_id: id }]);
    });

    it.each(['%', '%zz', '%E0%A4%A'])('are not asked for by %s, which encodes nothing', async (id) => {
      await api.http.get(`${STORES}/${id}`).expect(400);
      await api.http.delete(`${STORES}/${id}/exceptions/2023-01-01`).expect(400);
    });

    it('tell why a number is no id', async () => {
      const { body } = await api.http
        .post(STORES)
        .set('Content-Type', 'application/json')
        .send('{"store_id": 8419537941919820732}')
        .expect(400);
      expect(body.detail).toContain('a JSON number loses the last digits');
    });

    it.each([
      [{}, '/store_id'],
      [{ store_id: '' }, '/store_id'],
      [{ store_id: ' x' }, '/store_id'],
      [{ store_id: 'a\u0000b' }, '/store_id'],
      [{ store_id: 'a\nb' }, '/store_id'],
      [{ store_id: '\ud800' }, '/store_id'],
      [{ store_id: 'x'.repeat(65) }, '/store_id'],
      [{ store_id: { $ne: null } }, '/store_id'],
      [{ store_id: ['x'] }, '/store_id'],
      [{ store_id: 'x', zone: 'Mars/Phobos' }, '/zone'],
      [{ store_id: 'x', zone: { name: 'UTC' } }, '/zone'],
      [{ store_id: 'x', name: ' ' }, '/name'],
      [{ store_id: 'x', name: 'x'.repeat(201) }, '/name'],
      [{ store_id: 'x', name: { toString: 'y' } }, '/name'],
      [{ store_id: 'x', aliases: 'y' }, '/aliases'],
      [{ store_id: 'x', aliases: [{}] }, '/aliases'],
      [{ store_id: 'x', aliases: ['Y', ' y '] }, '/aliases'],
      [{ store_id: 'x', aliases: Array.from({ length: 51 }, (_, n) => `a${n}`) }, '/aliases'],
      [{ store_id: 'x', aliases: Array.from({ length: 10_000 }, (_, n) => `a${n}`) }, '/aliases'],
      [{ store_id: 'x', active_from: '2023-02-30' }, '/active_from'],
      [{ store_id: 'x', active_from: '2023-2-3' }, '/active_from'],
      [{ store_id: 'x', active_from: '2023-02-03T00:00:00Z' }, '/active_from'],
      [{ store_id: 'x', active_from: '9999-12-31' }, '/active_from'],
      [{ store_id: 'x', active_from: 20_230_203 }, '/active_from'],
      [{ store_id: 'x', active_from: '2023-02-03', active_until: '2023-02-02' }, '/active_until'],
      [{ store_id: 'x', archived: true }, '/archived'],
      [{ store_id: 'x', owner: { id: 1 } }, '/owner'],
    ])('are not made of %j', async (body, pointer) => {
      const answer = await api.http.post(STORES).send(body).expect(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
      expect((await stores()).rows).toBe(0);
    });

    it('refuse members that a careless merge would take for machinery', async () => {
      await api.http
        .post(STORES)
        .set('Content-Type', 'application/json')
        .send('{"store_id": "x", "__proto__": {"archived": true}}')
        .expect(400);
      await make({ store_id: 'x' });
      await api.http
        .put(urlOf('x', '/exceptions'))
        .set('Content-Type', 'application/json')
        .send('{"exceptions": [{"date": "2023-01-01", "windows": [{"__proto__": {"start": "09:00"}}]}]}')
        .expect(400);
    });

    async function stores(): Promise<{ rows: number }> {
      const [row] = (await database.query('SELECT count(*)::int AS rows FROM stores')) as [{ rows: number }];
      return row;
    }
  });

  describe('by their aliases', () => {
    beforeEach(() => make({ store_id: 'one', name: 'École', aliases: ['CAM-1', 'Straße'] }));

    it.each([
      [{ aliases: ['cam-1'] }, 'CAM-1'],
      [{ aliases: ['STRAßE'] }, 'Straße'],
      [{ aliases: ['ÉCOLE'] }, 'École'],
      [{ aliases: ['E\u0301cole'] }, 'École'],
      [{ name: 'Cam-1' }, 'CAM-1'],
    ])('lead to one store: %j is taken', async (names, taken) => {
      const { body } = await api.http
        .post(STORES)
        .send({ store_id: 'two', ...names })
        .expect(409);
      expect(body.detail).toContain(`'${taken}' is a name or alias of the store 'one' already`);
      await make({ store_id: 'two' });
      await api.http.put(urlOf('two')).send(names).expect(409);
    });

    it('may be alike in name, and keep their own', async () => {
      await make({ store_id: 'two', name: 'école' });
      await api.http
        .put(urlOf('one'))
        .send({ aliases: ['cam-1', 'École'] })
        .expect(409);
      const { body } = await api.http
        .put(urlOf('one'))
        .send({ aliases: ['cam-1'] })
        .expect(200);
      expect(body.aliases).toEqual(['cam-1']);
      await api.http
        .put(urlOf('two'))
        .send({ aliases: ['STRASSE', 'Straße'] })
        .expect(200);
      const none = await api.http.put(urlOf('two')).send({ aliases: null }).expect(200);
      expect(none.body.aliases).toEqual([]);
    });
  });

  describe('in a list', () => {
    async function idsOf(query: object): Promise<string[]> {
      const { body } = await api.http.get(STORES).query(query).expect(200);
      return body.data.map((store: { store_id: string }) => store.store_id);
    }

    it('come in the byte order of their ids, page by page, each once', async () => {
      const ids = ['10', '9', 'B', 'a', 'é', '😀', '1'];
      for (const id of ids) await make({ store_id: id });
      const sorted = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const { body }: { body: { data: { store_id: string }[]; next_cursor: string | null } } =
          await api.http
            .get(STORES)
            .query({ limit: 2, ...(cursor !== null && { cursor }) })
            .expect(200);
        found.push(...body.data.map((store) => store.store_id));
        cursor = body.next_cursor;
      } while (cursor !== null);
      expect(found).toEqual(sorted);
    });

    it('are found by a part of id, name or alias, in any letter case, and by the very characters', async () => {
      await make({ store_id: 'Store_7', name: 'Müller & Söhne', aliases: ['100% Fresh', 'back\\door'] });
      await make({ store_id: 'StoreX7', name: 'Other' });
      expect(await idsOf({ search: 'sTORE' })).toEqual(['StoreX7', 'Store_7']);
      expect(await idsOf({ search: 'e_7' })).toEqual(['Store_7']);
      expect(await idsOf({ search: 'MÜLLER' })).toEqual(['Store_7']);
      expect(await idsOf({ search: '0% f' })).toEqual(['Store_7']);
      expect(await idsOf({ search: '%' })).toEqual(['Store_7']);
      expect(await idsOf({ search: '\\' })).toEqual(['Store_7']);
      expect(await idsOf({ search: "' OR 1=1 --" })).toEqual([]);
    });

    it('are found by the zone that their clocks show now', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      await make({ store_id: 'default' });
      await make({ store_id: 'named', zone: 'America/Chicago' });
      await make({ store_id: 'moved', zone: 'America/Chicago' });
      await make({ store_id: 'moves', zone: 'America/Chicago' });
      await api.http
        .put(urlOf('moved'))
        .send({ zone: 'Asia/Tokyo', effective_from: '2023-01-18' })
        .expect(200);
      await api.http.put(urlOf('moves')).send({ zone: 'Asia/Tokyo' }).expect(200);
      expect(await idsOf({ zone: 'us/central' })).toEqual(['default', 'moves', 'named']);
      expect(await idsOf({ zone: 'Asia/Tokyo' })).toEqual(['moved']);
      expect(await idsOf({ zone: 'Asia/Tokyo', search: 'MOVE', state: 'all' })).toEqual(['moved']);
    });

    it('are active by their own local date', async () => {
      // 17 January in Honolulu, 18 January in Tokyo.
      holdClock(api, '2023-01-18T05:00:00Z');
      await make({ store_id: 'always', zone: 'Asia/Tokyo' });
      await make({ store_id: 'honolulu', zone: 'Pacific/Honolulu', active_until: '2023-01-17' });
      await make({ store_id: 'tokyo', zone: 'Asia/Tokyo', active_until: '2023-01-17' });
      await make({ store_id: 'tokyo-opens', zone: 'Asia/Tokyo', active_from: '2023-01-18' });
      await make({ store_id: 'honolulu-opens', zone: 'Pacific/Honolulu', active_from: '2023-01-18' });
      await make({ store_id: 'gone', zone: 'Asia/Tokyo' });
      await api.http.delete(urlOf('gone')).expect(204);
      expect(await idsOf({ state: 'active' })).toEqual(['always', 'honolulu', 'tokyo-opens']);
      expect(await idsOf({ state: 'inactive' })).toEqual(['honolulu-opens', 'tokyo']);
      expect(await idsOf({ state: 'inactive', limit: 1 })).toEqual(['honolulu-opens']);
      expect(await idsOf({ state: 'archived' })).toEqual(['gone']);
      expect(await idsOf({})).not.toContain('gone');
      expect(await idsOf({ state: 'all' })).toHaveLength(6);
    });

    it.each([
      'state=open',
      'state=active&state=all',
      'zone=Mars/Phobos',
      'zone=UTC&zone=UTC',
      'search=',
      'search=%00',
      'search=a&search=b',
      'limit=0',
      'limit=501',
      'cursor=!',
      'cursor=AA',
      'cursor=gICA',
      'sort=name',
    ])('are not asked for by %s', async (query) => {
      await api.http.get(`${STORES}?${query}`).expect(400);
    });
  });

  describe('edited by two at once', () => {
    it('take one of two edits made upon the same state', async () => {
      await make({ store_id: 'x' });
      for (const rest of ['', '/hours', '/exceptions']) {
        const tag = (await api.http.get(urlOf('x', rest)).expect(200)).headers['etag']!;
        const bodies: Record<string, object[]> = {
          '': [{ name: 'A' }, { name: 'B' }],
          '/hours': [{ windows: weekly('09:00', '17:00') }, { windows: weekly('10:00', '17:00') }],
          '/exceptions': [
            { exceptions: [{ date: '2026-12-25', windows: [] }] },
            { exceptions: [{ date: '2026-12-26', windows: [] }] },
          ],
        };
        const answers = await Promise.all(
          bodies[rest]!.map((body) => api.http.put(urlOf('x', rest)).set('If-Match', tag).send(body)),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
        expect(answers.find(({ status }) => status === 412)!.body.detail).toContain('Read it again');
        const won = answers.find(({ status }) => status === 200)!;
        expect(won.headers['etag']).not.toBe(tag);
        const tagNow = (await api.http.get(urlOf('x', rest)).expect(200)).headers['etag']!;
        expect(tagNow.split('-')[0]).toBe(won.headers['etag']!.split('-')[0]);
      }
    });

    it('take an edit made upon an older poll, but not one made before a file', async () => {
      await loadFiles(api, TWO_STORES);
      const before = (await api.http.get(urlOf(STORE)).expect(200)).headers['etag']!;
      const more = `store_id,status,timestamp_utc\n${STORE},active,2023-01-19 15:00:00 UTC\n`;
      await loadFiles(api, { 'store_status.csv': more });
      const polled = (await api.http.get(urlOf(STORE)).set('If-None-Match', before).expect(200)).headers[
        'etag'
      ]!;
      await api.http.put(urlOf(STORE)).set('If-Match', before).send({ name: 'A' }).expect(200);
      expect(polled).not.toBe(before);
      const named = (await api.http.get(urlOf(STORE)).expect(200)).headers['etag']!;
      await loadFiles(api, { 'timezone.csv': `store_id,timezone_str\n${STORE},America/Denver\n` });
      await api.http.put(urlOf(STORE)).set('If-Match', named).send({ name: 'B' }).expect(412);
      await api.http.delete(urlOf(STORE)).set('If-Match', named).expect(412);
      await api.http.delete(urlOf(STORE)).set('If-Match', '*').expect(204);
    });

    it.each(['"x"', 'W/"x-y"', 'x', '', '"'])('take no tag %j', async (tag) => {
      await make({ store_id: 'x' });
      await api.http.put(urlOf('x')).set('If-Match', tag).send({ name: 'A' }).expect(412);
    });

    it('answer 304 to who has seen it all', async () => {
      holdClock(api, '2023-01-18T18:00:00Z');
      await make({ store_id: 'x' });
      for (const url of [urlOf('x'), urlOf('x', '/hours'), urlOf('x', '/exceptions'), STORES]) {
        const tag = (await api.http.get(url).expect(200)).headers['etag']!;
        await api.http.get(url).set('If-None-Match', tag).expect(304);
      }
    });

    it('are told to come again while a load holds the facts', async () => {
      await make({ store_id: 'x' });
      await inTransaction(database, async (client) => {
        await lockFacts(client);
        const answer = await api.http.put(urlOf('x')).send({ name: 'A' }).expect(503);
        expect(answer.headers['retry-after']).toBe('5');
        expect(answer.body.detail).toContain('Nothing was changed');
      });
      await api.http.put(urlOf('x')).send({ name: 'A' }).expect(200);
    });
  });
});
