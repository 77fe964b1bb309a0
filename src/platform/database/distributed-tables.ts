import type pg from 'pg';
import { Problem } from '../problem.js';
import { tablesOfClass } from './table-classes.js';

/** The column by which every large table is cut. */
const COLUMN = 'store_key';

/** How Citus holds a table. `method`: h by hash, n a reference table or one of the coordinator's, null not at all. */
interface Held {
  name: string;
  method: string | null;
  replication: string | null;
  place: number | null;
  column: string | null;
}

/** Within the caller's transaction. @returns what was done, a line for each table. @throws Problem where one is distributed in another way. */
export async function distributeTables(client: pg.ClientBase): Promise<string[]> {
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
