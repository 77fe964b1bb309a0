import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ClearedDataChore } from '../src/data/cleared-data.chore.js';
import { FACT_TABLES, FACT_VIEWS, KEPT_TABLES } from '../src/data/facts.js';
import { SHOWN_FACTS } from '../src/data/shown-facts.js';
import { ImportsService } from '../src/ingestion/index.js';
import type { MovementEvent } from '../src/movements/movement-event.js';
import { MovementWriter } from '../src/movements/storing/movement.writer.js';
import { waitFor } from '../src/platform/wait.js';
import { StatusService } from '../src/stores/status/status.service.js';
import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from './support/application.js';
import { describeCatalog, tablesOfPublic } from './support/catalog.js';
import { createTestDatabase } from './support/database.js';

const STORE = '8419537941919820732';
const NOTHING = {
  store_status: 0,
  business_hours: 0,
  timezone: 0,
  exceptions: 0,
  stores: 0,
  movement_logs: 0,
  imports: 0,
  live_polls_waiting: 0,
};
const LOADED = { ...NOTHING, store_status: 3, business_hours: 7, timezone: 2, stores: 2, imports: 1 };

/** The backends of this database that wait for a lock in a statement that begins like $1. */
const WAITING = `
  SELECT pid FROM pg_stat_activity
   WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`;
const KEEPING = 'INSERT INTO cleared_data%';

