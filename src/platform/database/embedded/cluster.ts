import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { runAs, type ServerAccount } from './account.js';
import type { Binaries } from './binaries.js';
import { EmbeddedDatabaseError, explainFailure } from './failure.js';

const SUPERUSER = 'postgres';
const ROLE = 'storewatch';
const DATABASE = 'storewatch';

/** The passwords of a cluster, both random and made with it. */
interface Credentials {
  superuserPassword: string;
  password: string;
}

/**
 * Makes the data folder when there is none, and reads its passwords.
 * @param durable false: do not wait for the disk (throw-away servers of tests)
 * @throws EmbeddedDatabaseError when the data are of another major version or their passwords are gone
 */
export async function prepareCluster(
  home: string,
  binaries: Binaries,
  account: ServerAccount,
  durable: boolean,
): Promise<Credentials> {
  const data = path.join(home, 'data');
  const file = path.join(home, 'credentials.json');
  const versionFile = path.join(data, 'PG_VERSION');
  if (!existsSync(versionFile)) return createCluster(home, data, file, binaries, account, durable);
  const found = readFileSync(versionFile, 'utf8').trim();
  if (found !== binaries.major) throw otherVersion(home, found, binaries.major);
  if (!existsSync(file)) {
    throw new EmbeddedDatabaseError(
      `The passwords of the database in ${home} are missing: put ${file} back from a copy, ` +
        `or move the folder away and start again with an empty database.`,
    );
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
}

function otherVersion(home: string, found: string, wanted: string): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError(
    `The database in ${home} was made by PostgreSQL ${found}, and this Storewatch brings PostgreSQL ${wanted}, which ` +
      `cannot read it. To keep what is in it, start the Storewatch that made it, dump it with pg_dump ${found}, move ` +
      `the folder away, start this one and restore the dump. To begin anew, move the folder away ` +
      `(mv "${home}" "${home}-${found}") and load your files again.`,
  );
}

async function createCluster(
  home: string,
  data: string,
  credentialsFile: string,
  binaries: Binaries,
  account: ServerAccount,
  durable: boolean,
): Promise<Credentials> {
  if (existsSync(data) && readdirSync(data).length > 0) {
    throw new EmbeddedDatabaseError(
      `${data} holds files but no database of PostgreSQL: move that folder away, then start again.`,
    );
  }
  clearLeftovers(home);
  const credentials = {
    superuserPassword: randomBytes(24).toString('base64url'),
    password: randomBytes(24).toString('base64url'),
  };
  writePrivate(credentialsFile, JSON.stringify(credentials), undefined);
  // Made beside its place and renamed: an initdb that is cut off must not look like a database.
  const draft = path.join(home, `data.partial-${randomUUID()}`);
  const passwordFile = path.join(home, `password.partial-${randomUUID()}`);
  try {
    mkdirSync(draft, { mode: 0o700 });
    if (account !== undefined) chownSync(draft, account.uid, account.gid);
    writePrivate(passwordFile, credentials.superuserPassword, account);
    await runInitdb(binaries, account, draft, passwordFile, durable);
    rmSync(data, { recursive: true, force: true });
    renameSync(draft, data);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
  return credentials;
}

function clearLeftovers(home: string): void {
  for (const name of readdirSync(home)) {
    if (/^(data|password)\.partial-/.test(name)) {
      rmSync(path.join(home, name), { recursive: true, force: true });
    }
  }
}

function writePrivate(file: string, text: string, account: ServerAccount): void {
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${text}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(draft, 0o600);
  if (account !== undefined) chownSync(draft, account.uid, account.gid);
  renameSync(draft, file);
}

async function runInitdb(
  binaries: Binaries,
  account: ServerAccount,
  data: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  // PostgreSQL's own locale, so that text sorts the same on every system.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const words = ['-D', data, ...access, ...locale, '--no-instructions', ...(durable ? [] : ['--no-sync'])];
  const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    // Detached, as the server is: Ctrl-C must not cut it off while the program waits for it.
    const child = spawn(binaries.initdb, words, {
      ...runAs(account),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let printed = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ code: exitCode, output: printed }));
  });
  if (code !== 0) throw explainFailure('A new database could not be made', data, output);
}

/**
 * Makes the program's role and database when they are missing. The role owns its database and nothing else.
 * @returns the address of the database, with the role's password
 */
export async function ensureDatabase(port: number, credentials: Credentials): Promise<string> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: credentials.superuserPassword,
    database: 'postgres',
    ssl: false,
  });
  await client.connect();
  try {
    const role = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [ROLE]);
    if (role.rowCount === 0) {
      const password = client.escapeLiteral(credentials.password);
      await client.query(
        `CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${password}`,
      );
    }
    const database = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
  } finally {
    await client.end();
  }
  return `postgres://${ROLE}:${credentials.password}@127.0.0.1:${port}/${DATABASE}`;
}
