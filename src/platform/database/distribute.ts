import pg from 'pg';
import { Problem } from '../problem.js';
import { MIGRATION_LOCK } from './migrations.js';
import { tablesOfClass } from './table-classes.js';

/** The column by which every large table is cut. */
const COLUMN = 'store_key';

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

/**
 * Distributes tables that were made anew in place of distributed ones, within the caller's transaction.
 *
 * @param names those that are not large are left as they are.
 */
export async function layOutAgain(client: pg.ClientBase, names: readonly string[]): Promise<void> {
  const large = tablesOfClass('large');
  for (const name of large.filter((one) => names.includes(one))) {
    // Beside one that has stayed, so that old rows and new ones of a store lie on one node.
    const stayed = large.find((one) => !names.includes(one));
    await cut(client, name, stayed ?? 'none');
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

/** How Citus holds a table. `method`: h by hash, n a reference table or one of the coordinator's, null not at all. */
interface Held {
  name: string;
  method: string | null;
  replication: string | null;
  place: number | null;
  column: string | null;
}

async function distributeTables(client: pg.ClientBase): Promise<string[]> {
  const done: string[] = [];
  for (const name of tablesOfClass('reference')) {
    const held = await readHeld(client, name);
    if (held.replication === 't') continue;
    if (held.method !== null) throw otherwise(held, 'a reference table');
    await client.query('SELECT create_reference_table($1)', [name]);
    done.push(`${name}: a copy on every node`);
  }
  const [first, ...others] = tablesOfClass('large');
  done.push(...(await cut(client, first!, 'none')));
  const { place } = await readHeld(client, first!);
  for (const name of others) {
    done.push(...(await cut(client, name, first!)));
    const held = await readHeld(client, name);
    if (held.place !== place) throw otherwise(held, `cut like ${first}`);
  }
  return done;
}

async function cut(client: pg.ClientBase, name: string, like: string): Promise<string[]> {
  const held = await readHeld(client, name);
  if (held.method === 'h' && held.column === COLUMN) return [];
  if (held.method !== null) throw otherwise(held, `distributed by ${COLUMN}`);
  // Shards of tables that are cut alike lie side by side.
  await client.query('SELECT create_distributed_table($1, $2, colocate_with => $3)', [name, COLUMN, like]);
  return [`${name}: distributed by ${COLUMN}${like === 'none' ? '' : `, beside ${like}`}`];
}

async function readHeld(client: pg.ClientBase, name: string): Promise<Held> {
  const { rows } = await client.query<Held>(
    `SELECT $1::text AS name, p.partmethod AS method, p.repmodel AS replication, p.colocationid AS place,
            CASE WHEN p.partmethod = 'h' THEN column_to_column_name(p.logicalrelid, p.partkey) END AS column
       FROM (VALUES (to_regclass($1))) AS t (relation) LEFT JOIN pg_dist_partition AS p ON p.logicalrelid = t.relation`,
    [name],
  );
  return rows[0]!;
}

function otherwise({ name, method, column }: Held, wanted: string): Problem {
  const is = method === 'h' ? `distributed by ${column}` : 'known to Citus as something else';
  return new Problem(
    409,
    'distributed_otherwise',
    `${name} should be ${wanted}, but is ${is}. Nothing was changed. SELECT undistribute_table('${name}') makes it a plain table again; then try once more.`,
  );
}
