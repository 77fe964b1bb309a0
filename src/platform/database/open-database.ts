import type { Environment } from '../environment.js';
import { startEmbeddedDatabase } from './embedded/index.js';
import { migrate } from './migrations.js';

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
 */
export async function openDatabase(
  environment: Pick<Environment, 'databaseUrl' | 'databaseDir'>,
  log: (line: string) => void,
  settings?: Record<string, string>,
): Promise<OpenDatabase> {
  const database =
    environment.databaseUrl === null
      ? await openEmbedded(environment.databaseDir, log, settings)
      : openGiven(environment.databaseUrl);
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

function openGiven(url: string): OpenDatabase {
  const { hostname, port, pathname } = new URL(url);
  return {
    url,
    description: `PostgreSQL at ${hostname}:${port || 5432}${pathname}`,
    close: () => Promise.resolve(),
  };
}
