import { startTestApi, type TestApi, testLogger } from './support/application.js';
import fc from 'fast-check';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pg from 'pg';
import supertest from 'supertest';
import { createApi } from '../src/api.js';
import { LivePollsService } from '../src/ingestion/live/live-polls.service.js';
import { inTransaction } from '../src/platform/database/connection.js';
import { DataSource } from 'typeorm';
import { lockFacts } from '../src/stores/fact-lock.js';
import { PollInbox } from '../src/stores/polls/poll-inbox.js';

const ROUTE = '/api/v1/polls';
const NDJSON = 'application/x-ndjson';

interface Poll {
  store_id: string;
  status: string;
  timestamp_utc?: string;
}

describe('live polls', () => {
  let api: TestApi;
  let database: DataSource;
  let inbox: PollInbox;
  let names = 0;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
    inbox = api.app.get(PollInbox, { strict: false });
  });

  afterAll(() => api.close());

  afterEach(() => {
    jest.restoreAllMocks();
    api.environment.retentionDays = null;
  });

  /** A store that no other test has heard of. */
  const newStore = (): string => `live-${(names += 1)}`;

  const poll = (store_id: string, time: string, status = 'active'): Poll => ({
    store_id,
    status,
    timestamp_utc: `2023-01-18T${time}Z`,
  });

  const send = (body: object | string, type = 'application/json'): supertest.Test =>
    api.http
      .post(ROUTE)
      .set('Content-Type', type)
      .send(typeof body === 'string' ? body : JSON.stringify(body));

  /** The store's polls after everything was folded, oldest first: `2023-01-18 12:00:00 active`. */
  async function stored(store: string): Promise<string[]> {
    await inbox.fold();
    const rows: { text: string }[] = await database.query(
      `SELECT concat_ws(' ', timestamp_utc AT TIME ZONE 'UTC', status) AS text FROM store_status
        WHERE store_id = $1 ORDER BY timestamp_utc`,
      [store],
    );
    return rows.map(({ text }) => text);
  }

  async function loadFile(polls: readonly Poll[]): Promise<void> {
    // Loads of the same bytes may be taken for one.
    const rows = [...polls, { ...poll(newStore(), '00:00:00') }].map(
      ({ store_id, status, timestamp_utc }) => `${store_id},${status},${timestamp_utc}`,
    );
    await api.putData({ 'store_status.csv': `store_id,status,timestamp_utc\n${rows.join('\n')}\n` });
    await api.http.post('/data/').expect(200);
  }

  /** Keeps every writer of facts waiting while `work` runs, as a long load does. */
  async function whileFactsAreHeld<T>(work: () => Promise<T>): Promise<T> {
    return inTransaction(database, async (client) => {
      await lockFacts(client);
      return work();
    });
  }

  async function waitsForFacts(): Promise<void> {
    for (;;) {
      const rows: unknown[] = await database.query(
        `SELECT 1 FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
          WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted`,
      );
      if (rows.length > 0) return;
    }
  }

  async function storesOfReport(): Promise<string[]> {
    const { body } = await api.http.post('/api/v1/reports').send({}).expect(202);
    const ended = await api.http.get(`/api/v1/reports/${body.id}`).set('Prefer', 'wait=20').expect(200);
    expect(ended.body).toMatchObject({ status: 'completed', error: null });
    const rows: { store_id: string }[] = await database.query(
      'SELECT store_id FROM report_rows WHERE report_id = $1',
      [body.id],
    );
    return rows.map((row) => row.store_id);
  }

  describe('that are good', () => {
    it('come one at a time, as a list or a line each, and are answered with their number', async () => {
      const store = newStore();
      await send(poll(store, '10:00:00.5')).expect(202, { accepted: 1 });
      await send([poll(store, '11:00:00', 'Inactive'), poll(store, '09:00:00')]).expect(202, { accepted: 2 });
      const lines = `\r\n${JSON.stringify(poll(store, '12:00:00'))}\r\n\n${JSON.stringify(poll(store, '13:00:00'))}\n`;
      await send(lines, `${NDJSON}; charset=utf-8`).expect(202, { accepted: 2 });
      await send([]).expect(202, { accepted: 0 });
      expect(await stored(store)).toEqual([
        '2023-01-18 09:00:00 active',
        '2023-01-18 10:00:00.5 active',
        '2023-01-18 11:00:00 inactive',
        '2023-01-18 12:00:00 active',
        '2023-01-18 13:00:00 active',
      ]);
    });

    it('take every form of a timestamp that files take', async () => {
      const store = newStore();
      const forms = ['2023-01-18 10:00:00.000001 UTC', '2023-01-18T12:00:00+01:30', ' 2023-01-18T11:00:00Z '];
      await send(
        forms.map((timestamp_utc) => ({ store_id: ` ${store}`, status: 'active', timestamp_utc })),
      ).expect(202);
      expect(await stored(store)).toEqual([
        '2023-01-18 10:00:00.000001 active',
        '2023-01-18 10:30:00 active',
        '2023-01-18 11:00:00 active',
      ]);
    });

    it('happened when they arrived, where they do not say when', async () => {
      const store = newStore();
      const before = Date.now();
      await send({ store_id: store, status: 'active' }).expect(202);
      const after = Date.now();
      const [text] = await stored(store);
      const instant = Date.parse(`${text!.replace(' active', '').replace(' ', 'T')}Z`);
      expect(instant).toBeGreaterThanOrEqual(before);
      expect(instant).toBeLessThanOrEqual(after);
    });

    it('may be about stores that are not known and about long ago, and widen what a store knows of its polls', async () => {
      const store = `${newStore()} "{\\,}" ü 😀 12345678901234567890`;
      await send(poll(store, '10:00:00')).expect(202);
      expect(await stored(store)).toHaveLength(1);
      await send([
        { store_id: store, status: 'active', timestamp_utc: '2001-02-03T04:05:06Z' },
        { store_id: store, status: 'inactive', timestamp_utc: '2023-01-23T00:00:00Z' },
      ]).expect(202);
      expect(await stored(store)).toEqual([
        '2001-02-03 04:05:06 active',
        '2023-01-18 10:00:00 active',
        '2023-01-23 00:00:00 inactive',
      ]);
      const [known] = await database.query(
        'SELECT first_poll_us, last_poll_us FROM stores WHERE store_id = $1',
        [store],
      );
      expect(known).toEqual({ first_poll_us: '981173106000000', last_poll_us: '1674432000000000' });
      const marked = await database.query(
        `SELECT day::text FROM poll_day_activity WHERE stale AND day IN ('2001-02-03', '2023-01-23') ORDER BY day`,
      );
      expect(marked).toEqual([{ day: '2001-02-03' }, { day: '2023-01-23' }]);
    });

    it('are one where they come twice, and the later answer holds where they differ', async () => {
      const store = newStore();
      const three = [poll(store, '10:00:00'), poll(store, '11:00:00'), poll(store, '10:00:00', 'inactive')];
      await send(three).expect(202, { accepted: 3 });
      await send(three).expect(202, { accepted: 3 });
      const expected = ['2023-01-18 10:00:00 inactive', '2023-01-18 11:00:00 active'];
      expect(await stored(store)).toEqual(expected);
      await send(three).expect(202);
      expect(await stored(store)).toEqual(expected);
      await send(poll(store, '11:00:00', 'inactive')).expect(202);
      await send(poll(store, '10:00:00')).expect(202);
      expect(await stored(store)).toEqual(['2023-01-18 10:00:00 active', '2023-01-18 11:00:00 inactive']);
    });
  });

  describe('that were answered', () => {
    it('are in the report that is triggered next, whoever else sends at the same time', async () => {
      const stop = new AbortController();
      const others = (async () => {
        for (let n = 0; !stop.signal.aborted; n += 1)
          await send([poll('other', `10:00:0${n % 10}`)]).expect(202);
      })();
      try {
        for (let round = 0; round < 10; round += 1) {
          const store = newStore();
          await send(poll(store, '10:00:00')).expect(202);
          expect(await storesOfReport()).toContain(store);
        }
      } finally {
        stop.abort();
        await others;
      }
    });

    it('are answered while a load holds the facts, and a report waits until they are merged', async () => {
      const store = newStore();
      const report = await whileFactsAreHeld(async () => {
        await send(poll(store, '10:00:00')).expect(202);
        const stores = storesOfReport();
        await waitsForFacts();
        return { stores };
      });
      expect(await report.stores).toContain(store);
    });

    it('outlive the process that answered, before it has merged them', async () => {
      const store = newStore();
      const { app, http } = await startSecond(api);
      await whileFactsAreHeld(async () => {
        await http.post(ROUTE).send(poll(store, '10:00:00')).expect(202);
        const [{ waiting }] = await database.query('SELECT count(*)::int AS waiting FROM poll_inbox');
        expect(waiting).toBeGreaterThan(0);
        await app.close();
      });
      expect(await storesOfReport()).toContain(store);
    });

    it('are committed durably whatever the server would do by itself', async () => {
      // The tests' own server answers before anything is on the disk; another one may be set otherwise.
      const statements = jest.spyOn(pg.Client.prototype, 'query');
      await send(poll(newStore(), '10:00:00')).expect(202);
      const inserts = statements.mock.calls
        .map(([text]) => String(text))
        .filter((text) => text.includes('INSERT INTO poll_inbox'));
      expect(inserts).toEqual([expect.stringContaining(`set_config('synchronous_commit', 'on', true)`)]);
    });

    it('are merged by the process itself, though nobody asks', async () => {
      const store = newStore();
      await send(poll(store, '10:00:00')).expect(202);
      for (let known = 0; known === 0; ) {
        const rows: unknown[] = await database.query('SELECT 1 FROM store_status WHERE store_id = $1', [
          store,
        ]);
        known = rows.length;
      }
      expect(await stored(store)).toHaveLength(1);
    });
  });

  describe('and loads of files', () => {
    it('hold in the order in which they were answered and merged', async () => {
      const store = newStore();
      await loadFile([poll(store, '10:00:00'), poll(store, '11:00:00')]);
      await send(poll(store, '10:00:00', 'inactive')).expect(202);
      expect(await stored(store)).toEqual(['2023-01-18 10:00:00 inactive', '2023-01-18 11:00:00 active']);
      await loadFile([poll(store, '10:00:00')]);
      expect(await stored(store)).toEqual(['2023-01-18 10:00:00 active', '2023-01-18 11:00:00 active']);
    });

    it('let the file hold over a poll that was answered before its merge and not folded yet', async () => {
      const store = newStore();
      const load = await whileFactsAreHeld(async () => {
        await send(poll(store, '10:00:00', 'inactive')).expect(202);
        const done = loadFile([poll(store, '10:00:00')]);
        await waitsForFacts();
        return { done };
      });
      await load.done;
      expect(await stored(store)).toEqual(['2023-01-18 10:00:00 active']);
    });

    it('come to the same store-days, however the polls are cut into requests and folds', async () => {
      const piece = fc.array(
        fc.record({
          store: fc.nat(2),
          second: fc.oneof(fc.nat(5), fc.constantFrom(86_399, 86_400, 86_401, 700_000)),
          active: fc.boolean(),
        }),
        { minLength: 1, maxLength: 8 },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ piece, fold: fc.boolean(), lines: fc.boolean() }), {
            minLength: 1,
            maxLength: 6,
          }),
          async (requests) => {
            const run = newStore();
            const pollsOf = (prefix: string, some: (typeof requests)[number]['piece']): Poll[] =>
              some.map(({ store, second, active }) => ({
                store_id: `${run}-${prefix}-${store}`,
                status: active ? 'active' : 'inactive',
                timestamp_utc: new Date(Date.UTC(2023, 0, 10) + second * 1_000).toISOString(),
              }));
            for (const { piece: some, fold, lines } of requests) {
              const polls = pollsOf('live', some);
              await (
                lines ? send(polls.map((one) => JSON.stringify(one)).join('\n'), NDJSON) : send(polls)
              ).expect(202);
              if (fold) await inbox.fold();
            }
            await inbox.fold();
            await loadFile(requests.flatMap((one) => pollsOf('file', one.piece)));
            const known = (prefix: string): Promise<unknown[]> =>
              database.query(
                `SELECT right(s.store_id, 1) AS store, s.first_poll_us, s.last_poll_us, d.day::text, d.polls
                   FROM stores AS s JOIN store_day_polls AS d ON d.store_key = s.store_key
                  WHERE s.store_id LIKE $1 ORDER BY s.store_id, d.day`,
                [`${run}-${prefix}-%`],
              );
            expect(await known('live')).toEqual(await known('file'));
          },
        ),
        { numRuns: 12 },
      );
    });
  });

  describe('and folds', () => {
    it('are moved exactly once by two processes that fold at the same time', async () => {
      const second = await startSecond(api);
      try {
        const other = second.app.get(PollInbox, { strict: false });
        const stores = [newStore(), newStore()];
        const instant = (n: number): string => new Date(Date.UTC(2023, 0, 5) + n * 1_000).toISOString();
        await Promise.all(
          Array.from({ length: 120 }, async (_, n) => {
            const http = n % 2 === 0 ? api.http : second.http;
            const polls = stores.map((store_id) => ({
              store_id,
              status: 'active',
              timestamp_utc: instant(n),
            }));
            await http.post(ROUTE).send(polls).expect(202);
            if (n % 5 === 0) await Promise.all([inbox.fold(), other.fold()]);
          }),
        );
        for (const store of stores) expect(await stored(store)).toHaveLength(120);
        expect(await database.query('SELECT batch FROM poll_inbox')).toEqual([]);
      } finally {
        await second.app.close();
      }
    });

    it('leave everything as it was when they break off', async () => {
      const store = newStore();
      await whileFactsAreHeld(() => send(poll(store, '10:00:00')).expect(202));
      await expect(
        inTransaction(database, async (client) => {
          await lockFacts(client);
          await inbox.foldWithin(client);
          throw new Error('killed');
        }),
      ).rejects.toThrow('killed');
      expect(await stored(store)).toEqual(['2023-01-18 10:00:00 active']);
    });

    it('stop waiting when they are not wanted any more', async () => {
      await whileFactsAreHeld(async () => {
        await send(poll(newStore(), '10:00:00')).expect(202);
        const wanted = new AbortController();
        const fold = inbox.fold(wanted.signal);
        await waitsForFacts();
        wanted.abort(new Error('not wanted'));
        await expect(fold).rejects.toThrow('not wanted');
      });
    });

    it('take one poll for each instant from writers that contradict each other', async () => {
      const store = newStore();
      const times = Array.from({ length: 50 }, (_, n) => `10:00:${String(n).padStart(2, '0')}`);
      await Promise.all(
        ['active', 'inactive', 'active', 'inactive'].map(async (status) => {
          for (let round = 0; round < 5; round += 1)
            await send(times.map((time) => poll(store, time, status))).expect(202);
        }),
      );
      expect(await stored(store)).toHaveLength(50);
      await send(times.map((time) => poll(store, time, 'inactive'))).expect(202);
      expect(new Set((await stored(store)).map((text) => text.split(' ')[2]))).toEqual(new Set(['inactive']));
    });

    it('set aside what a store-day has no room for, and go on', async () => {
      const store = newStore();
      const neighbour = newStore();
      const dayUs = Date.UTC(2023, 0, 4) * 1_000;
      const codes = (from: number, to: number, active: 0 | 1): number[] =>
        Array.from({ length: to - from }, (_, n) => (dayUs + (from + n) * 100_000) * 2 + active);
      const append = (polls: number[]): Promise<void> =>
        inbox.append({ storeIds: polls.map(() => store), polls });
      await append(codes(0, 86_395, 1));
      await inbox.fold();
      await append([...codes(0, 1, 0), ...codes(86_395, 86_405, 1)]);
      await send(poll(neighbour, '10:00:00')).expect(202);
      const days = `SELECT cardinality(d.polls) AS count, d.polls[1] & 1 AS first FROM store_day_polls AS d
                      JOIN stores AS s ON s.store_key = d.store_key WHERE s.store_id = $1`;
      expect(await stored(neighbour)).toHaveLength(1);
      expect(await database.query(days, [store])).toEqual([{ count: 86_400, first: '0' }]);
      const aside = await database.query(
        `SELECT s.store_id, a.day::text, a.polls FROM polls_set_aside AS a JOIN stores AS s ON s.store_key = a.store_key`,
      );
      expect(aside).toEqual([
        { store_id: store, day: '2023-01-04', polls: codes(86_400, 86_405, 1).map(String) },
      ]);
    });
  });

  describe('that are refused', () => {
    interface Entry {
      pointer: string;
      code: string;
      detail: string;
    }
    const entriesOf = (response: supertest.Response): string[] =>
      (response.body.errors as Entry[]).map(({ pointer, code }) => `${pointer} ${code}`);

    it('are refused all together, with everything that is wrong with each', async () => {
      const store = newStore();
      const response = await send([
        poll(store, '10:00:00'),
        { store_id: 8_419_537, status: 'actve', timestamp: '2023-01-18T10:00:00Z' },
        'active',
        { timestamp_utc: '2023-01-18 10:00:00' },
        { store_id: ' ', status: 1, timestamp_utc: null },
      ]).expect(400);
      expect(response.headers['content-type']).toContain('application/problem+json');
      expect(response.body).toMatchObject({
        type: 'urn:storewatch:problem:bad_polls',
        detail: '4 of 5 polls are bad, so nothing of the request was kept.',
      });
      expect(entriesOf(response)).toEqual([
        '/1/timestamp unknown_member',
        '/1/store_id store_id_number',
        '/1/status bad_status',
        '/2 not_an_object',
        '/3/store_id store_id_missing',
        '/3/status status_missing',
        '/3/timestamp_utc no_zone',
        '/4/store_id store_id_empty',
        '/4/status not_text',
        '/4/timestamp_utc not_text',
      ]);
      expect(await stored(store)).toEqual([]);
    });

    it('are pointed at without a place when they come alone, and by their line when they come as lines', async () => {
      expect(entriesOf(await send(poll('one', '24:00:00')).expect(400))).toEqual([
        '/timestamp_utc bad_timestamp',
      ]);
      const lines = await send(
        `\n${JSON.stringify(poll('one', '10:00:00'))}\n{"store_id": \n`,
        NDJSON,
      ).expect(400);
      expect(entriesOf(lines)).toEqual(['/2 bad_body']);
      expect((lines.body.errors as Entry[])[0]!.detail).toMatch(/^Line 3: This is no JSON: /);
    });

    it('are not told more than a hundred problems at once', async () => {
      const response = await send(Array.from({ length: 300 }, () => ({}))).expect(400);
      expect(response.body.errors).toHaveLength(100);
      expect(response.body.detail).toBe(
        '300 of 300 polls are bad, so nothing of the request was kept. The first 100 problems are listed.',
      );
    });

    it.each([
      ['no JSON', '{"store_id": ', 'application/json', 400, 'bad_body'],
      ['nothing', '', 'application/json', 400, 'bad_body'],
      ['no line', '\n\n', NDJSON, 400, 'bad_body'],
      ['a number', '17', 'application/json', 400, 'bad_polls'],
      [
        'lists in lists',
        `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
        'application/json',
        400,
        'bad_polls',
      ],
      [
        'a member of objects themselves',
        '{"__proto__": {}, "store_id": "1", "status": "active"}',
        'application/json',
        400,
        'bad_polls',
      ],
      ['text', 'store,active', 'text/plain', 415, 'not_json'],
      ['more than 2 MB of JSON', `[${' '.repeat(2_200_000)}]`, 'application/json', 413, 'too_large'],
      ['more than 8 MB of lines', '\n'.repeat(8_500_000), NDJSON, 413, 'too_large'],
    ])('are answered when the body is %s', async (_, body, type, status, code) => {
      const response = await send(body, type).expect(status);
      expect(response.body.type).toBe(`urn:storewatch:problem:${code}`);
    });

    it('are refused where bytes are no UTF-8', async () => {
      const bytes = Buffer.from(JSON.stringify(poll('caf\u00e9', '10:00:00')), 'latin1');
      const response = await api.http
        .post(ROUTE)
        .set('Content-Type', 'application/json')
        .serialize((body) => body as never)
        .send(bytes as never)
        .expect(400);
      expect(response.body.type).toBe('urn:storewatch:problem:bad_encoding');
    });

    it('may be 5,000 at once, and not one more', async () => {
      const store = newStore();
      const polls = Array.from({ length: 5_001 }, (_, n) => ({
        store_id: store,
        status: 'active',
        timestamp_utc: new Date(Date.UTC(2023, 0, 6) + n * 1_000).toISOString(),
      }));
      const lines = polls.map((one) => JSON.stringify(one));
      for (const response of [
        await send(polls).expect(413),
        await send(lines.join('\n'), NDJSON).expect(413),
      ])
        expect(response.body.type).toBe('urn:storewatch:problem:too_many_polls');
      expect(await stored(store)).toEqual([]);
      await send(polls.slice(1)).expect(202, { accepted: 5_000 });
      await send(lines.slice(1).join('\n'), NDJSON).expect(202, { accepted: 5_000 });
      expect(await stored(store)).toHaveLength(5_000);
    });

    it('are refused when they are older than what is kept', async () => {
      api.environment.retentionDays = 30;
      const agoDays = (days: number): Poll => ({
        store_id: 'kept',
        status: 'active',
        timestamp_utc: new Date(Date.now() - days * 86_400_000).toISOString(),
      });
      await send(agoDays(29)).expect(202);
      expect(entriesOf(await send(agoDays(31)).expect(400))).toEqual(['/timestamp_utc too_old']);
    });

    it('are asked for again when too many wait', async () => {
      const service = api.app.get(LivePollsService, { strict: false });
      const most = service.mostWaiting;
      service.mostWaiting = 0;
      try {
        const response = await send(poll('again', '10:00:00')).expect(429);
        expect(response.headers['retry-after']).toBe('5');
      } finally {
        service.mostWaiting = most;
      }
    });

    it('are asked for again when the database is away', async () => {
      const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      jest.spyOn(inbox, 'append').mockRejectedValue(refused);
      const response = await send(poll('again', '10:00:00')).expect(503);
      expect(response.headers['retry-after']).toBe('5');
      expect(response.body.detail).toContain('Send them again');
    });
  });

  it('are answered as kept by nobody where the commit that they share fails', async () => {
    const store = newStore();
    const good = { storeIds: [store], polls: [2] };
    const alone = inbox.append(good);
    // They arrive while that one is under way, and so go together; no text of the database holds a NUL.
    const shared = [inbox.append(good), inbox.append({ storeIds: ['a\0b'], polls: [2] })];
    const outcomes = await Promise.allSettled([alone, ...shared]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await inbox.append(good);
  });

  it('share one commit when they come at the same moment', async () => {
    const store = newStore();
    const statements = jest.spyOn(pg.Client.prototype, 'query');
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        inbox.append({ storeIds: [store], polls: [(Date.UTC(2023, 0, 7) * 1_000 + n) * 2] }),
      ),
    );
    const inserts = statements.mock.calls.filter(([text]) => String(text).includes('INSERT INTO poll_inbox'));
    expect(inserts).toHaveLength(2);
    expect(await stored(store)).toHaveLength(40);
  });
});

/** Another process's application on the same database. */
async function startSecond(
  api: TestApi,
): Promise<{ app: NestExpressApplication; http: ReturnType<typeof supertest.agent> }> {
  const app = await createApi(api.environment, api.databaseUrl, testLogger());
  await app.listen(0, '127.0.0.1');
  return { app, http: supertest.agent((await app.getUrl()).replace('[::1]', '127.0.0.1')) };
}
