import type pg from 'pg';

/** A partition of a range; `from` is part of it, `to` is not. All of it in words that need no quoting. */
export interface Partition {
  name: string;
  from: string;
  to: string;
}

/**
 * Makes the partitions that are missing, within the caller's transaction, which keeps others from making the same ones.
 * `CREATE … PARTITION OF` would wait for every reader of the table; to ATTACH does not.
 *
 * @param settings what each is altered by before it is attached, such as `ALTER COLUMN polls SET STATISTICS 0`.
 */
export async function attachPartitions(
  client: pg.ClientBase,
  table: string,
  wanted: readonly Partition[],
  settings: readonly string[] = [],
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent = $1::regclass`,
    [table],
  );
  const present = new Set(rows.map((row) => row.name));
  for (const { name, from, to } of wanted) {
    if (present.has(name)) continue;
    // One statement at a time: where tables are distributed, each is sent on to the nodes, which take no several in one.
    await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL)`);
    for (const setting of settings) await client.query(`ALTER TABLE ${name} ${setting}`);
    await client.query(
      `ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  }
}
