import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type Claim, ClaimLost, Hopeless, NotYet } from '../src/platform/database/claim.js';
import { Claims } from '../src/platform/database/claims.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

describe('claims', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let claims: Claims;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  });

  beforeEach(() => {
    claims = new Claims(dataSource);
  });

  afterEach(() => claims.onModuleDestroy());

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  async function waitingReport(): Promise<string> {
    const id = uuidv7();
    await dataSource.query(
      `INSERT INTO reports (report_id, windows, unobserved, estimator, default_zone)
       VALUES ($1, 'rolling', 'down', 'step', 'America/Chicago')`,
      [id],
    );
    return id;
  }

  const endLease = (id: string): Promise<unknown> =>
    dataSource.query(
      `UPDATE reports SET lease_until = clock_timestamp() - interval '1 second' WHERE report_id = $1`,
      [id],
    );

  const row = async (id: string): Promise<{ status: string; attempts: number; error: string | null }> => {
    const rows = await dataSource.query('SELECT status, attempts, error FROM reports WHERE report_id = $1', [
      id,
    ]);
    return rows[0];
  };

  it('gives a row to one of many who ask at once', async () => {
    const id = await waitingReport();
    const answers = await Promise.all(Array.from({ length: 20 }, () => claims.claim('reports', id)));
    const given = answers.filter((claim) => claim !== null);
    expect(given).toHaveLength(1);
    expect(given[0]!.attempt).toBe(1);
    given[0]!.release();
  });

  it('gives nothing for a row that does not exist', async () => {
    expect(await claims.claim('reports', uuidv7())).toBeNull();
  });

  it('gives a row again when the lease has ended, and the first holder may then write nothing', async () => {
    const id = await waitingReport();
    let second: Claim | null = null;
    await claims.work('reports', id, async (first) => {
      await endLease(id);
      second = await claims.claim('reports', id);
      await expect(claims.held(dataSource, first)).rejects.toThrow(ClaimLost);
      throw new Error('too late to matter');
    });
    expect(second).toMatchObject({ attempt: 2 });
    await expect(claims.held(dataSource, second!)).resolves.toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'running', error: null });
    second!.release();
  });

  it('fails a row whose worker died three times, with a sentence, without a fourth start', async () => {
    const id = await waitingReport();
    for (let start = 1; start <= 3; start++) {
      expect((await claims.claim('reports', id))!.attempt).toBe(start);
      await endLease(id);
    }
    expect(await claims.claim('reports', id)).toBeNull();
    expect(await row(id)).toEqual({
      status: 'failed',
      attempts: 3,
      error: 'It crashed 3 times: the process that worked on it died each time.',
    });
  });

  it('lets a row wait again after a failure, and keeps the reason', async () => {
    const id = await waitingReport();
    await claims.work('reports', id, () => Promise.reject(new Error('the disk was full')));
    expect(await row(id)).toEqual({
      status: 'pending',
      attempts: 1,
      error: 'The work broke off: Error: the disk was full',
    });
    expect(await claims.unfinished('reports')).toContain(id);
  });

  it('fails a row at once when trying again would not help', async () => {
    const id = await waitingReport();
    await claims.work('reports', id, () => Promise.reject(new Hopeless('There is nothing.')));
    expect(await row(id)).toEqual({ status: 'failed', attempts: 1, error: 'There is nothing.' });
  });

  it('does not count a start of work that can not be done yet', async () => {
    const id = await waitingReport();
    await claims.work('reports', id, () => Promise.reject(new NotYet()));
    expect(await row(id)).toEqual({ status: 'pending', attempts: 0, error: null });
  });

  it('hands back, uncounted, what a shutdown interrupts', async () => {
    const id = await waitingReport();
    await claims.work('reports', id, async ({ signal }) => {
      claims.onModuleDestroy();
      signal.throwIfAborted();
    });
    expect(await row(id)).toEqual({ status: 'pending', attempts: 0, error: null });
  });

  it('stops every run when the process shuts down, and starts no other', async () => {
    const claim = (await claims.claim('reports', await waitingReport()))!;
    const other = await waitingReport();
    claims.onModuleDestroy();
    expect(claim.signal.aborted).toBe(true);
    expect(await claims.claim('reports', other)).toBeNull();
  });

  it('knows whether an import that was accepted before has not ended', async () => {
    const importId = uuidv7();
    await dataSource.query(
      `INSERT INTO imports (import_id, source, directory) VALUES ($1, 'directory', '/data')`,
      [importId],
    );
    const claim = (await claims.claim('reports', await waitingReport()))!;
    expect(await claims.waitsFor('imports', claim)).toBe(true);
    await dataSource.query(`UPDATE imports SET status = 'completed' WHERE import_id = $1`, [importId]);
    expect(await claims.waitsFor('imports', claim)).toBe(false);
    claim.release();
  });
});
