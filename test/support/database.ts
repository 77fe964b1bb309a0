import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrations.js';
import { renewNamedDatabase } from './named-database.js';

const TEMPLATE_LOCK = 7_302_114;
const LEAVE_MS = 3000;

export interface TestDatabase {
  url: string;
  /** Removes the database. Throws when somebody is still connected: what a test opened it has to close. */
  drop(): Promise<void>;
}

/**
 * A database of its own for a test file, with every migration applied: a clone of one that was migrated once. Where the
 * run is to try one database, as `npm run test:distributed` does, that one, emptied.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const named = process.env['STOREWATCH_TEST_NAMED_DATABASE'];
  if (named !== undefined) {
    await renewNamedDatabase(adminUrl(), named);
    return { url: adminUrl(), drop: () => withAdmin((admin) => refuseLeftConnections(admin)) };
  }
  return withAdmin(async (admin) => {
    const template = await ensureTemplate(admin);
    return createDatabase(admin, `TEMPLATE ${template}`);
  });
}

/** A database with nothing in it, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return withAdmin((admin) => createDatabase(admin, ''));
}

async function createDatabase(admin: pg.Client, clause: string): Promise<TestDatabase> {
  const name = `storewatch_test_${randomBytes(6).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name} ${clause}`);
  return { url: urlOf(name), drop: () => withAdmin((other) => dropDatabase(other, name)) };
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const left = await waitUntilLeft(admin, name);
  // FORCE would stumble over an autovacuum worker, whom only a superuser may end; without, it is asked to go.
  await admin.query(`DROP DATABASE ${name}${left.length > 0 ? ' WITH (FORCE)' : ''}`);
  if (left.length > 0) throw new Error(`Connections were left open at the end:\n${left.join('\n')}`);
}

/** As `dropDatabase` says it, of a database that stays. */
async function refuseLeftConnections(admin: pg.Client): Promise<void> {
  const left = await waitUntilLeft(admin, new URL(adminUrl()).pathname.slice(1));
  if (left.length > 0) throw new Error(`Connections were left open at the end:\n${left.join('\n')}`);
}

/** A closed connection is gone from the server's list only a moment later. */
async function waitUntilLeft(admin: pg.Client, name: string): Promise<string[]> {
  const stepMs = 20;
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    const { rows } = await admin.query<{ what: string }>(
      `SELECT format('%s %s: %s', application_name, state, query) AS what
       FROM pg_stat_activity
       WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()
         AND application_name NOT LIKE 'citus%'`,
      [name],
    );
    if (rows.length === 0 || waitedMs >= LEAVE_MS) return rows.map((row) => row.what);
    await delay(stepMs);
  }
}

/** Makes the template unless it is there. Its name tells its content, so that an old one is never taken for a new. */
async function ensureTemplate(admin: pg.Client): Promise<string> {
  const template = `storewatch_template_${digestOfMigrations()}`;
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount !== 0) return template;
    const draft = await createDatabase(admin, '');
    await migrate(draft.url);
    // It gets its name only when it is whole; and nobody may be connected to a database that is cloned.
    const draftName = new URL(draft.url).pathname.slice(1);
    await waitUntilLeft(admin, draftName);
    await admin.query(`ALTER DATABASE ${draftName} RENAME TO ${template}`);
    return template;
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

function digestOfMigrations(): string {
  const root = path.join(__dirname, '..', '..');
  const directory = path.join(root, 'migrations');
  const hash = createHash('sha256').update(
    readFileSync(path.join(root, 'src', 'platform', 'database', 'migrations.ts')),
  );
  for (const name of readdirSync(directory).sort()) {
    if (name !== 'schema.sql') hash.update(name).update(readFileSync(path.join(directory, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function withAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function adminUrl(): string {
  const url = process.env['STOREWATCH_TEST_DATABASE_URL'];
  if (url === undefined)
    throw new Error('STOREWATCH_TEST_DATABASE_URL is not set: run the tests through Jest.');
  return url;
}

function urlOf(name: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.href;
}
