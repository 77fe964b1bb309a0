import { rm } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { ImportView } from '../src/ingestion/imports/import.view.js';
import { FACT_LOCK } from '../src/platform/database/locks.js';
import { EventStreams } from '../src/platform/http/events.js';
import { waitFor } from '../src/platform/wait.js';
import { PollWriter } from '../src/stores/polls/poll.writer.js';
import { startTestApi, type TestApi, TWO_STORES } from './support/application.js';
import {
  fieldPart,
  filePart,
  FORM_TYPE,
  formOf,
  pollsOf,
  portOf,
  type RawPart,
  sha256,
  uploadFolders,
} from './support/uploads.js';

const ADDRESS = '/api/v1/imports';
const ZONES = 'store_id,timezone_str\n7,America/Boise\n';

describe('imports from their acceptance to their end', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await database.query(
      'TRUNCATE stores, business_hours, store_day_polls, imports, import_files, import_rejects CASCADE',
    );
    // The files of failed imports are kept.
    await rm(api.environment.uploadsDir, { recursive: true, force: true });
  });

  afterEach(() => jest.restoreAllMocks());

  const upload = async (parts: readonly RawPart[], status = 202): Promise<ImportView> => {
    const { body } = await api.http
      .post(ADDRESS)
      .set('Content-Type', FORM_TYPE)
      .send(formOf(parts))
      .expect(status);
    return body as ImportView;
  };

  const find = async (id: string): Promise<ImportView> =>
    (await api.http.get(`${ADDRESS}/${id}`).expect(200)).body as ImportView;

  const ended = async ({ id }: { id: string }): Promise<ImportView> =>
    (await api.http.get(`${ADDRESS}/${id}`).set('Prefer', 'wait=25').expect(200)).body as ImportView;

  const loaded = async (parts: readonly RawPart[]): Promise<ImportView> => ended(await upload(parts));

  /** The view once it is as expected. */
  const until = (id: string, isSo: (view: ImportView) => boolean): Promise<ImportView | null> =>
    waitFor(async () => {
      const view = await find(id);
      return isSo(view) ? view : null;
    }, 20_000);

  const pollCount = async (): Promise<number> => {
    const [row] = await database.query('SELECT count(*)::int AS count FROM store_status');
    return (row as { count: number }).count;
  };

  /** Merges of polls wait until `open` is called. */
  function holdMerges(): { open(): void; entered: Promise<void> } {
    const writer = api.app.get(PollWriter, { strict: false });
    const merge = writer.merge.bind(writer);
    let open = (): void => undefined;
    let enter = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    jest.spyOn(writer, 'merge').mockImplementation(async (...given) => {
      enter();
      await gate;
      return merge(...given);
    });
    return { open: () => open(), entered };
  }

  /** The next merges of polls fail, as often as one import is tried; the first of them waits until `go` is called. */
  function failMerges(): { go(): void } {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const spy = jest.spyOn(api.app.get(PollWriter, { strict: false }), 'merge');
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    for (let count = 0; count < 3; count++) {
      spy.mockImplementationOnce(async () => {
        await gate;
        throw new Error('the connection broke');
      });
    }
    return { go: () => go() };
  }

  async function failed(parts: readonly RawPart[]): Promise<ImportView> {
    failMerges().go();
    const view = await loaded(parts);
    expect(view.status).toBe('failed');
    // Whoever mocks the merge next has to find the real one.
    jest.restoreAllMocks();
    return view;
  }

  describe('of a file that was loaded before', () => {
    const text = pollsOf('7', 5);

    it.each([
      ['as it was', () => filePart(text)],
      ['under another name', () => filePart(text, 'other.txt')],
      ['packed', () => filePart(gzipSync(text), 'polls.csv.gz')],
    ])('say so at once where it comes %s', async (_, again) => {
      const first = await loaded([filePart(text)]);
      const second = await upload([again()], 200);
      expect(second).toMatchObject({
        status: 'completed',
        files: [{ status: 'duplicate', duplicate_of: first.id, sha256: sha256(text), phase: 'done' }],
      });
      expect(second.files[0]!.note).toContain('No other file of this kind was loaded since');
      expect(second.files[0]!.note).toContain('force=true');
      expect(await uploadFolders(api)).toEqual([]);
    });

    it('tell how many other files of the kind were loaded since', async () => {
      await loaded([filePart(text)]);
      await loaded([filePart(pollsOf('8', 1))]);
      await loaded([filePart(pollsOf('9', 1)), filePart(ZONES)]);
      const again = await upload([filePart(text)], 200);
      expect(again.files[0]!.note).toContain('Since then 2 other files of this kind were loaded');
    });

    it.each([
      [
        'another file of zones',
        async () => void (await loaded([filePart('store_id,timezone_str\n7,Asia/Kolkata\n')])),
      ],
      [
        'an edit',
        async () =>
          void (await api.http
            .put('/api/v1/stores/7')
            .send({ zone: 'Asia/Kolkata', effective_from: 'always' })
            .expect(200)),
      ],
    ])('load zones again that %s replaced in between', async (_, replace) => {
      const zones = 'store_id,timezone_str\n7,America/New_York\n';
      await loaded([filePart(zones)]);
      await replace();
      const again = await loaded([filePart(zones)]);
      expect(again.files).toMatchObject([{ status: 'completed', duplicate_of: null, replaced: 1 }]);
      expect((await api.http.get('/api/v1/stores/7').expect(200)).body.zone).toBe('America/New_York');
      expect((await upload([filePart(zones)], 200)).files).toMatchObject([{ duplicate_of: again.id }]);
    });

    it('load it again by force, and find nothing new', async () => {
      await loaded([filePart(text)]);
      const again = await loaded([fieldPart('force', 'true'), filePart(text)]);
      expect(again).toMatchObject({
        force: true,
        status: 'completed',
        files: [{ status: 'completed', duplicate_of: null, unchanged: 5 }],
      });
    });

    it('load the other files that come with it, and one of two that are the same', async () => {
      const first = await loaded([filePart(text)]);
      const mixed = await loaded([filePart(text), filePart(ZONES), filePart(ZONES, 'again.csv')]);
      expect(mixed.status).toBe('completed');
      expect(mixed.files).toMatchObject([
        { status: 'duplicate', duplicate_of: first.id },
        { status: 'completed', inserted: 1 },
        { status: 'duplicate', duplicate_of: mixed.id, name: 'again.csv' },
      ]);
    });

    it('know a file of the data folder again, and always load the folder', async () => {
      await api.putData({ 'timezone.csv': ZONES });
      const { body } = await api.http.post(ADDRESS).send({ source: 'directory' }).expect(202);
      const first = await ended(body as ImportView);
      expect((await upload([filePart(ZONES)], 200)).files).toMatchObject([{ duplicate_of: first.id }]);
      const again = await api.http.post(ADDRESS).send({ source: 'directory', force: false }).expect(202);
      expect((await ended(again.body as ImportView)).files).toMatchObject([{ status: 'completed' }]);
    });

    it('load it once when it comes eight times at once', async () => {
      const many = pollsOf('7', 2_000);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          api.http
            .post(ADDRESS)
            .set('Content-Type', FORM_TYPE)
            .send(formOf([filePart(many)])),
        ),
      );
      expect(
        answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 202),
      ).toEqual([]);
      const views = await Promise.all(answers.map(({ body }) => ended(body as ImportView)));
      const statuses = views.map(({ files }) => files[0]!.status).sort();
      expect(statuses).toEqual(['completed', ...Array(7).fill('duplicate')]);
      expect(await pollCount()).toBe(2_000);
      expect(await uploadFolders(api)).toEqual([]);
    });

    it('load it after all where the one before it failed', async () => {
      const merges = failMerges();
      const first = await upload([filePart(text)]);
      const second = await upload([filePart(text)]);
      merges.go();
      expect((await ended(first)).status).toBe('failed');
      const view = await ended(second);
      expect(view.files).toMatchObject([{ status: 'completed', duplicate_of: null, inserted: 5 }]);
    });
  });

  describe('on their way', () => {
    it('tell phase, pace and order', async () => {
      const merges = holdMerges();
      const first = await upload([filePart(pollsOf('7', 50)), filePart(ZONES)]);
      await merges.entered;
      const second = await upload([filePart(pollsOf('8', 50))]);
      const third = await upload([filePart(pollsOf('9', 50))]);
      const merging = await until(first.id, ({ files }) => files[0]!.phase === 'merging');
      expect(merging).toMatchObject({ status: 'running', waits_for: [] });
      expect(merging!.files).toMatchObject([
        { phase: 'merging', status: 'running', read: 50, seconds_left: null },
        { phase: 'done', status: 'completed' },
      ]);
      expect(merging!.files[0]!.rows_per_second).toBeGreaterThan(0);
      expect(merging!.files[0]!.bytes_read).toBe(merging!.files[0]!.bytes);
      expect(await find(third.id)).toMatchObject({
        status: 'pending',
        started_at: null,
        waits_for: [first.id, second.id],
        files: [{ phase: 'waiting', rows_per_second: null, seconds_left: null }],
      });
      merges.open();
      const views = await Promise.all([first, second, third].map(ended));
      expect(views.map(({ status }) => status)).toEqual(Array(3).fill('completed'));
      const times = views.map(({ completed_at }) => completed_at!);
      expect(times).toEqual(times.toSorted());
    });

    it('are followed by events until they end', async () => {
      const merges = holdMerges();
      const { id, links } = await upload([filePart(pollsOf('7', 50))]);
      const stream = follow(links.events);
      await waitFor(async () => (stream.events.length > 0 ? true : null), 5_000);
      await merges.entered;
      merges.open();
      await stream.closed;
      expect(stream.type).toContain('text/event-stream');
      expect(stream.events.length).toBeGreaterThan(1);
      expect(stream.events.map(({ name }) => name)).toEqual([
        ...Array(stream.events.length - 1).fill('change'),
        'ended',
      ]);
      expect(stream.events.at(-1)!.data).toEqual(await find(id));
    });

    it('send one event where they have ended, and a problem where there is none', async () => {
      const { links } = await loaded([filePart(ZONES)]);
      const stream = follow(links.events);
      await stream.closed;
      expect(stream.events.map(({ name }) => name)).toEqual(['ended']);
      await api.http.get(`${ADDRESS}/none/events`).expect(404);
    });

    it('are refused, with a time to come again, where too many are open', async () => {
      const { links } = await loaded([filePart(ZONES)]);
      const streams = api.app.get(EventStreams, { strict: false });
      streams.most = 0;
      const { headers, body } = await api.http.get(links.events).expect(429);
      streams.most = 100;
      expect(headers['retry-after']).toBe('5');
      expect(body.type).toBe('urn:storewatch:problem:too_many_streams');
    });

    it('show that the line is alive, and stop when the client goes away', async () => {
      const streams = api.app.get(EventStreams, { strict: false });
      Object.assign(streams, { heartbeatMs: 50, lookMs: 20 });
      const merges = holdMerges();
      const first = await upload([filePart(pollsOf('7', 50))]);
      await merges.entered;
      const stream = follow(first.links.events);
      expect(await waitFor(async () => (stream.comments() > 1 ? true : null), 5_000)).toBe(true);
      expect(streams.count).toBe(1);
      stream.leave();
      expect(await waitFor(async () => (streams.count === 0 ? true : null), 5_000)).toBe(true);
      Object.assign(streams, { heartbeatMs: 15_000, lookMs: 300 });
      merges.open();
      await ended(first);
    });

    it('let the server close although somebody follows them', async () => {
      const other = await startTestApi();
      const id = uuidv7();
      await other.app.get(DataSource).query(
        `INSERT INTO imports (import_id, status, source, directory, lease_until)
         VALUES ($1, 'running', 'upload', '', clock_timestamp() + interval '1 hour')`,
        [id],
      );
      const stream = follow(`${ADDRESS}/${id}/events`, other);
      expect(await waitFor(async () => (stream.events.length > 0 ? true : null), 5_000)).toBe(true);
      await other.close();
      await stream.closed;
    });
  });

  describe('that are cancelled', () => {
    it('end at once while they wait, and the next one takes their place', async () => {
      const merges = holdMerges();
      const first = await upload([filePart(pollsOf('7', 5))]);
      await merges.entered;
      const second = await upload([filePart(pollsOf('8', 5))]);
      const third = await upload([filePart(pollsOf('9', 5))]);
      const { body } = await api.http.post(second.links.cancel).expect(202);
      expect(body).toMatchObject({
        status: 'cancelled',
        error: 'It was cancelled.',
        files: [{ status: 'cancelled', phase: 'done' }],
      });
      expect(await find(third.id)).toMatchObject({ waits_for: [first.id] });
      merges.open();
      expect((await ended(third)).status).toBe('completed');
      expect(await pollCount()).toBe(10);
      expect(await uploadFolders(api)).toEqual([]);
    });

    it('keep the files that were loaded, and show nothing of the one under way', async () => {
      const merges = holdMerges();
      const first = await upload([filePart(pollsOf('7', 5)), filePart(ZONES)]);
      await merges.entered;
      await api.http.post(first.links.cancel).expect(202);
      merges.open();
      const second = await loaded([filePart(pollsOf('8', 5))]);
      expect(second.status).toBe('completed');
      expect(await find(first.id)).toMatchObject({
        status: 'cancelled',
        files: [
          { kind: 'polls', status: 'cancelled', inserted: 0 },
          { kind: 'zones', status: 'completed', inserted: 1 },
        ],
      });
      expect(await pollCount()).toBe(5);
      expect(await uploadFolders(api)).toEqual([]);
    });

    it('let go of a long statement within moments', async () => {
      const other = new pg.Client({ connectionString: api.databaseUrl });
      await other.connect();
      try {
        // The merge waits for this lock, as it would for a long statement of its own.
        await other.query(`SELECT pg_advisory_lock(${FACT_LOCK})`);
        const first = await upload([filePart(pollsOf('7', 5))]);
        const waiting = (): Promise<{ pid: number }[]> =>
          database.query(
            `SELECT pid FROM pg_stat_activity
              WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%pg_advisory_xact_lock%'`,
          );
        expect(await waitFor(async () => ((await waiting()).length > 0 ? true : null), 10_000)).toBe(true);
        const began = performance.now();
        await api.http.post(first.links.cancel).expect(202);
        expect(await waitFor(async () => ((await waiting()).length === 0 ? true : null), 10_000)).toBe(true);
        expect(performance.now() - began).toBeLessThan(3_000);
      } finally {
        await other.end();
      }
      expect(await pollCount()).toBe(0);
      expect((await loaded([filePart(pollsOf('7', 5))])).status).toBe('completed');
    });

    it('cannot be once they have ended, and are not there where there are none', async () => {
      const { links } = await loaded([filePart(ZONES)]);
      const { body } = await api.http.post(links.cancel).expect(409);
      expect(body.detail).toContain('completed already');
      await api.http.post(`${ADDRESS}/none/cancel`).expect(404);
      await api.http.post(`${ADDRESS}/none/retry`).expect(404);
    });
  });

  describe('that are tried again', () => {
    it('load what is not loaded yet, after a failure', async () => {
      const first = await failed([filePart(pollsOf('7', 5)), filePart(ZONES)]);
      expect(first.files).toMatchObject([{ status: 'failed', phase: 'done' }, { status: 'completed' }]);
      expect(await uploadFolders(api, 1)).toEqual([first.id]);
      const { body, headers } = await api.http.post(first.links.retry).expect(202);
      expect(headers['location']).toBe(first.links.self);
      expect(body.error).toBeNull();
      expect(await ended(first)).toMatchObject({
        status: 'completed',
        files: [
          { status: 'completed', inserted: 5 },
          { status: 'completed', inserted: 1 },
        ],
      });
      expect(await uploadFolders(api)).toEqual([]);
    });

    it('name no more than a hundred of those that they wait for', async () => {
      await database.query(
        `INSERT INTO imports (import_id, status, source, directory, lease_until)
         SELECT gen_random_uuid(), 'running', 'directory', '', 'infinity' FROM generate_series(1, 150)`,
      );
      const last = await upload([filePart(pollsOf('7', 5))]);
      expect(last.waits_for).toHaveLength(100);
      await database.query(`DELETE FROM imports WHERE directory = ''`);
      await api.http.post(last.links.cancel).expect(202);
    });

    it('are loaded behind those that wait by then', async () => {
      const first = await failed([filePart(pollsOf('7', 5))]);
      const merges = holdMerges();
      const second = await upload([filePart(pollsOf('8', 5))]);
      await merges.entered;
      const third = await upload([filePart(pollsOf('9', 5))]);
      const { body } = await api.http.post(first.links.retry).expect(202);
      expect(body.waits_for).toEqual([second.id, third.id]);
      merges.open();
      expect((await ended(first)).status).toBe('completed');
      expect((await ended(third)).status).toBe('completed');
    });

    it('cannot be where they were loaded, or where their files are gone', async () => {
      const done = await loaded([filePart(ZONES)]);
      expect((await api.http.post(done.links.retry).expect(409)).body.detail).toContain('is completed');
      const merges = holdMerges();
      const cancelled = await upload([filePart(pollsOf('7', 5))]);
      await merges.entered;
      await api.http.post(cancelled.links.cancel).expect(202);
      merges.open();
      const { body } = await api.http.post(cancelled.links.retry).expect(409);
      expect(body).toMatchObject({ type: 'urn:storewatch:problem:files_gone' });
      expect(body.detail).toContain('file.csv');
    });

    it('can be after they were cancelled, where the files lie in the data folder', async () => {
      await api.putData(TWO_STORES);
      const merges = holdMerges();
      const { body } = await api.http.post(ADDRESS).send({ source: 'directory' }).expect(202);
      await merges.entered;
      await api.http.post(body.links.cancel).expect(202);
      merges.open();
      await api.http.post(body.links.retry).expect(202);
      expect(await ended(body as ImportView)).toMatchObject({
        status: 'completed',
        files: [{ inserted: 3 }, { status: 'completed' }, { status: 'completed' }],
      });
    });
  });

  describe('asked for by client C', () => {
    const post = (parts: readonly RawPart[], status: number): ReturnType<typeof api.http.post> =>
      api.http.post('/data/').set('Content-Type', FORM_TYPE).send(formOf(parts)).expect(status);

    it('are loaded when it is answered, and what was loaded before counts as loaded', async () => {
      const parts = [
        filePart(TWO_STORES['store_status.csv'], 'store_status.csv'),
        filePart(TWO_STORES['menu_hours.csv'], 'menu_hours.csv'),
        filePart('store_id,timezone_str\n7,America/Boise\n8,Nowhere/Land\n', 'timezone.csv'),
      ];
      const first = await post(parts, 200);
      const tables = {
        store_status: { read: 3, loaded: 3, rejected: 0 },
        menu_hours: { read: 7, loaded: 7, rejected: 0 },
        timezone: { read: 2, loaded: 1, rejected: 1 },
      };
      expect(first.body).toMatchObject({ message: 'Data loaded', tables });
      expect((await post(parts, 200)).body.tables).toEqual(tables);
      const mixed = await post([...parts, filePart(pollsOf('9', 2))], 200);
      expect(mixed.body.tables).toEqual({ ...tables, store_status: { read: 5, loaded: 5, rejected: 0 } });
    });

    it('are refused where there is nothing to load, or a file is bad as a whole', async () => {
      expect((await post([], 400)).body.type).toBe('urn:storewatch:problem:no_file');
      await post([filePart('x,y\n')], 422);
      const { body } = await post([filePart('store_id,timezone_str\n8,Nowhere/Land\n', 'z.csv')], 422);
      expect(body.detail).toContain('z.csv was refused whole');
    });
  });

  interface Followed {
    events: { name: string; data: unknown }[];
    comments(): number;
    type: string;
    closed: Promise<void>;
    leave(): void;
  }

  function follow(address: string, of: TestApi = api): Followed {
    let text = '';
    let read = 0;
    const events: Followed['events'] = [];
    let close = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const request = httpGet({ port: portOf(of), host: '127.0.0.1', path: address }, (response) => {
      followed.type = response.headers['content-type'] ?? '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        const whole = text.split('\n\n').slice(0, -1);
        for (; read < whole.length; read++) {
          const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(whole[read]!) ?? [];
          if (name !== undefined) events.push({ name, data: JSON.parse(data!) as unknown });
        }
      });
      response.on('close', close);
      response.on('error', () => undefined);
    });
    request.on('error', close);
    const followed: Followed = {
      events,
      comments: () => text.split(': still here\n\n').length - 1,
      type: '',
      closed,
      leave: () => void request.destroy(),
    };
    return followed;
  }
});
