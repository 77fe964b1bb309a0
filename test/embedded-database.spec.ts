import { type ChildProcess, fork } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import {
  type EmbeddedDatabase,
  EmbeddedDatabaseError,
  startEmbeddedDatabase,
  stopAbandonedDatabase,
} from '../src/platform/database/embedded/index.js';
import { identifyProcess } from '../src/platform/database/embedded/process-identity.js';
import { compileLauncher } from './support/compiled-launcher.cjs';

const launcher = compileLauncher();
const isRoot = process.getuid?.() === 0;
let base: string;
let directory: string;
const users: User[] = [];
const databases: EmbeddedDatabase[] = [];

/** A process that uses the database. */
interface User {
  process: ChildProcess;
  url: string;
  reused: boolean;
}

beforeAll(() => {
  base = mkdtempSync(path.join(tmpdir(), 'storewatch embedded-'));
  chmodSync(base, 0o755);
  directory = path.join(base, 'shared by the tests');
});

afterEach(async () => {
  for (const user of users.splice(0)) if (user.process.exitCode === null) user.process.kill('SIGKILL');
  // Whatever a test left running is joined, and ended as its last user.
  await start(directory);
  for (const database of databases.splice(0)) await database.stop();
});

afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

async function start(where: string, lines: string[] = []): Promise<EmbeddedDatabase> {
  const settings = { fsync: 'off' };
  const database = await startEmbeddedDatabase({
    directory: where,
    settings,
    log: (line) => lines.push(line),
  });
  databases.push(database);
  return database;
}

/** Starts a process that uses the database; it is the head of a process group, as a program in a terminal is. */
async function startUser(): Promise<User> {
  const child = fork(path.join(__dirname, 'support', 'launcher-process.mjs'), [launcher, directory], {
    detached: true,
    execArgv: [],
  });
  const message = await new Promise<{ url: string; reused: boolean; failure?: string }>((resolve, reject) => {
    child.once('message', (received) => resolve(received as never));
    child.once('exit', (code) => reject(new Error(`The process ended with code ${code}.`)));
  });
  if (message.failure !== undefined) throw new Error(message.failure);
  const user = { process: child, url: message.url, reused: message.reused };
  users.push(user);
  return user;
}

