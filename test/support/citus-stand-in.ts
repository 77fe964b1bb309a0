import type pg from 'pg';

/**
 * Stands in for the few things of Citus that are asked of it when tables are distributed, in a database of a test's
 * own: functions of the same names and parameters, which keep what they were called with, and the catalog in which
 * they are noted. It shows what is asked, in which order and of which tables, not that Citus can do it; that is what
 * `npm run test:distributed` is for.
 */
export async function standInForCitus(client: pg.ClientBase): Promise<void> {
  await client.query(`
    CREATE SCHEMA citus_stand_in;
    CREATE TABLE citus_stand_in.calls (number serial, call text NOT NULL);
    CREATE TABLE citus_stand_in.pg_dist_partition (
      logicalrelid regclass, partmethod "char", partkey text, colocationid integer, repmodel "char"
    );
    CREATE FUNCTION citus_stand_in.create_distributed_table(table_name regclass, distribution_column text, colocate_with text)
      RETURNS void LANGUAGE plpgsql AS $$
      DECLARE place integer := (SELECT colocationid FROM citus_stand_in.pg_dist_partition
                                 WHERE colocate_with <> 'none' AND logicalrelid = to_regclass(colocate_with));
      BEGIN
        IF place IS NULL AND colocate_with <> 'none' THEN RAISE 'relation % is not distributed', colocate_with; END IF;
        INSERT INTO citus_stand_in.calls (call)
        VALUES (format('distributed %s by %s with %s', table_name, distribution_column, colocate_with));
        INSERT INTO citus_stand_in.pg_dist_partition
        VALUES (table_name, 'h', distribution_column, coalesce(place, table_name::oid::integer), 's');
      END $$;
    CREATE FUNCTION citus_stand_in.create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS $$
      INSERT INTO citus_stand_in.calls (call) VALUES (format('reference %s', table_name));
      INSERT INTO citus_stand_in.pg_dist_partition VALUES (table_name, 'n', NULL, 1, 't') $$;
    CREATE FUNCTION citus_stand_in.column_to_column_name(table_name regclass, column_var_text text) RETURNS text
      LANGUAGE sql AS 'SELECT column_var_text';`);
  const { rows } = await client.query<{ sql: string }>(
    `SELECT format('ALTER DATABASE %I SET search_path = public, citus_stand_in', current_database()) AS sql`,
  );
  // Found without their schema, as those of Citus are, on every connection from now on.
  await client.query(rows[0]!.sql);
}

/** What the stand-ins were asked, in order. */
export async function callsOfStandIn(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ call: string }>(
    'SELECT call FROM citus_stand_in.calls ORDER BY number',
  );
  return rows.map(({ call }) => call);
}
