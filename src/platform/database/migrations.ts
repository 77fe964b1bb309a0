import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { PROJECT_ROOT } from '../environment.js';
import { MIGRATION_LOCK } from './locks.js';

const FOLDER = path.join(PROJECT_ROOT, 'migrations');
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/**
 * Brings the database up to the schema of this version; safe to call from many processes at once.
 *
 * @returns the names of the migrations that were applied, oldest first; empty when there was nothing to do.
 * @throws when the database has been migrated by a newer version.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    migrations: readMigrations(),
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'all',
    // The lock below is held on one connection while TypeORM migrates on another.
    extra: { max: 2 },
  });
  await dataSource.initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.startTransaction();
    await lock.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await refuseNewerSchema(dataSource);
    const applied = await dataSource.runMigrations();
    await lock.commitTransaction();
    return applied.map((migration) => migration.name);
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}

type MigrationClass = new () => MigrationInterface;

/** Each file `NNNN-what-it-does.sql` of the folder as a class of the shape that TypeORM runs, in order. */
function readMigrations(): MigrationClass[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => {
      const [, number, title] = FILE_NAME.exec(file) ?? [];
      return number === undefined || title === undefined ? [] : [migrationOf(file, number, title)];
    });
}

function migrationOf(file: string, number: string, title: string): MigrationClass {
  // TypeORM takes the order from the last 13 digits of the name.
  const name = `${title}-${number.padStart(13, '0')}`;
  return class implements MigrationInterface {
    readonly name = name;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(readFileSync(path.join(FOLDER, file), 'utf8'));
    }

    async down(): Promise<void> {
      throw new Error(`${file} can't be undone: restore a backup instead.`);
    }
  };
}

async function refuseNewerSchema(dataSource: DataSource): Promise<void> {
  const known = new Set(dataSource.migrations.map((migration) => migration.name));
  const [{ exists }] = await dataSource.query(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`,
  );
  if (!exists) return;
  const applied: { name: string }[] = await dataSource.query(
    'SELECT name FROM schema_migrations ORDER BY timestamp',
  );
  const unknown = applied.map((row) => row.name).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `This database was migrated by a newer version (${unknown.join(', ')} is unknown here). ` +
        'Start that version, or name another database.',
    );
  }
}
