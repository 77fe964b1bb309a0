import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROJECT_ROOT } from '../src/platform/environment.js';
import { waitFor } from '../src/platform/wait.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { RedisProcesses } from './support/redis-topologies.js';

const PATIENCE_MS = 25_000;
const PASSWORD = 'sesame-open';
/** A login that is in the address alone: nothing may repeat it. */
const LOGIN = ['--user', 'storewatch', 'on', `>${PASSWORD}`, '~*', '&*', '+@all'];
const EVICTS =
  /may drop accepted jobs: its maxmemory-policy is allkeys-lru\. Set maxmemory-policy noeviction/;
const FORGETS = /keeps no append-only file\. Set appendonly yes/;

/** The built program at work. */
class Program {
  private readonly child: ChildProcess;
  private said = '';
  private readonly ended: Promise<number | null>;

  constructor(command: string[], variables: Record<string, string>) {
    const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env;
    this.child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'dist', 'cli.js'), ...command], {
      env: { ...inherited, ...variables },
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', resolve);
    });
  }

  /** On both streams, so far. */
  get output(): string {
    return this.said;
  }

  exit(): Promise<number | null> {
    return this.ended;
  }

  stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Waits for it, since what it writes is read a little later. */
  async says(words: RegExp): Promise<RegExpExecArray> {
    const found = await waitFor(async () => words.exec(this.said), PATIENCE_MS);
    if (found === null) throw new Error(`It never said ${String(words)}, but:\n${this.said}`);
    return found;
  }

  /** Where it serves, as it tells. */
  async address(): Promise<string> {
    return (await this.says(/Storewatch is at (http:\S+)/))[1]!;
  }
}

interface Health {
  status: string;
  mode: string;
  components: { queue: { status: string; detail: string } };
}

/** As it is once Redis has been asked. */
async function healthOf(address: string, isAsked: (health: Health) => boolean): Promise<Health> {
  const health = await waitFor(async () => {
    const found = (await (await fetch(`${address}/api/v1/health`)).json()) as Health;
    return isAsked(found) ? found : null;
  }, PATIENCE_MS);
  if (health === null) throw new Error('Its health never was as awaited.');
  return health;
}

describe('STRICT_REDIS', () => {
  let servers: RedisProcesses;
  let database: TestDatabase;
  let folder: string;
  let unfit: Record<string, string>;
  let fit: Record<string, string>;
  let running: Program | null = null;

  beforeAll(async () => {
    servers = await RedisProcesses.create();
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-strict-'));
    const unfitPort = await servers.single([
      '--maxmemory-policy',
      'allkeys-lru',
      '--appendonly',
      'no',
      ...LOGIN,
    ]);
    const fitPort = await servers.single(['--appendonly', 'yes', ...LOGIN]);
    unfit = variables(unfitPort);
    fit = variables(fitPort);
  });

  afterEach(async () => {
    await running?.stop();
    running = null;
  });

  afterAll(async () => {
    await servers.stop();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const variables = (port: number): Record<string, string> => ({
    DATABASE_URL: database.url,
    REDIS_URL: `redis://storewatch:${PASSWORD}@127.0.0.1:${port}`,
    DATA_DIR: path.join(folder, 'data'),
    REPORTS_DIR: path.join(folder, 'reports'),
    UPLOADS_DIR: path.join(folder, 'uploads'),
  });

  const run = (command: string[], environment: Record<string, string>): Program =>
    (running = new Program(command, environment));

  it.each([[['serve', '--port', '0']], [['worker']]])(
    'keeps %j from starting on a Redis that may lose jobs, with each reason and no password',
    async (command) => {
      const program = run(command, { ...unfit, STRICT_REDIS: 'true' });
      expect(await program.exit()).toBe(78);
      expect(program.output).toMatch(EVICTS);
      expect(program.output).toMatch(FORGETS);
      expect(program.output).toContain('STRICT_REDIS=false starts with a warning instead');
      expect(program.output).not.toContain(PASSWORD);
      expect(program.output).not.toContain('    at ');
    },
  );

  it('lets the server start where it is off, which warns, and says so in its health', async () => {
    const program = run(['serve', '--port', '0'], unfit);
    const address = await program.address();
    const health = await healthOf(address, ({ components }) => EVICTS.test(components.queue.detail));
    expect(health).toMatchObject({
      status: 'degraded',
      mode: 'queue',
      components: { queue: { status: 'degraded' } },
    });
    expect(health.components.queue.detail).toMatch(FORGETS);
    await program.says(EVICTS);
    await program.says(FORGETS);
    expect(program.output + health.components.queue.detail).not.toContain(PASSWORD);
  });

  it('lets the server start on a Redis that keeps its jobs', async () => {
    const program = run(['serve', '--port', '0'], { ...fit, STRICT_REDIS: 'true' });
    const health = await healthOf(await program.address(), ({ mode }) => mode === 'queue');
    expect(health.components.queue).toMatchObject({ status: 'ok', detail: 'Redis answers.' });
    expect(program.output).not.toContain(PASSWORD);
  });
});