function exitOf(user: User): Promise<unknown> {
  return new Promise((resolve) => {
    user.process.once('exit', resolve);
  });
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Asks again while the server is away. */
async function queryWhenBack(url: string, sql: string): Promise<unknown[]> {
  for (const deadline = Date.now() + 15_000; ; await delay(50)) {
    try {
      return await query(url, sql);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !condition(); await delay(20)) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${condition.toString()}.`);
  }
}

/** A zombie counts as gone: in a container often nobody reaps. */
function isGone(pid: number): boolean {
  return identifyProcess(pid)?.zombie ?? true;
}

/** Occupies a port of 127.0.0.1, which a server that was just killed may still hold. */
async function occupy(port: number): Promise<Server> {
  for (;;) {
    const server = createServer();
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (taken) return server;
    await delay(5);
  }
}

function postmasterFile(): string[] {
  return readFileSync(path.join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n');
}

function postmasterPid(): number {
  return Number(postmasterFile()[0]);
}

describe('the embedded database', () => {
  it('makes a PostgreSQL 18 whose role owns its database and nothing more', async () => {
    const database = await start(directory);
    const [row] = await query(
      database.url,
      `SELECT current_setting('server_version_num')::int / 10000 AS major, current_database() AS name,
              rolsuper, rolcreatedb, rolcreaterole, current_setting('listen_addresses') AS addresses,
              current_setting('TimeZone') AS zone
       FROM pg_roles WHERE rolname = current_user`,
    );
    expect(row).toEqual({
      major: 18,
      name: 'storewatch',
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      addresses: '127.0.0.1',
      zone: 'UTC',
    });
    const socketFolder = postmasterFile()[4];
    expect(socketFolder).toBe('');
    await query(database.url, 'CREATE TABLE made_by_the_role (id int)');
    await query(database.url, 'DROP TABLE made_by_the_role');
    await database.stop();
  });

  it('asks for its password, and keeps that where nobody else can read it', async () => {
    const database = await start(directory);
    for (const name of ['storewatch', 'postgres']) {
      const wrong = new URL(database.url);
      wrong.username = name;
      wrong.password = 'guessed';
      await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    }
    expect(statSync(path.join(directory, 'credentials.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.includes('partial'))).toEqual([]);
    await database.stop();
  });

  it('is shared by processes that start at once, and ended by the last of them', async () => {
    const [one, two] = await Promise.all([startUser(), startUser()]);
    expect([one.reused, two.reused].sort()).toEqual([false, true]);
    expect(one.url).toBe(two.url);

    one.process.send('stop');
    await exitOf(one);
    expect(await query(two.url, 'SELECT 1 AS here')).toEqual([{ here: 1 }]);

    two.process.send('stop');
    await exitOf(two);
    await expect(query(two.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'outlives %s to the process group of its user, and is used again by the next',
    async (signal) => {
      const user = await startUser();
      const pid = postmasterPid();
      process.kill(-(user.process.pid ?? 0), signal);
      await exitOf(user);

      const next = await start(directory);
      expect(next.reused).toBe(true);
      expect(postmasterPid()).toBe(pid);
      await next.stop();
      await expect(query(next.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    },
  );

  it('comes back with what was committed when its main process is killed', async () => {
    const user = await startUser();
    await query(user.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = postmasterPid();
    process.kill(pid, 'SIGKILL');

    // Whoever of the two starts it: both reach it where it was.
    const next = await start(directory);
    expect(postmasterPid()).not.toBe(pid);
    expect(next.url).toBe(user.url);
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await query(next.url, 'DROP TABLE kept');
    await next.stop();
  });

  it('comes back by itself, once and at the same address, when it is killed under two users', async () => {
    const lines: string[] = [];
    const [one, two] = [await start(directory, lines), await start(directory, lines)];
    await query(one.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(postmasterPid(), 'SIGKILL');
    await until(() => lines.length > 0);
    const pid = postmasterPid();
    expect(await queryWhenBack(one.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);

    // The second user's look is over too once its watch has ended.
    await two.stop();
    expect(postmasterPid()).toBe(pid);
    expect(lines).toEqual(['PostgreSQL ended unexpectedly; it was started again.']);
    await query(one.url, 'DROP TABLE kept');
    await one.stop();
  });

  it('waits for its port when another program took it, and says so once', async () => {
    const lines: string[] = [];
    const database = await start(directory, lines);
    const { port } = new URL(database.url);
    process.kill(postmasterPid(), 'SIGKILL');
    const squatter = await occupy(Number(port));
    await until(() => lines.length > 0);
    await new Promise((resolve) => {
      squatter.close(resolve);
    });
    expect(await queryWhenBack(database.url, 'SELECT 1 AS here')).toEqual([{ here: 1 }]);
    await until(() => lines.length > 1);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`another program has taken its port, ${port} of 127.0.0.1`)),
      'PostgreSQL ended unexpectedly; it was started again.',
    ]);
    await database.stop();
  });

  it('stays away when it is killed and then given up', async () => {
    const lines: string[] = [];
    const database = await start(directory, lines);
    const pid = postmasterPid();
    process.kill(pid, 'SIGKILL');
    await database.stop();
    await until(() => isGone(pid));
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(lines).toEqual([]);
  });

  it('is ended for a program that was killed, but not while a living one uses it', async () => {
    const [killed, living] = [await startUser(), await startUser()];
    const pid = postmasterPid();
    for (const [user, abandoned] of [
      [killed, false],
      [living, true],
    ] as const) {
      expect(await stopAbandonedDatabase(directory)).toBe(false);
      expect(postmasterPid()).toBe(pid);
      const left = exitOf(user);
      user.process.kill('SIGKILL');
      await left;
      expect(await stopAbandonedDatabase(directory)).toBe(abandoned);
    }
    await expect(query(living.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await until(() => isGone(pid));
    expect(await stopAbandonedDatabase(directory)).toBe(true);
  });

  it('leaves a folder alone that holds no database, or half of one', async () => {
    const nothing = path.join(base, 'nothing');
    expect(await stopAbandonedDatabase(nothing)).toBe(true);
    expect(existsSync(nothing)).toBe(false);

    const strange = path.join(base, 'strange');
    mkdirSync(strange);
    writeFileSync(path.join(strange, 'location.json'), '{ "dire');
    writeFileSync(path.join(strange, 'lock'), '');
    expect(await stopAbandonedDatabase(strange)).toBe(true);
    expect(readdirSync(strange)).toEqual(['location.json', 'lock']);

    const half = path.join(base, 'half');
    mkdirSync(path.join(half, 'lock'), { recursive: true });
    mkdirSync(path.join(half, 'data.partial-1'));
    expect(await stopAbandonedDatabase(half)).toBe(true);
  });

  it('does not end the server of the folder that an abandoned one is a copy of', async () => {
    const database = await start(directory);
    const copy = path.join(base, 'copy');
    mkdirSync(path.join(copy, 'data'), { recursive: true });
    mkdirSync(path.join(copy, 'lock'));
    writeFileSync(path.join(copy, 'data', 'postmaster.pid'), postmasterFile().join('\n'));
    expect(await stopAbandonedDatabase(copy)).toBe(true);
    expect(await query(database.url, 'SELECT 1 AS here')).toEqual([{ here: 1 }]);
    await database.stop();
  });

  it('comes back while its killed main process is a zombie that nobody reaps', async () => {
    const user = await startUser();
    const pid = postmasterPid();
    // A parent that is stopped does not reap.
    user.process.kill('SIGSTOP');
    process.kill(pid, 'SIGKILL');

    const next = await start(directory);
    expect(next.reused).toBe(false);
    expect(postmasterPid()).not.toBe(pid);
    expect(await query(next.url, 'SELECT 1 AS here')).toEqual([{ here: 1 }]);
    const left = exitOf(user);
    user.process.kill('SIGKILL');
    await left;
    await next.stop();
  });

  it('takes the number of a dead server that now belongs to another process for what it is', async () => {
    await (await start(directory)).stop();
    const file = path.join(directory, 'data', 'postmaster.pid');
    writeFileSync(
      file,
      `${process.pid}\n${directory}/data\n1\n5432\n\n127.0.0.1\n        0         0\nready   \n`,
    );
    const database = await start(directory);
    expect(database.reused).toBe(false);
    expect(postmasterPid()).not.toBe(process.pid);
    await database.stop();
  });

  it('refuses data of another major version, and says the way out', async () => {
    const old = path.join(base, 'old');
    mkdirSync(path.join(old, 'data'), { recursive: true });
    writeFileSync(path.join(old, 'data', 'PG_VERSION'), '17\n');
    const refusal = start(old);
    await expect(refusal).rejects.toThrow(EmbeddedDatabaseError);
    await expect(refusal).rejects.toThrow(
      new RegExp(
        `database in ${old} was made by PostgreSQL 17, .* brings PostgreSQL 18.*pg_dump.*mv "${old}"`,
      ),
    );
    expect(existsSync(path.join(old, 'data', 'postmaster.pid'))).toBe(false);
  });

  it('says when the passwords are gone instead of asking for one', async () => {
    const other = path.join(base, 'no passwords');
    mkdirSync(path.join(other, 'data'), { recursive: true });
    writeFileSync(path.join(other, 'data', 'PG_VERSION'), '18\n');
    await expect(start(other)).rejects.toThrow(/passwords of the database in .* are missing/);
  });

  it('says when its folder cannot be made', async () => {
    const file = path.join(base, 'a file');
    writeFileSync(file, '');
    await expect(start(path.join(file, 'postgres'))).rejects.toThrow(
      /folder of the database, .* cannot be made: ENOTDIR/,
    );
  });

  it('lies in a folder that its system user can enter, though root keeps the asked one shut', async () => {
    const shut = mkdtempSync(path.join(base, 'shut-'));
    chmodSync(shut, 0o700);
    const asked = path.join(shut, 'postgres');
    const lines: string[] = [];
    const first = await start(asked, lines);
    try {
      await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.stop();
      // An ordinary user is the server's user, and needs no other place.
      const elsewhere = isRoot ? [expect.stringContaining(`lies in ${first.directory}`)] : [];
      expect(lines).toEqual(elsewhere);
      expect(path.dirname(first.directory)).toBe(isRoot ? '/var/lib/storewatch' : shut);

      const second = await start(asked);
      expect(second.directory).toBe(first.directory);
      expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      expect(await stopAbandonedDatabase(asked)).toBe(false);
      await second.stop();
      expect(await stopAbandonedDatabase(asked)).toBe(true);
      expect(existsSync(first.directory)).toBe(!isRoot);
    } finally {
      rmSync(first.directory, { recursive: true, force: true });
    }
  });
});
