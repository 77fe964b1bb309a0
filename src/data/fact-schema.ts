import type pg from 'pg';
import { layOutAgain } from '../platform/database/distributed-tables.js';
import { isDistributed } from '../platform/database/distributed.js';
import { FACT_TABLES, FACT_VIEWS } from './facts.js';
import { readShapes } from './table-shapes.js';

/**
 * Moves every table of facts, with what hangs on it, into a schema of its own. Renaming takes no longer for a billion
 * rows than for one; a process that waited for a table finds the name again, at the table that has it then.
 *
 * The caller holds the locks of all of them.
 */
export async function moveAway(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA ${schema}`);
  await move(client, 'public', schema);
}

/** As `moveAway`, and makes empty ones in their place, whose keys go on where those ended. */
export async function replaceByEmpty(client: pg.ClientBase, schema: string): Promise<void> {
  const distributed = await isDistributed(client);
  const shapes = await readShapes(client, schema);
  await moveAway(client, schema);
  for (const sql of shapes) await client.query(sql);
  if (distributed) await layOutAgain(client, FACT_TABLES);
  await continueKeys(client, schema);
}

/** Moves the tables of facts back from where `moveAway` put them; there are none in their place. */
export async function moveBack(client: pg.ClientBase, schema: string): Promise<void> {
  await move(client, schema, 'public');
  await client.query(`DROP SCHEMA ${schema}`);
}

/**
 * Lets the tables' identity columns give no number that those in the schema have given: a finished report, or a batch
 * of live polls, would be taken for something else.
 */
export async function continueKeys(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(
    `SELECT format('SELECT setval(''public.%1$I'', greatest(a.last_value + a.is_called::int, b.last_value + b.is_called::int), false)
                      FROM public.%1$I AS a, %2$I.%1$I AS b', s.relname, $2::text) AS sql
       FROM pg_class AS s JOIN pg_depend AS d ON d.objid = s.oid AND d.deptype = 'i'
      WHERE s.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.refobjid = ANY ($1::regclass[])`,
    [FACT_TABLES.map((name) => `public.${name}`), schema],
  );
  for (const { sql } of rows) await client.query(sql);
}

async function move(client: pg.ClientBase, from: string, to: string): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(
    `SELECT format('ALTER TABLE %I.%I SET SCHEMA %I', $1::text, c.relname, $2::text) AS sql
       FROM pg_class AS c
      WHERE c.oid IN (SELECT format('%I.%I', $1::text, name)::regclass FROM unnest($3::text[]) AS given (name)
                      UNION ALL
                      SELECT relid FROM unnest($3::text[]) AS given (name),
                                        pg_partition_tree(format('%I.%I', $1::text, name)::regclass))
      ORDER BY c.relname`,
    [from, to, [...FACT_TABLES, ...FACT_VIEWS]],
  );
  // One by one: where tables are distributed, each is sent on to the nodes, which take no several in one.
  for (const { sql } of rows) await client.query(sql);
}
