import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { type Claim, ClaimLost } from '../src/platform/database/claim.js';
import { Environment } from '../src/platform/environment.js';
import { InlineWorker } from '../src/platform/queue/inline-worker.js';
import { waitFor } from '../src/platform/wait.js';
import { ReportRetention } from '../src/reports/files/report-retention.chore.js';
import { LabComparison } from '../src/reports/lab/lab-comparison.js';
import { LabComputer } from '../src/reports/lab/lab.computer.js';
import { LabRunner } from '../src/reports/lab/lab.runner.js';
import { StoreFactsReader } from '../src/stores/store-facts.reader.js';
import { startTestApi, type TestApi } from './support/application.js';
import { endedLab, LABS, requestLab } from './support/labs.js';
import { MANY_STORES, manyStores, startHelper, Watcher } from './support/shards.js';
import { loadFiles } from './support/stores.js';

const REQUEST = { sets: [{ unobserved: 'down' }, { unobserved: 'up' }, { windows: 'calendar' }] };

describe('a run of the policy lab', () => {
  let api: TestApi;
  let database: Watcher;
  let expected: unknown;

  beforeAll(async () => {
    api = await startTestApi();
    database = new Watcher(api.databaseUrl);
    await database.start();
    await loadFiles(api, manyStores());
    expected = (await endedLab(api, await requestLab(api, REQUEST))).result;
  }, 60_000);

  afterEach(() => jest.restoreAllMocks());

  afterAll(async () => {
    await database.stop();
    await api.close();
  });

  const rowOf = (id: string): Promise<{ status: string; attempts: number }> =>
    database.one('SELECT status, attempts FROM labs WHERE lab_id = $1', [id]);

  /** Leaves all comparisons to another process, until the mocks are restored. */
  function standAside(): void {
    jest.spyOn(api.app.get(LabRunner, { strict: false }), 'run').mockResolvedValue();
  }

  /** A comparison in the middle of its work, which goes on for ever unless its claim ends. */
  async function stuckIn(context: INestApplicationContext, id: string): Promise<Claim> {
    const computer = context.get(LabComputer, { strict: false });
    const began = new Promise<Claim>((resolve) => {
      jest.spyOn(computer, 'compute').mockImplementationOnce((claim) => {
        resolve(claim);
        return new Promise((_, reject) =>
          claim.signal.addEventListener('abort', () => reject(claim.signal.reason as Error)),
        );
      });
    });
    context.get(InlineWorker, { strict: false }).offer('labs', id);
    return began;
  }

  it('counts its stores while it goes on', async () => {
    takeLongFor((stores) => stores === 0, 400);
    const facts = api.app.get(StoreFactsReader, { strict: false });
    const read = facts.read.bind(facts);
    const told: number[] = [];
    jest.spyOn(facts, 'read').mockImplementationOnce(async function* (...call) {
      for await (const page of read(...call)) {
        yield page;
        const { done } = await database.until<{ done: number }>(
          `SELECT done FROM labs WHERE lab_id = $1 AND status = 'running' AND done > 0`,
          [id],
        );
        told.push(done);
      }
    });
    const id = await requestLab(api, REQUEST);
    expect(await endedLab(api, id)).toMatchObject({
      status: 'completed',
      progress: { done: MANY_STORES, total: MANY_STORES },
      result: expected,
    });
    expect(told[0]).toBeLessThan(MANY_STORES);
  });

  it('lets the process do other things between its stores', async () => {
    const state = { turns: 0, over: false };
    const counting = (async () => {
      for (; !state.over; state.turns += 1) await nextTurn();
    })();
    const turnOfStore: number[] = [];
    takeLongFor((stores) => turnOfStore.push(state.turns) > 0 && stores % 100 === 0, 25);
    await endedLab(api, await requestLab(api, REQUEST));
    state.over = true;
    await counting;
    expect(turnOfStore).toHaveLength(MANY_STORES);
    expect(new Set(turnOfStore).size).toBeGreaterThanOrEqual(MANY_STORES / 100);
  });

  /** Keeps the process busy at some stores, as many sets over long histories would. */
  function takeLongFor(isLong: (storesBefore: number) => boolean, ms: number): void {
    const add = LabComparison.prototype.add;
    jest.spyOn(LabComparison.prototype, 'add').mockImplementation(function (this: LabComparison, ...call) {
      if (isLong(this.stores)) for (const end = Date.now() + ms; Date.now() < end; );
      add.apply(this, call);
    });
  }

  it('is cancelled within a second, also in the middle of a statement', async () => {
    const facts = api.app.get(StoreFactsReader, { strict: false });
    jest.spyOn(facts, 'chunks').mockImplementationOnce(async (client) => {
      await client.query('SELECT pg_sleep(60)');
      return [];
    });
    const id = await requestLab(api, REQUEST);
    await database.until(`SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`);
    const begun = performance.now();
    const { body } = await api.http.post(`${LABS}/${id}/cancel`).expect(202);
    expect(body).toMatchObject({ status: 'cancelled', error: 'It was cancelled.', result: null });
    await database.until(
      `SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active')`,
    );
    expect(performance.now() - begun).toBeLessThan(1_000);
    const { body: refusal } = await api.http.post(`${LABS}/${id}/cancel`).expect(409);
    expect(refusal.detail).toBe(
      'The comparison is cancelled already; one that waits or runs can be cancelled.',
    );
    // The inline worker takes one at a time, so that this one ends after it.
    const next = await requestLab(api, REQUEST);
    expect((await endedLab(api, next)).result).toEqual(expected);
    expect(await endedLab(api, id)).toMatchObject({ status: 'cancelled', result: null });
    await api.http.post(`${LABS}/${next}/cancel`).expect(409);
  });

  it('is cancelled in the middle of its stores, and looks at no more of them', async () => {
    const [began, cancelled] = [gate(), gate()];
    const facts = api.app.get(StoreFactsReader, { strict: false });
    const read = facts.read.bind(facts);
    let pages = 0;
    jest.spyOn(facts, 'read').mockImplementationOnce(async function* (...call) {
      for await (const page of read(...call)) {
        began.open();
        await cancelled.opened;
        pages += 1;
        yield page;
      }
    });
    const computer = api.app.get(LabComputer, { strict: false });
    const compute = computer.compute.bind(computer);
    const lost = new Promise<unknown>((resolve) => {
      jest.spyOn(computer, 'compute').mockImplementationOnce((claim, lab) => {
        claim.signal.addEventListener('abort', () => resolve(claim.signal.reason));
        return compute(claim, lab);
      });
    });
    const id = await requestLab(api, REQUEST);
    await began.opened;
    await api.http.post(`${LABS}/${id}/cancel`).expect(202);
    expect(await lost).toBeInstanceOf(ClaimLost);
    cancelled.open();
    // The inline worker takes one at a time, so that this one ends after it.
    expect((await endedLab(api, await requestLab(api, REQUEST))).result).toEqual(expected);
    expect(pages).toBe(1);
    expect(await endedLab(api, id)).toMatchObject({ status: 'cancelled', result: null });
  });

  it('goes on in another process when the one at work was killed, as of the same instant', async () => {
    standAside();
    const other = await startHelper(api);
    const id = await requestLab(api, REQUEST);
    await stuckIn(other, id);
    expect(await rowOf(id)).toEqual({ status: 'running', attempts: 1 });
    // What a killed process leaves: a claim that nobody renews.
    await database.rows(
      `UPDATE labs SET claim_token = $2, lease_until = clock_timestamp() - interval '1 second', as_of_us = 1674000000000000
        WHERE lab_id = $1`,
      [id, randomUUID()],
    );
    jest.restoreAllMocks();
    const lab = await endedLab(api, id);
    expect(lab).toMatchObject({ status: 'completed', as_of: '2023-01-18T00:00:00.000000Z' });
    expect(await rowOf(id)).toMatchObject({ attempts: 2 });
    await other.close();
  });

  it('publishes nothing once another process has taken it over', async () => {
    standAside();
    const other = await startHelper(api);
    const computer = other.get(LabComputer, { strict: false });
    const compute = computer.compute.bind(computer);
    const [began, taken] = [gate(), gate()];
    jest.spyOn(computer, 'compute').mockImplementationOnce(async (...call) => {
      const result = await compute(...call);
      began.open();
      await taken.opened;
      return { ...result, stores: -1 };
    });
    const id = await requestLab(api, REQUEST);
    const run = other.get(LabRunner, { strict: false }).run(id);
    await began.opened;
    await database.rows(
      `UPDATE labs SET claim_token = $2, lease_until = clock_timestamp() - interval '1 second' WHERE lab_id = $1`,
      [id, randomUUID()],
    );
    taken.open();
    await run;
    jest.restoreAllMocks();
    expect((await endedLab(api, id)).result).toEqual(expected);
    await other.close();
  });

  it('is handed back, uncounted, by a process that shuts down', async () => {
    standAside();
    const leaving = await startHelper(api);
    const id = await requestLab(api, REQUEST);
    await stuckIn(leaving, id);
    await leaving.close();
    expect(await rowOf(id)).toEqual({ status: 'pending', attempts: 0 });
    jest.restoreAllMocks();
    expect(await endedLab(api, id)).toMatchObject({ status: 'completed', result: expected });
    expect(await rowOf(id)).toMatchObject({ attempts: 1 });
  });

  it('fails with the reason after three starts that came to nothing', async () => {
    const computer = api.app.get(LabComputer, { strict: false });
    const computed = jest.spyOn(computer, 'compute').mockRejectedValue(new Error('It broke here.'));
    const lab = await endedLab(api, await requestLab(api, REQUEST));
    expect(lab).toMatchObject({ status: 'failed', result: null });
    expect(lab.error).toContain('It broke here.');
    expect(computed).toHaveBeenCalledTimes(3);
  });

  it('waits for the imports that were accepted before it, and for no later one', async () => {
    const before = await keepImport();
    const id = await requestLab(api, REQUEST);
    const after = await keepImport();
    const computed = jest.spyOn(api.app.get(LabComputer, { strict: false }), 'compute');
    await api.app.get(LabRunner, { strict: false }).run(id);
    // The server has it in its hands as well, and gives it back as soon as it has looked.
    const waits = await waitFor(async () => {
      const row = await rowOf(id);
      return row?.status === 'pending' ? row : null;
    }, 10_000);
    expect(waits).toEqual({ status: 'pending', attempts: 0 });
    expect(computed).not.toHaveBeenCalled();
    await database.rows(`UPDATE imports SET status = 'completed' WHERE import_id = $1`, [before]);
    expect(await endedLab(api, id)).toMatchObject({ status: 'completed', result: expected });
    await database.rows('DELETE FROM imports WHERE import_id = ANY ($1)', [[before, after]]);
  });

  /** An import that another process works on. */
  async function keepImport(): Promise<string> {
    const id = randomUUID();
    await database.rows(
      `INSERT INTO imports (import_id, status, source, directory, lease_until) VALUES ($1, 'running', 'directory', '', 'infinity')`,
      [id],
    );
    return id;
  }

  it('sees one state of the facts, whatever is changed meanwhile', async () => {
    const facts = api.app.get(StoreFactsReader, { strict: false });
    const chunks = facts.chunks.bind(facts);
    jest.spyOn(facts, 'chunks').mockImplementationOnce(async (...call) => {
      const found = await chunks(...call);
      await database.rows('CREATE TABLE kept_polls AS SELECT * FROM store_day_polls');
      await database.rows('DELETE FROM store_day_polls');
      return found;
    });
    const lab = await endedLab(api, await requestLab(api, REQUEST));
    await database.rows('INSERT INTO store_day_polls SELECT * FROM kept_polls');
    await database.rows('DROP TABLE kept_polls');
    expect(lab.result).toEqual(expected);
  });

  it('keeps others from writing facts where no snapshot spans the servers on which they lie', async () => {
    // As a database looks whose tables were distributed.
    await database.rows(
      `CREATE TABLE pg_dist_partition AS SELECT 'store_day_polls'::regclass AS logicalrelid, 'h'::"char" AS partmethod`,
    );
    const facts = api.app.get(StoreFactsReader, { strict: false });
    const chunks = facts.chunks.bind(facts);
    let kept: object[] = [];
    jest.spyOn(facts, 'chunks').mockImplementationOnce(async (client, ...call) => {
      kept = await database.rows(
        `SELECT mode FROM pg_locks
          WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return chunks(client, ...call);
    });
    const lab = await endedLab(api, await requestLab(api, REQUEST));
    await database.rows('DROP TABLE pg_dist_partition');
    expect(lab.result).toEqual(expected);
    expect(kept).toContainEqual({ mode: 'ShareLock' });
  });

  it('keeps the data from being cleared until it has ended', async () => {
    const id = randomUUID();
    await database.rows(
      `INSERT INTO labs (lab_id, status, sets, default_zone, lease_until) VALUES ($1, 'running', '[]', 'UTC', 'infinity')`,
      [id],
    );
    const { body } = await api.http.delete('/api/v1/data').expect(409);
    expect(body.detail).toContain(`lab ${id} (running)`);
    expect(body.errors).toEqual([expect.objectContaining({ pointer: `/labs/${id}`, code: 'running' })]);
    await api.http.post(`${LABS}/${id}/cancel`).expect(202);
  });

  it('is removed when it is asked for, once it has ended', async () => {
    standAside();
    const id = await requestLab(api, REQUEST);
    const { body } = await api.http.delete(`${LABS}/${id}`).expect(409);
    expect(body).toMatchObject({ type: 'urn:storewatch:problem:lab_pending' });
    await api.http.post(`${LABS}/${id}/cancel`).expect(202);
    await api.http.delete(`${LABS}/${id}`).expect(204);
    await api.http.get(`${LABS}/${id}`).expect(404);
    for (const none of [id, 'none', randomUUID()]) await api.http.delete(`${LABS}/${none}`).expect(404);
  });

  it('goes as long after its end as reports expire, where they do', async () => {
    const [old, young] = [await requestLab(api, REQUEST), await requestLab(api, REQUEST)];
    for (const id of [old, young]) await endedLab(api, id);
    await database.rows(`UPDATE labs SET completed_at = completed_at - interval '8 days' WHERE lab_id = $1`, [
      old,
    ]);
    const retention = api.app.get(ReportRetention, { strict: false });
    await retention.run();
    await api.http.get(`${LABS}/${old}`).expect(200);
    api.app.get(Environment).reportRetentionDays = 7;
    await retention.run();
    api.app.get(Environment).reportRetentionDays = null;
    await api.http.get(`${LABS}/${old}`).expect(404);
    await api.http.get(`${LABS}/${young}`).expect(200);
  });

  it('stays when the data is cleared', async () => {
    const id = await requestLab(api, REQUEST);
    await endedLab(api, id);
    await api.http.delete('/api/v1/data').expect(200);
    const lab = await endedLab(api, id);
    await api.http.post('/api/v1/data/restore').expect(200);
    expect(lab.result).toEqual(expected);
  });
});

/** Something to wait for. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
