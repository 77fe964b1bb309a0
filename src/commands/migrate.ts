import { openDatabase } from '../platform/database/open-database.js';
import { loadEnvironment } from '../platform/environment.js';

/** Brings the database up to this version; what was applied goes to stdout. */
export async function migrateDatabase(): Promise<void> {
  const applied: string[] = [];
  const database = await openDatabase(loadEnvironment(), (line) => applied.push(line));
  await database.close();
  for (const line of applied) process.stdout.write(`${line}\n`);
  process.stdout.write(`Up to date: ${database.description}\n`);
}
