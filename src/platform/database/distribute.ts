import pg from 'pg';
import { Problem } from '../problem.js';
import { distributeTables } from './distributed-tables.js';
import { MIGRATION_LOCK } from './locks.js';

/**
 * Distributes the large tables of a migrated database by store over the nodes of Citus, all of them or, when anything
 * goes wrong, none. What is distributed already stays as it is, so it is safe to call again, and has to be after a
 * migration that made a table.
 *
 * @returns what was done, a line for each table; empty when there was nothing to do.
 * @throws Problem where there is no Citus, or tables are distributed in another way.
 */
export async function distribute(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  // A statement that the end of the connection breaks off says the same.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await ensureCitus(client);
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const done = await distributeTables(client);
    await client.query('COMMIT');
    return done;
  } finally {
    await client.end();
  }
}

async function ensureCitus(client: pg.ClientBase): Promise<void> {
  if (await hasCitus(client)) return;
  const { rowCount } = await client.query(`SELECT FROM pg_available_extensions WHERE name = 'citus'`);
  if (rowCount === 0) {
    throw new Problem(
      503,
      'citus_missing',
      'This PostgreSQL has no extension citus, so its tables can not be distributed; nothing was changed. Install Citus ' +
        'on every node and put it into shared_preload_libraries, or go on without: one PostgreSQL does all that several do.',
    );
  }
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS citus');
  } catch (error) {
    throw new Problem(
      503,
      'citus_unusable',
      `The extension citus is there but can't be created in this database: ${(error as Error).message}. ` +
        'It has to be in shared_preload_libraries, and only a superuser may create it: CREATE EXTENSION citus.',
    );
  }
}

async function hasCitus(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regproc('create_distributed_table') IS NOT NULL AS there`,
  );
  return rows[0]!.there;
}
