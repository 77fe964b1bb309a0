import pg from 'pg';
import { distribute } from '../../src/platform/database/distribute.js';
import { migrate } from '../../src/platform/database/migrations.js';

/**
 * Empties a database that stays, for the next test file, and brings it to the schema of this version.
 *
 * @param kind `distributed`: its tables are laid over the nodes of Citus; `plain`: they are left as they are.
 */
export async function renewNamedDatabase(url: string, kind: string): Promise<void> {
  await empty(url);
  await migrate(url);
  if (kind === 'distributed') await distribute(url);
}

/** Drops what the product has made, one by one: the schema holds also what belongs to extensions. */
async function empty(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ sql: string }>(DROPS);
    for (const { sql } of rows) await client.query(sql);
  } finally {
    await client.end();
  }
}

const DROPS = `
  WITH own AS (
    SELECT c.relname, c.relkind FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
       AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
  )
  SELECT 1 AS step, format('DROP TABLE public.%I CASCADE', relname) AS sql FROM own WHERE relkind IN ('r', 'p')
  UNION ALL
  SELECT 2, format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname LIKE 'cleared\\_%'
  ORDER BY step, sql`;
