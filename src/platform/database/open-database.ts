import pg from 'pg';
import type { Environment } from '../environment.js';
import { Problem } from '../problem.js';
import { startEmbeddedDatabase } from './embedded/index.js';
import { migrate } from './migrations.js';

const OLDEST_MAJOR = 15;
const PATIENCE_MS = 5_000;

/** A database that is up and has this version's schema. */
export interface OpenDatabase {
  url: string;
  /** Which one, for people; without the password. */
  description: string;
  /** Ends the embedded server when nobody else uses it; leaves a given one alone. */
  close(): Promise<void>;
}

/**
 * Opens the database that the environment names, or the embedded one.
 *
 * @param log takes a line for people now and then.
 * @throws Problem when the named one does not answer or can't be used.
 */
export async function openDatabase(
  environment: Pick<Environment, 'databaseUrl' | 'databaseDir'>,
  log: (line: string) => void,
  settings?: Record<string, string>,
): Promise<OpenDatabase> {
  const database =
    environment.databaseUrl === null
      ? await openEmbedded(environment.databaseDir, log, settings)
      : await openGiven(environment.databaseUrl);
  try {
    for (const name of await migrate(database.url)) log(`Migrated: ${name}`);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function openEmbedded(
  directory: string,
  log: (line: string) => void,
  settings?: Record<string, string>,
): Promise<OpenDatabase> {
  const embedded = await startEmbeddedDatabase({ directory, log, ...(settings && { settings }) });
  return {
    url: embedded.url,
    description: `its own PostgreSQL, in ${embedded.directory}`,
    close: () => embedded.stop(),
  };
}

async function openGiven(url: string): Promise<OpenDatabase> {
  const { hostname, port, pathname } = new URL(url);
  const description = `PostgreSQL at ${hostname}:${port || 5432}${pathname}`;
  await refuseUnfit(url, description);
  return { url, description, close: () => Promise.resolve() };
}

/** Looked at before anything is written: a wrong server is told in a sentence, not by the first statement that fails. */
async function refuseUnfit(url: string, description: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
  // A rejected connect says the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; encoding: string }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('server_encoding') AS encoding`,
    );
    const { version, encoding } = rows[0]!;
    if (version < OLDEST_MAJOR)
      throw unfit(`${description} is version ${version}; ${OLDEST_MAJOR} or newer is needed.`);
    if (encoding !== 'UTF8')
      throw unfit(`The database of ${description} has the encoding ${encoding}; it has to be UTF8.`);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unfit(
      `${description} can't be used: ${(error as Error).message || String(error)}. ` +
        'Start it or mend DATABASE_URL; without one, Storewatch starts a PostgreSQL of its own.',
    );
  } finally {
    await client.end();
  }
}

function unfit(sentence: string): Problem {
  return new Problem(503, 'database_unfit', sentence);
}
