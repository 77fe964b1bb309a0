import { distribute } from '../platform/database/distribute.js';
import { openDatabase } from '../platform/database/open-database.js';
import { type Environment, loadEnvironment } from '../platform/environment.js';
import { Problem } from '../platform/problem.js';
import { CommandFailure, EXIT } from './exit.js';

export interface MigrateOptions {
  /** Also lay the large tables over the nodes of Citus. */
  distribute: boolean;
}

/** Brings the database up to this version; what was applied goes to stdout. */
export async function migrateDatabase(options: MigrateOptions): Promise<void> {
  const environment = loadEnvironment();
  if (options.distribute) refuseEmbedded(environment);
  const applied: string[] = [];
  const database = await openDatabase(environment, (line) => applied.push(line));
  await database.close();
  for (const line of applied) process.stdout.write(`${line}\n`);
  if (options.distribute) await distributeDatabase(database.url);
  process.stdout.write(`Up to date: ${database.description}\n`);
}

async function distributeDatabase(url: string): Promise<void> {
  try {
    const done = await distribute(url);
    for (const line of done) process.stdout.write(`Distributed: ${line}\n`);
    if (done.length === 0) process.stdout.write('Distributed: all was, nothing to do\n');
  } catch (error) {
    if (error instanceof Problem) throw new CommandFailure(error.message, EXIT.configuration);
    throw error;
  }
}

function refuseEmbedded({ databaseUrl }: Environment): void {
  if (databaseUrl !== null) return;
  throw new CommandFailure(
    'DATABASE_URL is not set, and the PostgreSQL that Storewatch starts itself has no Citus. Name the coordinator of a Citus cluster in DATABASE_URL.',
    EXIT.configuration,
  );
}
