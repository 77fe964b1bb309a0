import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROJECT_ROOT } from '../src/platform/environment.js';
import { waitFor } from '../src/platform/wait.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './support/database.js';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built program as a user does. */
function storewatch(args: readonly string[], variables: Record<string, string> = {}): Promise<Ended> {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env;
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'dist', 'cli.js'), ...args], {
    env: { ...inherited, ...variables },
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

/** Starts the built program; it can be signalled. */
function start(args: readonly string[], variables: Record<string, string>): ChildProcess {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env;
  return spawn(process.execPath, [path.join(PROJECT_ROOT, 'dist', 'cli.js'), ...args], {
    env: { ...inherited, ...variables },
    stdio: 'ignore',
  });
}

/** How many PostgreSQL servers run on data below a folder. */
function serversBelow(folder: string): number {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(`postgres -D ${folder}`)).length;
}

const PATIENCE_MS = 30_000;
const SAMPLE = path.join(PROJECT_ROOT, 'data', 'sample');

describe('the command line', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'storewatch-cli-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('called wrongly', () => {
    it.each([
      [['run'], 'required option'],
      [['run', '--data', SAMPLE, '--out', 'x', '--as-of', 'yesterday'], 'instant with its zone'],
      [
        ['run', '--data', SAMPLE, '--out', 'x', '--windows', 'weekly'],
        'Allowed choices are rolling, calendar',
      ],
      [
        ['run', '--data', SAMPLE, '--out', 'x', '--unobserved', 'no'],
        'Allowed choices are down, up, exclude',
      ],
      [['run', '--data', SAMPLE, '--out', 'x', '--estimator', 'no'], 'Allowed choices are step, nearest'],
      [['worker', '--queues', 'reports,nonsense'], 'There are the queues ingestion, reports'],
      [['worker', '--concurrency', '0'], 'whole number from 1 to 64'],
      [['serve', '--port', '70000'], 'whole number from 0 to 65535'],
      [['dance'], 'unknown command'],
      [['ingest', '--nonsense'], 'unknown option'],
    ])('%j ends with 2 and says what is allowed', async (args, sentence) => {
      const { code, stdout, stderr } = await storewatch(args);
      expect(stderr).toContain(sentence);
      expect(stdout).toBe('');
      expect(code).toBe(2);
    });
  });

  it('explains itself, with examples, and ends with 0', async () => {
    const { code, stdout } = await storewatch(['--help']);
    expect(stdout).toContain('storewatch run --data data/sample --out /tmp/report');
    expect(code).toBe(0);
    expect((await storewatch(['run', '--help'])).stdout).toContain('--as-of <instant>');
  });

  it('refuses a configuration that can not be used with 78 and every problem', async () => {
    const { code, stderr } = await storewatch(['serve'], { PORT: 'abc', HOST: '0.0.0.0' });
    expect(stderr).toContain("PORT is 'abc'");
    expect(stderr).toContain("HOST is '0.0.0.0'");
    expect(code).toBe(78);
  });

  it('says in a sentence that the database does not answer, and what to do', async () => {
    const { code, stderr } = await storewatch(['migrate'], {
      DATABASE_URL: 'postgres://ops:s3cret@127.0.0.1:1/x',
    });
    expect(stderr).toContain("PostgreSQL at 127.0.0.1:1/x can't be used");
    expect(stderr).toContain('without one, Storewatch starts a PostgreSQL of its own');
    expect(stderr).not.toContain('s3cret');
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(1);
  });

  it('says that a worker needs Redis', async () => {
    const { code, stderr } = await storewatch(['worker']);
    expect(stderr).toContain('set REDIS_URL');
    expect(code).toBe(78);
  });

  describe('run', () => {
    it('makes from the sample the very report that is committed, and tells its paths on stdout alone', async () => {
      const { code, stdout, stderr } = await storewatch(['run', '--data', SAMPLE, '--out', folder]);
      expect(stderr).toContain('39 stores as of 2023-03-15T18:07:36.060000Z');
      expect(code).toBe(0);
      expect(stdout.trim().split('\n')).toEqual([
        path.join(folder, 'report.csv'),
        path.join(folder, 'report.json'),
      ]);
      const committed = readFileSync(path.join(PROJECT_ROOT, 'reports', 'sample.csv'), 'utf8');
      expect(readFileSync(path.join(folder, 'report.csv'), 'utf8')).toBe(committed);
    });

    it('makes the same report on a host in any zone', async () => {
      const { code } = await storewatch(['run', '--data', SAMPLE, '--out', folder], { TZ: 'Pacific/Apia' });
      expect(code).toBe(0);
      const committed = readFileSync(path.join(PROJECT_ROOT, 'reports', 'sample.csv'), 'utf8');
      expect(readFileSync(path.join(folder, 'report.csv'), 'utf8')).toBe(committed);
    });

    it('ends with 1 and a sentence where there is nothing to load', async () => {
      const { code, stderr } = await storewatch(['run', '--data', folder, '--out', folder]);
      expect(stderr).toContain('holds none of');
      expect(stderr).not.toContain('    at ');
      expect(code).toBe(1);
    });

    it('shows the first rows that were set aside, with line, column and reason', async () => {
      const rows = Array.from(
        { length: 30 },
        (_, i) => `s,active,2023-01-01 00:00:${String(i).padStart(2, '0')} UTC`,
      );
      const bad = Array.from({ length: 12 }, () => 's,asleep,2023-01-01 00:00:00 UTC');
      writeFileSync(
        path.join(folder, 'store_status.csv'),
        ['store_id,status,timestamp_utc', ...rows, ...bad, ''].join('\n'),
      );
      const { code, stderr } = await storewatch(['run', '--data', folder, '--out', folder]);
      expect(stderr).toMatch(/store_status\.csv, line 32, status: .*asleep/);
      expect(stderr).toContain('and 2 more');
      expect(code).toBe(0);
    });

    it('leaves neither a database nor a folder behind when it is stopped, and says so by its exit code', async () => {
      const temporary = mkdtempSync(path.join(tmpdir(), 'storewatch-cli-tmp-'));
      chmodSync(temporary, 0o755);
      const child = start(['run', '--data', SAMPLE, '--out', folder], { TMPDIR: temporary });
      const runs = await waitFor(async () => (serversBelow(temporary) > 0 ? true : null), PATIENCE_MS);
      expect(runs).toBe(true);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      expect(code).toBe(130);
      expect(serversBelow(temporary)).toBe(0);
      expect(readdirSync(temporary)).toEqual([]);
      rmSync(temporary, { recursive: true });
    });

    it('ends the database of a run that was killed, at the next run, and removes its folder', async () => {
      const temporary = mkdtempSync(path.join(tmpdir(), 'storewatch-cli-tmp-'));
      chmodSync(temporary, 0o755);
      const child = start(['run', '--data', SAMPLE, '--out', folder], { TMPDIR: temporary });
      const runs = await waitFor(async () => (serversBelow(temporary) > 0 ? true : null), PATIENCE_MS);
      expect(runs).toBe(true);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(readdirSync(temporary)).toHaveLength(1);
      // A link of that name is nobody's run, wherever it leads: what it leads to must not be removed.
      writeFileSync(path.join(folder, 'pid'), String(child.pid));
      symlinkSync(folder, path.join(temporary, 'storewatch-run-link'));
      const { code } = await storewatch(['run', '--data', SAMPLE, '--out', folder], { TMPDIR: temporary });
      expect(code).toBe(0);
      expect(serversBelow(temporary)).toBe(0);
      expect(readdirSync(temporary)).toEqual(['storewatch-run-link']);
      expect(existsSync(path.join(folder, 'pid'))).toBe(true);
      rmSync(temporary, { recursive: true });
    });

    it('makes no report when a file is refused, since every figure would be another', async () => {
      writeFileSync(
        path.join(folder, 'store_status.csv'),
        readFileSync(path.join(SAMPLE, 'store_status.csv')),
      );
      writeFileSync(path.join(folder, 'menu_hours.csv'), 'store_id,day,start_time_local\n1,0,09:00\n');
      const out = path.join(folder, 'out');
      const { code, stderr } = await storewatch(['run', '--data', folder, '--out', out]);
      expect(stderr).toContain('end_time_local');
      expect(code).toBe(1);
      expect(existsSync(path.join(out, 'report.csv'))).toBe(false);
    });

    it('loads first the folder it is given: an output that can not be written is told before', async () => {
      const file = path.join(folder, 'taken');
      writeFileSync(file, '');
      const { code, stderr } = await storewatch(['run', '--data', SAMPLE, '--out', file]);
      expect(stderr).toContain('taken');
      expect(stderr).not.toContain('rows read');
      expect(code).toBe(1);
    });
  });

  describe('on a database', () => {
    let database: TestDatabase;

    afterEach(() => database.drop());

    it('migrates from nothing, whoever else does so at the same moment', async () => {
      database = await createEmptyDatabase();
      const all = await Promise.all(
        Array.from({ length: 5 }, () => storewatch(['migrate'], { DATABASE_URL: database.url })),
      );
      expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
      const migrated = all.filter(({ stdout }) => stdout.includes('Migrated: stores-and-polls'));
      expect(migrated).toHaveLength(1);
      expect(all.every(({ stdout }) => stdout.includes('Up to date'))).toBe(true);
    });

    it('ingests a folder and reports from it', async () => {
      database = await createTestDatabase();
      const variables = { DATABASE_URL: database.url, REPORTS_DIR: folder };
      const ingested = await storewatch(['ingest', SAMPLE], variables);
      expect(ingested.stdout).toContain('store_status.csv: 7,236 rows read, 7,236 new');
      expect(ingested.code).toBe(0);
      const reported = await storewatch(['report', '--label', 'by hand'], variables);
      expect(reported.code).toBe(0);
      const committed = readFileSync(path.join(PROJECT_ROOT, 'reports', 'sample.csv'), 'utf8');
      expect(readFileSync(reported.stdout.trim(), 'utf8')).toBe(committed);
    });

    it('says in a sentence that there is nothing to report on', async () => {
      database = await createTestDatabase();
      const { code, stderr } = await storewatch(['report'], {
        DATABASE_URL: database.url,
        REPORTS_DIR: folder,
      });
      expect(stderr).toContain('There is nothing to report on');
      expect(code).toBe(1);
    });

    it('says in a sentence that a port is taken, and leaves nothing running', async () => {
      database = await createTestDatabase();
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const { code, stderr } = await storewatch(['serve', '--port', String(port)], {
        DATABASE_URL: database.url,
        REPORTS_DIR: folder,
      });
      server.close();
      expect(stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
      expect(stderr).toContain('choose another port');
      expect(code).toBe(1);
    });

    it('finds what is wrong and what to do', async () => {
      database = await createTestDatabase();
      const sound = await storewatch(['doctor'], {
        DATABASE_URL: database.url,
        REPORTS_DIR: folder,
        PORT: '0',
      });
      expect(sound.stdout).toMatch(/ok {3}Database/);
      expect(sound.code).toBe(0);
      const broken = await storewatch(['doctor'], {
        DATABASE_URL: database.url,
        REPORTS_DIR: folder,
        PORT: '0',
        REDIS_URL: 'redis://127.0.0.1:1',
      });
      expect(broken.stdout).toMatch(/FAIL Redis/);
      expect(broken.code).toBe(1);
    });
  });
});
