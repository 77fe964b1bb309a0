import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { findFreePort } from '../src/platform/database/embedded/ports.js';
import { PROJECT_ROOT } from '../src/platform/environment.js';
import { waitFor } from '../src/platform/wait.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

const STORES = 400;
const POLLS_A_STORE = 1_000;
const PATIENCE_MS = 60_000;

/** A file that takes long enough to be killed in. */
function manyPolls(): string {
  const lines = ['store_id,status,timestamp_utc'];
  const begin = Date.parse('2023-01-02T00:00:00Z');
  for (let i = 0; i < POLLS_A_STORE; i++) {
    const instant = new Date(begin + i * 600_000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
    for (let store = 0; store < STORES; store++)
      lines.push(`store-${store},${i % 7 ? 'active' : 'inactive'},${instant}`);
  }
  return `${lines.join('\n')}\n`;
}

describe('a server that is killed', () => {
  let folder: string;
  let database: TestDatabase;
  let dataSource: DataSource;
  let server: ChildProcess | null = null;
  let origin = '';

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewatch-kill-'));
    mkdirSync(path.join(folder, 'data'));
    writeFileSync(path.join(folder, 'data', 'store_status.csv'), manyPolls());
    database = await createTestDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  });

  afterAll(async () => {
    await kill('SIGKILL');
    await dataSource.destroy();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const port = await findFreePort();
    origin = `http://127.0.0.1:${port}`;
    const { REDIS_URL: _redis, ...inherited } = process.env;
    server = spawn(process.execPath, [path.join(PROJECT_ROOT, 'dist', 'main.js')], {
      env: {
        ...inherited,
        PORT: String(port),
        DATABASE_URL: database.url,
        DATA_DIR: path.join(folder, 'data'),
        REPORTS_DIR: path.join(folder, 'reports'),
      },
      stdio: 'ignore',
    });
    const alive = await waitFor(async () => {
      try {
        return (await fetch(`${origin}/livez`)).ok ? true : null;
      } catch {
        // Not listening yet.
        return null;
      }
    }, PATIENCE_MS);
    expect(alive).toBe(true);
  }

  async function kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    if (server === null || server.exitCode !== null) return null;
    const ended = once(server, 'exit');
    server.kill(signal);
    const [code] = await ended;
    server = null;
    return code as number | null;
  }

  async function post(route: string, body: object): Promise<{ id: string }> {
    const answer = await fetch(`${origin}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(202);
    return (await answer.json()) as { id: string };
  }

  async function visiblePolls(): Promise<number> {
    const [row] = await dataSource.query(
      'SELECT count(*)::int AS polls, count(DISTINCT (store_id, timestamp_utc))::int AS distinct FROM store_status',
    );
    expect(row.polls).toBe(row.distinct);
    return row.polls as number;
  }

  const importRow = async (id: string): Promise<{ status: string; attempts: number; bytes_read: string }> =>
    (
      await dataSource.query(
        'SELECT i.status, i.attempts, f.bytes_read FROM imports AS i JOIN import_files AS f USING (import_id) WHERE import_id = $1',
        [id],
      )
    )[0];

  it('in the middle of a load leaves nothing of the file, and goes on by itself when it is started again', async () => {
    await start();
    const load = await post('/api/v1/imports', { source: 'directory' });
    const report = await post('/api/v1/reports', {});
    const reading = await waitFor(
      async () => (Number((await importRow(load.id)).bytes_read) > 0 ? true : null),
      PATIENCE_MS,
    );
    expect(reading).toBe(true);
    await kill('SIGKILL');
    expect([0, STORES * POLLS_A_STORE]).toContain(await visiblePolls());

    await start();
    const ended = await waitFor(async () => {
      const answer = (await (await fetch(`${origin}/api/v1/reports/${report.id}`)).json()) as {
        status: string;
      };
      return answer.status === 'completed' ? answer : null;
    }, PATIENCE_MS);
    // What was answered 202 before the kill is there, and the report waited for the load that came before it.
    expect(ended).toMatchObject({
      status: 'completed',
      stores: STORES,
      as_of: '2023-01-08T22:30:00.000000Z',
    });
    expect(await visiblePolls()).toBe(STORES * POLLS_A_STORE);
    expect((await importRow(load.id)).status).toBe('completed');
    expect((await importRow(load.id)).attempts).toBeLessThanOrEqual(2);
  }, 120_000);

  it('asked to end in the middle of a load hands it back at once, uncounted, and exits with 0', async () => {
    const load = await post('/api/v1/imports', { source: 'directory' });
    const reading = await waitFor(
      async () => ((await importRow(load.id)).status === 'running' ? true : null),
      PATIENCE_MS,
    );
    expect(reading).toBe(true);
    const begun = performance.now();
    expect(await kill('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const { status, attempts } = await importRow(load.id);
    if (status !== 'completed') expect({ status, attempts }).toEqual({ status: 'pending', attempts: 0 });
    await start();
    const completed = await waitFor(
      async () => ((await importRow(load.id)).status === 'completed' ? true : null),
      PATIENCE_MS,
    );
    expect(completed).toBe(true);
    expect(await visiblePolls()).toBe(STORES * POLLS_A_STORE);
  }, 120_000);
});
