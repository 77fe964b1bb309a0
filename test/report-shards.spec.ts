import { readdir } from 'node:fs/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { InlineWorker } from '../src/platform/queue/inline-worker.js';
import { ReportPublisher } from '../src/reports/files/report.publisher.js';
import { ReportRunner } from '../src/reports/making/report.runner.js';
import { ReportShards } from '../src/reports/making/report-shards.js';
import { ShardComputer } from '../src/reports/making/shard.computer.js';
import { ShardRunner } from '../src/reports/making/shard.runner.js';
import { startTestApi, type TestApi } from './support/application.js';
import { gateShards, MANY_STORES, manyStores, openGates, startHelper, Watcher } from './support/shards.js';
import { loadFiles } from './support/stores.js';

interface ReportBody {
  id: string;
  status: string;
  as_of: string | null;
  error: string | null;
  progress: { phase: string; done: number; total: number | null };
}

describe('a report in shards', () => {
  let api: TestApi;
  let helper: INestApplicationContext;
  let database: Watcher;
  /** What a single process makes of it. */
  let expected: { rows: number; digest: string };

  beforeAll(async () => {
    api = await startTestApi();
    helper = await startHelper(api);
    database = new Watcher(api.databaseUrl);
    await database.start();
    await loadFiles(api, manyStores());
    expected = await database.digest((await ended(await trigger())).id);
  }, 60_000);

  afterEach(() => {
    openGates();
    jest.restoreAllMocks();
  });

  afterAll(async () => {
    await database.stop();
    await helper.close();
    await api.close();
  });

  async function trigger(): Promise<string> {
    const { body } = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    return body.id as string;
  }

  async function ended(id: string): Promise<ReportBody> {
    const { body } = await api.http.get(`/api/v1/reports/${id}`).set('Prefer', 'wait=20').expect(200);
    return body as ReportBody;
  }

  const waitingShard = (id: string): Promise<{ shard_id: string }> =>
    database.until(
      `SELECT shard_id FROM report_shards WHERE report_id = $1 AND status = 'pending' ORDER BY position`,
      [id],
    );

  const attemptsOf = (id: string): Promise<{ attempts: number }> =>
    database.one('SELECT attempts FROM reports WHERE report_id = $1', [id]);

  /** A report that a process has planned which then died, after a first shard was done and while a second one was not. */
  async function deadRun(): Promise<string> {
    const gate = gateShards(api.app);
    const id = await trigger();
    await gate.reached;
    await waitingShard(id);
    const run = randomUUID();
    await database.rows(
      `UPDATE report_shards SET run = $2, claim_token = $2, lease_until = clock_timestamp() - interval '1 second',
              attempts = CASE position WHEN 1 THEN 2 ELSE attempts END,
              status = CASE position WHEN 0 THEN 'completed' WHEN 1 THEN 'running' ELSE 'pending' END
        WHERE report_id = $1`,
      [id, run],
    );
    await database.rows(
      `INSERT INTO report_rows SELECT (jsonb_populate_record(r, jsonb_build_object('report_id', $1::uuid, 'outages', 77))).*
         FROM report_rows AS r WHERE report_id <> $1::uuid AND store_id = 'store-1' LIMIT 1`,
      [id],
    );
    await database.rows(
      `UPDATE reports SET claim_token = $2, lease_until = clock_timestamp() - interval '1 second' WHERE report_id = $1`,
      [id, run],
    );
    gate.open();
    jest.restoreAllMocks();
    return id;
  }

  it('is computed by two processes to the same rows as by one', async () => {
    const gate = gateShards(api.app);
    const computed = jest.spyOn(helper.get(ShardComputer, { strict: false }), 'compute');
    const id = await trigger();
    await gate.reached;
    await helper.get(ShardRunner, { strict: false }).run((await waitingShard(id)).shard_id);
    expect(computed).toHaveBeenCalledTimes(2);
    gate.open();
    expect(await ended(id)).toMatchObject({
      status: 'completed',
      progress: { done: MANY_STORES, total: MANY_STORES },
    });
    expect(gate.count()).toBe(1);
    expect(await database.digest(id)).toEqual(expected);
    expect(expected.rows).toBe(MANY_STORES);
    await database.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM report_shards WHERE report_id = $1)', [id]);
  });

  it('keeps the zone of every store in its rows', async () => {
    const id = (await ended(await trigger())).id;
    const { zones } = await database.one<{ zones: string[] }>(
      'SELECT array_agg(DISTINCT zone) AS zones FROM report_rows WHERE report_id = $1',
      [id],
    );
    expect(zones.sort()).toEqual(['America/New_York', 'Asia/Kolkata', 'Europe/Berlin']);
  });

  it('sees in no shard what facts became after it began', async () => {
    const gate = gateShards(api.app);
    const id = await trigger();
    await gate.reached;
    const { shard_id: shard } = await waitingShard(id);
    await database.rows('CREATE TABLE kept_polls AS SELECT * FROM store_day_polls');
    await database.rows('DELETE FROM store_day_polls');
    await helper.get(ShardRunner, { strict: false }).run(shard);
    gate.open();
    const report = await ended(id);
    await database.rows('INSERT INTO store_day_polls SELECT * FROM kept_polls');
    await database.rows('DROP TABLE kept_polls');
    expect(report.status).toBe('completed');
    expect(await database.digest(id)).toEqual(expected);
  });

  it('is computed anew, from one snapshot, when the process that planned it has died', async () => {
    const id = await deadRun();
    expect((await ended(id)).status).toBe('completed');
    expect(await database.digest(id)).toEqual(expected);
  });

  it('remembers for its stores how often a shard has killed its process', async () => {
    const id = await deadRun();
    const gate = gateShards(api.app);
    const found = await database.until<{ attempts: number[] }>(
      `SELECT array_agg(s.attempts ORDER BY s.position) AS attempts
         FROM report_shards AS s JOIN reports AS r ON r.report_id = s.report_id AND r.claim_token = s.run
        WHERE s.report_id = $1 AND s.status = 'pending' AND r.status = 'running' HAVING count(*) = 2`,
      [id],
    );
    expect(found.attempts).toEqual([2, 0]);
    gate.open();
    expect((await ended(id)).status).toBe('completed');
  });

  it('is only published when its process died after the last shard', async () => {
    const publisher = api.app.get(ReportPublisher, { strict: false });
    jest.spyOn(publisher, 'writeCsv').mockRejectedValueOnce(new Error('It died here.'));
    const computed = jest.spyOn(api.app.get(ShardComputer, { strict: false }), 'compute');
    const id = await trigger();
    expect((await ended(id)).status).toBe('completed');
    expect(await attemptsOf(id)).toEqual({ attempts: 2 });
    expect(computed).toHaveBeenCalledTimes(3);
    expect(await database.digest(id)).toEqual(expected);
  });

  it('publishes nothing while a row is missing, and computes again', async () => {
    const shards = api.app.get(ReportShards, { strict: false });
    const results = shards.stateOf.bind(shards);
    jest.spyOn(shards, 'stateOf').mockImplementationOnce(async (run) => {
      await database.rows(
        `DELETE FROM report_rows AS r USING report_shards AS s WHERE s.run = $1 AND r.report_id = s.report_id`,
        [run],
      );
      return results(run);
    });
    const id = await trigger();
    expect((await ended(id)).status).toBe('completed');
    expect(await database.digest(id)).toEqual(expected);
  });

  it('takes nothing from a helper of an earlier run, however late it comes', async () => {
    const gate = gateShards(api.app);
    const shards = helper.get(ReportShards, { strict: false });
    const complete = shards.complete.bind(shards);
    let go!: () => void;
    const released = new Promise<void>((resolve) => (go = resolve));
    let came!: () => void;
    const atItsEnd = new Promise<void>((resolve) => (came = resolve));
    jest.spyOn(shards, 'complete').mockImplementationOnce(async (...call) => {
      came();
      await released;
      return complete(...call);
    });
    const id = await trigger();
    await gate.reached;
    const late = helper.get(ShardRunner, { strict: false }).run((await waitingShard(id)).shard_id);
    await atItsEnd;
    await database.rows('UPDATE reports SET claim_token = $2 WHERE report_id = $1', [id, randomUUID()]);
    go();
    await late;
    expect(await database.digest(id)).toMatchObject({ rows: 0 });
    await database.rows(
      `UPDATE reports SET lease_until = clock_timestamp() - interval '1 second' WHERE report_id = $1`,
      [id],
    );
    gate.open();
    expect((await ended(id)).status).toBe('completed');
    expect(await database.digest(id)).toEqual(expected);
  });

  it('leaves a shard alone whose snapshot is gone', async () => {
    const gate = gateShards(api.app);
    const id = await trigger();
    await gate.reached;
    const { shard_id: shard } = await waitingShard(id);
    await database.rows(`UPDATE reports SET snapshot = 'exported:00000099-0000FFFF-1' WHERE report_id = $1`, [
      id,
    ]);
    await helper.get(ShardRunner, { strict: false }).run(shard);
    expect(
      await database.one('SELECT status, attempts FROM report_shards WHERE shard_id = $1', [shard]),
    ).toEqual({ status: 'pending', attempts: 0 });
    gate.open();
    expect((await ended(id)).status).toBe('completed');
  });

  it('fails with the reason when a shard has killed three processes, and can be tried again', async () => {
    const gate = gateShards(api.app);
    const id = await trigger();
    await gate.reached;
    await waitingShard(id);
    await database.rows(
      `UPDATE report_shards SET status = 'running', attempts = 3, claim_token = $2,
              lease_until = clock_timestamp() - interval '1 second'
        WHERE report_id = $1 AND position = 2`,
      [id, randomUUID()],
    );
    gate.open();
    const report = await ended(id);
    expect(report.status).toBe('failed');
    expect(report.error).toContain('crashed 3 times');
    const { headers } = await api.http.post(`/api/v1/reports/${id}/retry`).expect(202);
    expect(headers['location']).toBe(`/api/v1/reports/${id}`);
    const again = await ended(id);
    expect(again).toMatchObject({ status: 'completed', error: null, as_of: report.as_of });
    expect(await database.digest(id)).toEqual(expected);
  });

  it('is cancelled within a second, also in the middle of a statement, and leaves nothing', async () => {
    jest
      .spyOn(api.app.get(ShardComputer, { strict: false }), 'compute')
      .mockImplementation(async (reader) => void (await reader.query('SELECT pg_sleep(60)')));
    const id = await trigger();
    await database.until(`SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`);
    const begun = performance.now();
    const { body } = await api.http.post(`/api/v1/reports/${id}/cancel`).expect(202);
    expect(body).toMatchObject({ status: 'cancelled', error: 'It was cancelled.' });
    await database.until(
      `SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active')`,
    );
    expect(performance.now() - begun).toBeLessThan(1_000);
    jest.restoreAllMocks();
    expect(
      await database.one(
        `SELECT (SELECT count(*)::int FROM report_shards WHERE report_id = $1) AS shards,
                (SELECT count(*)::int FROM report_rows WHERE report_id = $1) AS rows`,
        [id],
      ),
    ).toEqual({ shards: 0, rows: 0 });
    expect((await readdir(api.environment.reportsDir)).filter((name) => name.includes(id))).toEqual([]);
    await api.http.post(`/api/v1/reports/${id}/cancel`).expect(409);
    await api.http.post(`/api/v1/reports/${id}/retry`).expect(202);
    expect((await ended(id)).status).toBe('completed');
    await api.http.post(`/api/v1/reports/${id}/retry`).expect(409);
    const { body: refusal } = await api.http.post(`/api/v1/reports/${id}/cancel`).expect(409);
    expect(refusal.detail).toBe('The report is completed already; one that waits or runs can be cancelled.');
  });

  it('leaves no file when it is cancelled while its file is written', async () => {
    const publisher = api.app.get(ReportPublisher, { strict: false });
    const write = publisher.writeMetadata.bind(publisher);
    let id = '';
    jest.spyOn(publisher, 'writeMetadata').mockImplementationOnce(async (...call) => {
      await api.http.post(`/api/v1/reports/${id}/cancel`).expect(202);
      return write(...call);
    });
    id = await trigger();
    expect((await ended(id)).status).toBe('cancelled');
    // The inline worker takes one at a time, so that this one ends after it.
    await ended(await trigger());
    expect((await readdir(api.environment.reportsDir)).filter((name) => name.includes(id))).toEqual([]);
    expect(await database.digest(id)).toMatchObject({ rows: 0 });
  });

  it('is followed by events, whose progress never goes back', async () => {
    const gate = gateShards(api.app);
    const id = await trigger();
    await gate.reached;
    const { shard_id: shard } = await waitingShard(id);
    const port = (api.app.getHttpServer().address() as { port: number }).port;
    const stream = await fetch(`http://127.0.0.1:${port}/api/v1/reports/${id}/events`);
    await helper.get(ShardRunner, { strict: false }).run(shard);
    await database.until('SELECT 1 FROM reports WHERE report_id = $1 AND done > 0', [id]);
    gate.open();
    const events = [...(await stream.text()).matchAll(/^event: (\w+)\ndata: (.*)$/gm)];
    const done = events.map(([, , data]) => (JSON.parse(data!) as ReportBody).progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(MANY_STORES);
    expect(new Set(done).size).toBeGreaterThan(1);
    expect(events.map(([, name]) => name).filter((name) => name === 'ended')).toHaveLength(1);
    expect(events.at(-1)![1]).toBe('ended');
  });

  it.each(['cancel', 'retry'])('answers 404 to the %s of what does not exist', async (action) => {
    await api.http.post(`/api/v1/reports/${randomUUID()}/${action}`).expect(404);
    await api.http.post(`/api/v1/reports/nonsense/${action}`).expect(404);
  });

  it('answers 404 to who follows what does not exist', () =>
    api.http.get(`/api/v1/reports/${randomUUID()}/events`).expect(404));

  it('is handed back, uncounted, by a process that shuts down', async () => {
    const gate = gateShards(api.app);
    const id = await trigger();
    await gate.reached;
    const { shard_id: shard } = await waitingShard(id);
    const leaving = await startHelper(api);
    const computer = leaving.get(ShardComputer, { strict: false });
    let came!: () => void;
    const atWork = new Promise<void>((resolve) => (came = resolve));
    jest.spyOn(computer, 'compute').mockImplementation((_reader, claim) => {
      came();
      return new Promise((_, reject) =>
        claim.signal.addEventListener('abort', () => reject(claim.signal.reason as Error)),
      );
    });
    leaving.get(InlineWorker, { strict: false }).offer('shards', shard);
    await atWork;
    await leaving.close();
    expect(
      await database.one('SELECT status, attempts FROM report_shards WHERE shard_id = $1', [shard]),
    ).toEqual({ status: 'pending', attempts: 0 });
    gate.open();
    expect((await ended(id)).status).toBe('completed');
  });

  it('is handed back, uncounted, by a process that waits for the shards of others', async () => {
    const id = randomUUID();
    await database.rows(
      `INSERT INTO reports (report_id, windows, unobserved, estimator, default_zone, status, claim_token, lease_until, force)
       VALUES ($1, 'rolling', 'down', 'step', 'America/Chicago', 'running', $1, clock_timestamp() + interval '1 hour', true)`,
      [id],
    );
    const leaving = await startHelper(api);
    const gate = gateShards(leaving);
    const others = jest
      .spyOn(api.app.get(ReportRunner, { strict: false }), 'unfinished')
      .mockResolvedValue([]);
    await database.rows(`UPDATE reports SET status = 'pending', lease_until = NULL WHERE report_id = $1`, [
      id,
    ]);
    leaving.get(InlineWorker, { strict: false }).offer('reports', id);
    await gate.reached;
    others.mockRestore();
    await waitingShard(id);
    await database.rows(
      `UPDATE report_shards SET status = 'running', claim_token = $2, lease_until = clock_timestamp() + interval '1 hour'
        WHERE report_id = $1 AND position > 0`,
      [id, randomUUID()],
    );
    gate.open();
    await database.until(
      `SELECT 1 FROM report_shards WHERE report_id = $1 AND position = 0 AND status = 'completed'`,
      [id],
    );
    await leaving.close();
    expect((await ended(id)).status).toBe('completed');
    expect(await attemptsOf(id)).toEqual({ attempts: 1 });
    expect(await database.digest(id)).toEqual(expected);
  });
});
