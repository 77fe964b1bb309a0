// Starts the servers that the tests use, says where they are, and ends them when its input closes. A process of its
// own in a session of its own: however Jest ends, by Ctrl-C or by a kill, the pipe closes and nothing is left behind.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Redis from 'ioredis';
import pg from 'pg';

const { compileLauncher } = createRequire(import.meta.url)('./compiled-launcher.cjs');
const base = mkdtempSync(path.join(tmpdir(), 'storewatch-test-'));
// When the tests run as root the database's user must be able to enter.
chmodSync(base, 0o755);
const closers = [];

async function startDatabase() {
  const { startEmbeddedDatabase } = await import(compileLauncher());
  const database = await startEmbeddedDatabase({
    directory: path.join(base, 'postgres'),
    // Nothing here has to survive a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  closers.push(() => database.stop());
  await allowDatabases(database);
  return database.url;
}

/** The role stays what it is in production, but may make databases: each test file has one of its own. */
async function allowDatabases({ url, directory }) {
  const { superuserPassword } = JSON.parse(readFileSync(path.join(directory, 'credentials.json'), 'utf8'));
  const address = new URL(url);
  address.username = 'postgres';
  address.password = superuserPassword;
  address.pathname = '/postgres';
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    await client.query('ALTER ROLE storewatch CREATEDB');
  } finally {
    await client.end();
  }
}

/** Undefined where no redis-server is installed. */
async function startRedis() {
  const port = await freePort();
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', base, '--save', ''];
  const server = spawn(
    'redis-server',
    [...options, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--logfile', 'redis.log'],
    { stdio: 'ignore' },
  );
  const failed = await new Promise((resolve) => {
    server.once('error', resolve);
    server.once('spawn', () => resolve(undefined));
  });
  if (failed?.code === 'ENOENT') return undefined;
  if (failed !== undefined) throw failed;
  const ended = new Promise((resolve) => {
    server.once('exit', resolve);
  });
  closers.push(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  await Promise.race([
    waitForRedis(port),
    ended.then((code) => {
      throw new Error(`redis-server ended with code ${code}:\n${readFileSync(path.join(base, 'redis.log'))}`);
    }),
  ]);
  return `redis://127.0.0.1:${port}`;
}

async function waitForRedis(port) {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // Refused connections are expected until it is up; ioredis tries again by itself.
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function closeAll() {
  for (const close of closers.reverse()) await close();
  rmSync(base, { recursive: true, force: true });
}

const inputClosed = new Promise((resolve) => {
  process.stdin.resume().once('close', resolve);
});
try {
  const databaseUrl = process.env.TEST_DATABASE_URL || (await startDatabase());
  const redisUrl = process.env.TEST_REDIS_URL || (await startRedis());
  process.stdout.write(`${JSON.stringify({ databaseUrl, redisUrl })}\n`);
  await inputClosed;
} finally {
  await closeAll();
}