describe('the data as a whole', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
    await api.putData(TWO_STORES);
  });

  afterAll(() => api.close());

  /** A database as after the migrations: whatever a test left is cleared, and for good. */
  const empty = async (): Promise<void> => {
    await api.http.delete('/api/v1/data').expect(200);
    await database.query(`UPDATE cleared_data SET expires_at = clock_timestamp()`);
    await api.app.get(ClearedDataChore, { strict: false }).run();
    await database.query('TRUNCATE reports, report_rows, report_files CASCADE');
  };

  const load = async (): Promise<void> => void (await api.http.post('/data/').expect(200));

  const report = async (): Promise<{ id: string; csv: string }> => {
    const { body } = await api.http.post('/api/v1/reports').send({}).expect(202);
    await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
    const file = await api.http.get(`/api/v1/reports/${body.id}/file`).buffer(true).expect(200);
    return { id: body.id, csv: file.text };
  };

  const schemas = async (): Promise<string[]> => {
    const rows: { nspname: string }[] = await database.query(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'cleared%'`,
    );
    return rows.map(({ nspname }) => nspname);
  };

  async function pagesOf(name: string, limit: number): Promise<object[]> {
    const seen: object[] = [];
    let query: string | null = `limit=${limit}`;
    while (query !== null) {
      const answer: { body: { data: object[]; next_cursor: string | null } } = await api.http
        .get(`/api/v1/tables/${name}/rows?${query}`)
        .expect(200);
      const { data, next_cursor: cursor } = answer.body;
      expect(data.length).toBeLessThanOrEqual(limit);
      seen.push(...data);
      query = cursor === null ? null : `limit=${limit}&cursor=${cursor}`;
    }
    return seen;
  }

  /** Waits until a statement waits for a lock. */
  async function waiting(statement: string): Promise<void> {
    for (let found = 0; found === 0; ) found = (await database.query(WAITING, [statement])).length;
  }

  /** Does something while a clearing holds every lock and has done everything but for the last thing it writes. */
  async function inTheMiddle(use: () => Promise<void>): Promise<{ status: number }> {
    const other = new pg.Client({ connectionString: api.databaseUrl });
    await other.connect();
    try {
      await other.query('BEGIN; LOCK TABLE cleared_data IN ACCESS EXCLUSIVE MODE');
      const clearing = api.http.delete('/api/v1/data').then(({ status }) => ({ status }));
      await waiting(KEEPING);
      await use();
      await other.query('COMMIT');
      return await clearing;
    } finally {
      await other.end();
    }
  }

  describe('looked at', () => {
    beforeAll(async () => {
      await empty();
      await load();
    });

    it('lists the tables with their titles and numbers of rows', async () => {
      const { body } = await api.http.get('/api/v1/tables').expect(200);
      const counts = Object.fromEntries(
        body.data.map((table: { name: string; rows: number }) => [table.name, table.rows]),
      );
      expect(counts).toEqual({
        store_status: 3,
        business_hours: 7,
        timezone: 2,
        exceptions: 0,
        stores: 2,
        movement_logs: 0,
        blueprints: 0,
        imports: 1,
        reports: 0,
      });
      for (const table of body.data)
        expect(table).toMatchObject({ title: expect.any(String), estimated: false });
    });

    it.each([
      'pg_catalog.pg_authid',
      '__proto__',
      'constructor',
      'users; drop table',
      'store_day_polls',
      ''.padEnd(300, 'x'),
    ])('knows no table %j, and names those that exist', async (name) => {
      for (const address of [
        `/api/v1/tables/${encodeURIComponent(name)}/rows`,
        `/data/${encodeURIComponent(name)}/`,
      ]) {
        const { body } = await api.http.get(address).expect(404);
        expect(body.type).toBe('urn:storewatch:problem:table_unknown');
        expect(body.detail).toContain(
          'store_status, business_hours (or menu_hours), timezone (or timezones)',
        );
      }
    });

    it('refuses a limit and a cursor that are none', async () => {
      const bad = [
        'limit=0',
        'limit=501',
        'limit=x',
        'limit=1&limit=2',
        'cursor=!',
        'cursor=e30',
        'cursor=bnVsbA',
        'other=1',
      ];
      const forged = [
        [1],
        [1, 'x', 1],
        [1, '2023-02-30', 1],
        [-1, '2023-01-01', 1],
        [1.5, '2023-01-01', 1],
        [2 ** 31, '2023-01-01', 1],
      ];
      const cursors = forged.map(
        (position) => `cursor=${Buffer.from(JSON.stringify(position)).toString('base64url')}`,
      );
      for (const query of [...bad, ...cursors]) {
        await api.http.get(`/api/v1/tables/store_status/rows?${query}`).expect(400);
      }
      const notUuid = Buffer.from('["x"]').toString('base64url');
      await api.http.get(`/api/v1/tables/imports/rows?cursor=${notUuid}`).expect(400);
      for (const position of [
        [0.5, 0, '', ''],
        ['0', 0, '', ''],
        [0, 0, '\0', ''],
        [0, 0, 1, ''],
        [0, 0, '', 'x'.repeat(1_001)],
      ]) {
        const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
        await api.http.get(`/api/v1/tables/movement_logs/rows?cursor=${cursor}`).expect(400);
      }
    });

    it('shows what the files said, by the names of their columns', async () => {
      const rows = async (name: string): Promise<unknown[]> =>
        (await api.http.get(`/api/v1/tables/${name}/rows`).expect(200)).body.data;
      expect(await rows('store_status')).toEqual(
        expect.arrayContaining([
          { store_id: STORE, status: 'active', timestamp_utc: '2023-01-18T15:00:00.500000Z' },
          { store_id: STORE, status: 'inactive', timestamp_utc: '2023-01-18T17:00:00.000000Z' },
          { store_id: '0012', status: 'active', timestamp_utc: '2023-01-18T18:00:00.000000Z' },
        ]),
      );
      expect((await rows('menu_hours'))[0]).toEqual({
        store_id: STORE,
        day: 0,
        start_time_local: '09:00:00',
        end_time_local: '17:00:00',
      });
      expect(await rows('timezones')).toContainEqual({ store_id: '0012', timezone_str: 'Asia/Kolkata' });
      expect(await rows('stores')).toContainEqual(
        expect.objectContaining({ store_id: '0012', first_poll: '2023-01-18T18:00:00.000000Z' }),
      );
    });
  });

  describe('with more in it', () => {
    beforeAll(async () => {
      await empty();
      await load();
      await database.query(
        `INSERT INTO store_exceptions (store_key, date, windows)
         SELECT store_key, date '2023-12-24' + n, (ARRAY['{}', '{32400,43200,50400,61200}', '{0,86400}'])[n]::int[]
           FROM stores, generate_series(1, 3) AS n`,
      );
      await api.app.get(MovementWriter).store(
        // The same instant and the same id at a store, and at names that no store has.
        ['0012', 'nowhere', 'elsewhere'].flatMap((store) =>
          [0, 1, 2, 2].map((minute, n) => movementEvent(store, `e${n}`, minute)),
        ),
      );
      await database.query(
        `INSERT INTO blueprints (blueprint_id, name, folded_name, description, is_active, version, archived_at)
         SELECT gen_random_uuid(), 'Plan ' || n, 'plan ' || n, '', true, 1, CASE WHEN n = 3 THEN now() END
           FROM generate_series(1, 3) AS n`,
      );
      await report();
    });

    it.each([1, 2, 3, 5, 500])('gives every row of every table once, %d at a time', async (limit) => {
      const { body: list } = await api.http.get('/api/v1/tables').expect(200);
      for (const { name, rows, columns } of list.data) {
        const seen = await pagesOf(name, limit);
        expect({ name, rows: seen.length }).toEqual({ name, rows });
        expect(new Set(seen.map((row) => JSON.stringify(row))).size).toBe(rows);
        for (const row of seen) expect(Object.keys(row)).toEqual(columns);
      }
    });
  });

  describe('with many polls', () => {
    beforeAll(empty);

    it('reads of the polls what a page needs, and never the whole table', async () => {
      await database.transaction(async (manager) => {
        for (const week of ['2024-01-01', '2024-01-08', '2024-01-15']) {
          const name = `store_day_polls_test_${week.replaceAll('-', '')}`;
          await manager.query(
            `CREATE TABLE ${name} PARTITION OF store_day_polls FOR VALUES FROM ('${week}') TO (date '${week}' + 7)`,
          );
        }
        await manager.query(
          `INSERT INTO stores (store_id) SELECT 'many-' || n FROM generate_series(1, 2000) AS n`,
        );
        await manager.query(
          `INSERT INTO store_day_polls
           SELECT store_key, date '2024-01-01' + d, ARRAY(SELECT (1704067200 + d * 86400 + h * 3600)::bigint * 2000000 FROM generate_series(0, 23) AS h)
             FROM stores, generate_series(0, 20) AS d WHERE store_id LIKE 'many-%'`,
        );
        await manager.query('ANALYZE stores, store_day_polls');
      });
      const [{ key }] = await database.query(
        `SELECT store_key AS key FROM stores WHERE store_id = 'many-1500'`,
      );
      const position = [key, '2024-01-05', 7];
      const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
      const { body } = await api.http
        .get(`/api/v1/tables/store_status/rows?limit=50&cursor=${cursor}`)
        .expect(200);
      expect(body.data).toHaveLength(50);
      expect(body.data[0]).toEqual({
        store_id: 'many-1500',
        status: 'inactive',
        timestamp_utc: '2024-01-05T07:00:00.000000Z',
      });
      const { sql } = SHOWN_FACTS.find(({ name }) => name === 'store_status')!;
      const plan = JSON.stringify(
        await database.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [...position, 51]),
      );
      expect(plan).not.toContain('"Node Type":"Seq Scan"');
      // Never taken apart beyond what the page can hold.
      const mostRows = Math.max(
        ...Array.from(plan.matchAll(/"Actual Rows":([\d.]+)/g), ([, rows]) => Number(rows)),
      );
      expect(mostRows).toBeLessThan(3_000);
    });
  });

  describe('cleared', () => {
    beforeEach(empty);

    it('is all gone, counted, but for reports', async () => {
      await load();
      const { id, csv } = await report();
      const { body } = await api.http.delete('/api/v1/data').expect(200);
      expect(body).toEqual({
        cleared_id: expect.any(String),
        counts: LOADED,
        estimated: false,
        restorable_until: expect.any(String),
        waiting_events: 0,
        warning: null,
      });
      const keptMs = Date.parse(body.restorable_until) - Date.now();
      expect(keptMs).toBeGreaterThan(23.9 * 3_600_000);
      expect(keptMs).toBeLessThan(24.1 * 3_600_000);
      const { body: data } = await api.http.get('/api/v1/data').expect(200);
      expect(data).toMatchObject({ stores: 0, polls: 0, newest_poll: null });
      expect((await api.http.get('/api/v1/imports').expect(200)).body.data).toEqual([]);
      const file = await api.http.get(`/api/v1/reports/${id}/file`).buffer(true).expect(200);
      expect(file.text).toBe(csv);
    });

    it('is gone from what all stores are at once, and there again once it is taken back', async () => {
      const polled = async (): Promise<unknown> =>
        (await api.http.get('/api/v1/status').expect(200)).body.as_of;
      await load();
      await api.http.get('/api/v1/status').expect(200);
      await waitFor(async () => ((await polled()) === null ? null : true), 20_000);
      const before = await polled();
      await api.http.delete('/api/v1/data').expect(200);
      expect(await polled()).toBeNull();
      await api.http.post('/api/v1/data/restore').expect(200);
      expect(await polled()).toBe(before);
    });

    it('is gone from what all stores are within two seconds where another process has cleared it', async () => {
      const polled = async (): Promise<unknown> =>
        (await api.http.get('/api/v1/status').expect(200)).body.as_of;
      await load();
      await waitFor(async () => ((await polled()) === null ? null : true), 20_000);
      const forgotten = jest.spyOn(api.app.get(StatusService, { strict: false }), 'forget').mockReturnValue();
      await api.http.delete('/api/v1/data').expect(200);
      forgotten.mockRestore();
      expect(await waitFor(async () => ((await polled()) === null ? true : null), 2_000)).toBe(true);
    });

    it('is not loaded again by the next start', async () => {
      await load();
      await api.http.delete('/api/v1/data').expect(200);
      expect(await api.app.get(ImportsService, { strict: false }).isFirst()).toBe(false);
      await database.query(`UPDATE cleared_data SET expires_at = clock_timestamp()`);
      await api.app.get(ClearedDataChore, { strict: false }).run();
      expect(await api.app.get(ImportsService, { strict: false }).isFirst()).toBe(false);
    });

    it('leaves no point to restore where there was nothing', async () => {
      const { body } = await api.http.delete('/api/v1/data').expect(200);
      expect(body).toEqual({
        cleared_id: null,
        counts: NOTHING,
        estimated: false,
        restorable_until: null,
        waiting_events: 0,
        warning: null,
      });
      expect((await api.http.get('/api/v1/data/cleared').expect(200)).body.data).toEqual([]);
      expect(await schemas()).toEqual([]);
    });

    it('leaves tables that are to the last name what the migrations made', async () => {
      const grant = `GRANT SELECT ON stores, store_status TO PUBLIC;
                     GRANT SELECT ON imports TO pg_monitor WITH GRANT OPTION`;
      await database.query(grant);
      const migrated = await createTestDatabase();
      const other = await new DataSource({ type: 'postgres', url: migrated.url }).initialize();
      await other.query(grant);
      const before = await describeCatalog(other);
      await other.destroy();
      await migrated.drop();
      for (let round = 0; round < 2; round++) {
        await load();
        const withPolls = await describeCatalog(database);
        await api.http.delete('/api/v1/data').expect(200);
        expect(await describeCatalog(database)).toEqual(before);
        await api.http.post('/api/v1/data/restore').expect(200);
        expect(await describeCatalog(database)).toEqual(withPolls);
        await api.http.delete('/api/v1/data').expect(200);
        expect(await describeCatalog(database)).toEqual(before);
      }
    });

    it('knows of every table whether it is cleared or stays', async () => {
      expect([...FACT_TABLES, ...FACT_VIEWS, ...KEPT_TABLES].toSorted()).toEqual(
        await tablesOfPublic(database),
      );
    });

    it('takes loads, live polls, reports and another clearing as before', async () => {
      for (let round = 0; round < 3; round++) {
        await load();
        await api.http
          .post('/api/v1/polls')
          .send({ store_id: '0012', status: 'active', timestamp_utc: '2023-01-18T17:00:00Z' })
          .expect(202);
        const { csv } = await report();
        expect(csv.split('\n')).toHaveLength(4);
        const { body } = await api.http.delete('/api/v1/data').expect(200);
        expect(body.counts).toMatchObject({ stores: 2, imports: 1 });
        expect(body.counts.store_status + body.counts.live_polls_waiting).toBe(4);
      }
    });

    it('gives no store the key of one that was cleared', async () => {
      await load();
      const keys = async (): Promise<number[]> =>
        (await database.query('SELECT store_key FROM stores')).map(
          (row: { store_key: number }) => row.store_key,
        );
      const first = await keys();
      await api.http.delete('/api/v1/data').expect(200);
      await load();
      const second = await keys();
      await api.http.post('/api/v1/data/restore').expect(200);
      await database.query(`INSERT INTO stores (store_id) VALUES ('new')`);
      const third = (await keys()).filter((key) => !first.includes(key));
      expect(new Set([...first, ...second, ...third]).size).toBe(5);
    });

    it.each(['import', 'report'])('is refused while an %s waits or runs, and says which', async (what) => {
      await load();
      for (const status of ['pending', 'running']) {
        const id = randomUUID();
        await database.query(
          what === 'import'
            ? `INSERT INTO imports (import_id, status, source, directory, lease_until) VALUES ($1, $2, 'directory', '', 'infinity')`
            : `INSERT INTO reports (report_id, status, windows, unobserved, estimator, default_zone, lease_until)
               VALUES ($1, $2, 'rolling', 'down', 'step', 'UTC', 'infinity')`,
          [id, status === 'pending' ? 'running' : status],
        );
        for (const refused of [
          await api.http.delete('/api/v1/data').expect(409),
          await api.http.delete('/data/').expect(409),
          await api.http.post('/api/v1/data/restore').expect(409),
        ]) {
          expect(refused.body.type).toBe('urn:storewatch:problem:work_runs');
          expect(refused.body.detail).toContain(`${what} ${id} (running)`);
        }
        await database.query(`DELETE FROM ${what}s WHERE ${what}_id = $1`, [id]);
      }
      const { body } = await api.http.get('/api/v1/data').expect(200);
      expect(body.stores).toBe(2);
    });

    it('names twenty at the most of those that wait or run, and counts the others', async () => {
      await load();
      await database.query(
        `INSERT INTO reports (report_id, status, windows, unobserved, estimator, default_zone, lease_until)
         SELECT gen_random_uuid(), 'running', 'rolling', 'down', 'step', 'UTC', 'infinity' FROM generate_series(1, 30)`,
      );
      const { body } = await api.http.delete('/api/v1/data').expect(409);
      await database.query('DELETE FROM reports');
      expect(body.errors).toHaveLength(20);
      expect(body.detail).toContain(' and 25 more.');
    });

    it('is put off, with a time to come again, while somebody reads for long', async () => {
      await load();
      await database.transaction(async (manager) => {
        await manager.query('SELECT FROM store_day_polls');
        const refused = await api.http.delete('/api/v1/data').expect(503);
        expect(refused.headers['retry-after']).toBe('5');
        expect(refused.body.detail).toContain('Nothing was changed');
      });
      await api.http.delete('/api/v1/data').expect(200);
    });

    it('has not happened when the database ends its connection in the middle', async () => {
      await load();
      const before = await describeCatalog(database);
      const { status } = await inTheMiddle(async () => {
        await database.query(`SELECT pg_terminate_backend(pid) FROM (${WAITING}) AS clearing`, [KEEPING]);
      });
      expect(status).toBe(500);
      expect(await schemas()).toEqual([]);
      expect(await describeCatalog(database)).toEqual(before);
      const { body } = await api.http.get('/api/v1/data').expect(200);
      expect(body).toMatchObject({ stores: 2, polls: 3 });
    });

    it('lets what comes in the middle wait, and takes it up on the new tables', async () => {
      await load();
      const sent: Promise<unknown>[] = [];
      const { status } = await inTheMiddle(async () => {
        sent.push(
          api.http
            .post('/api/v1/imports')
            .send({ source: 'directory', force: true })
            .then(({ body }) => body),
          api.http
            .post('/api/v1/polls')
            .send({ store_id: 'live', status: 'active' })
            .then((answer) => answer.status),
          api.http.get('/api/v1/tables/stores/rows').then((answer) => answer.status),
        );
        await waiting('INSERT INTO imports%');
        await waiting('INSERT INTO poll_inbox%');
      });
      expect(status).toBe(200);
      const [accepted, polls, rows] = (await Promise.all(sent)) as [
        { links: { self: string } },
        number,
        number,
      ];
      expect([polls, rows]).toEqual([202, 200]);
      const { body } = await api.http.get(accepted.links.self).set('Prefer', 'wait=20').expect(200);
      expect(body.status).toBe('completed');
      // A report is made of every poll that was answered before it.
      await report();
      const { body: counted } = await api.http.get('/api/v1/data').expect(200);
      expect(counted).toMatchObject({ stores: 3, polls: 4 });
    });

    it('happens once when it is asked for twice at once', async () => {
      await load();
      const answers = await Promise.all([1, 2, 3, 4].map(() => api.http.delete('/api/v1/data')));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const cleared = answers.filter(({ body }) => body.cleared_id !== null);
      expect(cleared.map(({ body }) => body.counts)).toEqual([LOADED]);
    });

    it('loses no import that is accepted at the same moment', async () => {
      for (let round = 0; round < 8; round++) {
        await database.query(`INSERT INTO stores (store_id) VALUES ('former')`);
        const [accepted, cleared] = await Promise.all(
          round % 2 === 0
            ? [
                api.http.post('/api/v1/imports').send({ source: 'directory', force: true }),
                api.http.delete('/api/v1/data'),
              ]
            : [
                api.http.delete('/api/v1/data'),
                api.http.post('/api/v1/imports').send({ source: 'directory', force: true }),
              ].toReversed(),
        );
        expect(accepted!.status).toBe(202);
        expect([200, 409]).toContain(cleared!.status);
        const { body } = await api.http.get(accepted!.body.links.self).set('Prefer', 'wait=20').expect(200);
        expect(body.status).toBe('completed');
        const { body: data } = await api.http.get('/api/v1/data').expect(200);
        expect(data).toMatchObject({ stores: cleared!.status === 200 ? 2 : 3, polls: 3 });
        await api.http.delete('/api/v1/data').expect(200);
      }
    }, 90_000);
  });

  describe('taken back', () => {
    beforeEach(empty);

    it('is as it was, and makes the same report', async () => {
      await load();
      const { body: cleared } = await api.http.delete('/api/v1/data').expect(200);
      const { body: list } = await api.http.get('/api/v1/data/cleared').expect(200);
      expect(list.data).toEqual([
        {
          cleared_id: cleared.cleared_id,
          cleared_at: expect.any(String),
          restorable_until: cleared.restorable_until,
          counts: LOADED,
          estimated: false,
        },
      ]);
      const { body } = await api.http.post('/api/v1/data/restore').expect(200);
      expect(body).toEqual({
        restored_id: cleared.cleared_id,
        counts: LOADED,
        estimated: false,
        cleared: null,
        waiting_events: 0,
        warning: null,
      });
      expect((await report()).csv).toBe(TWO_STORES_REPORT);
      expect(await schemas()).toEqual([]);
      expect((await api.http.get('/api/v1/data/cleared').expect(200)).body.data).toEqual([]);
    });

    it('changes places with what is there now, and back again', async () => {
      await load();
      const { body: first } = await api.http.delete('/api/v1/data').expect(200);
      await database.query(`INSERT INTO stores (store_id) VALUES ('later')`);
      const { body: there } = await api.http
        .post('/api/v1/data/restore')
        .send({ cleared_id: first.cleared_id })
        .expect(200);
      expect(there).toMatchObject({
        restored_id: first.cleared_id,
        counts: LOADED,
        cleared: { cleared_id: expect.any(String), counts: { ...NOTHING, stores: 1 } },
      });
      const { body: back } = await api.http.post('/api/v1/data/restore').send({}).expect(200);
      expect(back).toMatchObject({ restored_id: there.cleared.cleared_id, cleared: { counts: LOADED } });
      expect(await database.query('SELECT store_id FROM stores')).toEqual([{ store_id: 'later' }]);
    });

    it('is the latest where null is given for the clearing', async () => {
      await empty();
      const { body } = await api.http.post('/api/v1/data/restore').send({ cleared_id: null }).expect(404);
      expect(body.type).toBe('urn:storewatch:problem:nothing_to_restore');
      await load();
      await api.http.delete('/api/v1/data').expect(200);
      await api.http.post('/api/v1/data/restore').send({ cleared_id: null }).expect(200);
    });

    it('is refused when there is none, when its time is over, and in another version', async () => {
      const restore = (body: object = {}) => api.http.post('/api/v1/data/restore').send(body);
      await restore().expect(404);
      await restore({ cleared_id: randomUUID() }).expect(404);
      await restore({ cleared_id: 'x' }).expect(400);
      await restore({ other: 1 }).expect(400);
      await load();
      await api.http.delete('/api/v1/data').expect(200);
      await database.query(`UPDATE cleared_data SET migration = 'of-old-0000000000001'`);
      const { body } = await restore().expect(409);
      expect(body.detail).toContain('of-old-0000000000001');
      await database.query(`UPDATE cleared_data SET expires_at = clock_timestamp()`);
      await restore().expect(410);
      expect((await api.http.get('/api/v1/data/cleared').expect(200)).body.data).toEqual([]);
    });

    it('can no longer be once it is dropped for good', async () => {
      await load();
      await api.http.delete('/api/v1/data').expect(200);
      await load();
      const { body: second } = await api.http.delete('/api/v1/data').expect(200);
      await database.query(`UPDATE cleared_data SET expires_at = clock_timestamp() WHERE cleared_id <> $1`, [
        second.cleared_id,
      ]);
      await api.app.get(ClearedDataChore, { strict: false }).run();
      expect(await schemas()).toEqual([`cleared_${second.cleared_id.replaceAll('-', '')}`]);
      await api.http.post('/api/v1/data/restore').expect(200);
    });
  });

  describe('to the clients of system C', () => {
    beforeEach(async () => {
      await empty();
      await load();
    });

    it.each(['/data/store_status/', '/data/store_status'])(
      'shows rows as the files have them at %s',
      async (address) => {
        const { body } = await api.http.get(address).expect(200);
        expect(body).toEqual(
          expect.arrayContaining([
            { store_id: STORE, status: 'active', timestamp_utc: '2023-01-18 15:00:00.500000 UTC' },
          ]),
        );
        expect(body).toHaveLength(3);
      },
    );

    it('shows the other tables under either name, and reports', async () => {
      for (const name of ['business_hours', 'menu_hours']) {
        const { body } = await api.http.get(`/data/${name}/`).expect(200);
        expect(body).toHaveLength(7);
        expect(body[0]).toEqual({
          store_id: STORE,
          day: 0,
          start_time_local: '09:00:00',
          end_time_local: '17:00:00',
        });
      }
      for (const name of ['timezone', 'timezones']) {
        const { body } = await api.http.get(`/data/${name}/`).expect(200);
        expect(body).toContainEqual({ store_id: STORE, timezone_str: 'America/New_York' });
      }
      const { id } = await report();
      const { body } = await api.http.get('/data/reports/').expect(200);
      expect(body).toEqual([
        expect.objectContaining({ id, status: 'completed', created: expect.any(String) }),
      ]);
    });

    it('shows at most 100 rows', async () => {
      await database.query(
        `INSERT INTO stores (store_id, zone) SELECT 's' || n, 'UTC' FROM generate_series(1, 200) AS n`,
      );
      const { body } = await api.http.get('/data/timezone/').expect(200);
      expect(body).toHaveLength(100);
    });

    it('clears all, and says how much that was', async () => {
      const { body } = await api.http.delete('/data/').expect(200);
      expect(body).toMatchObject({ message: 'Data cleared; reports stay', tables: LOADED });
      expect((await api.http.get('/data/store_status/').expect(200)).body).toEqual([]);
      await api.http.post('/data/').expect(200);
    });
  });
});

/** Somebody in 2023, by his id hashed or not. */
function movementEvent(store: string, eventId: string, minute: number): MovementEvent {
  const atUs = Date.UTC(2023, 0, 18, 12, minute) * 1_000;
  return {
    eventId,
    store,
    userId: 'somebody',
    trackId: 1,
    cameraId: '',
    bbox: [100, 100, 200, 200],
    bboxFormat: 'xyxy',
    frame: null,
    state: 'walking',
    atUs,
    receivedUs: atUs,
    confidence: null,
    role: null,
  };
}
