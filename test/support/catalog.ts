import type { DataSource } from 'typeorm';

/**
 * Everything that the catalog says of the tables and views of schema public, a line each: kinds, columns, constraints,
 * indexes, definitions, storage parameters and rights. Names of other schemas are written out, so that something that
 * hangs on a table elsewhere shows.
 */
export async function describeCatalog(dataSource: DataSource): Promise<string[]> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL search_path = ''`);
    const rows: { line: string }[] = await manager.query(CATALOG);
    return rows.map(({ line }) => line);
  });
}

/** The tables of schema public; partitions are one with theirs. */
export async function tablesOfPublic(dataSource: DataSource): Promise<string[]> {
  const rows: { relname: string }[] = await dataSource.query(
    `SELECT relname FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition
      ORDER BY relname`,
  );
  return rows.map(({ relname }) => relname);
}

const CATALOG = `
  WITH shown AS (
    SELECT c.* FROM pg_catalog.pg_class AS c
     WHERE c.relnamespace = 'public'::pg_catalog.regnamespace
  )
  SELECT line FROM (
    SELECT pg_catalog.format('%s %s persistence=%s options=%s toast=%s owner=%s rls=%s identity=%s partition=%s key=%s bound=%s',
             c.relkind, c.relname, c.relpersistence, c.reloptions,
             (SELECT t.reloptions FROM pg_catalog.pg_class AS t WHERE t.oid = c.reltoastrelid),
             c.relowner::pg_catalog.regrole, c.relrowsecurity, c.relreplident, c.relispartition,
             CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
             pg_catalog.pg_get_expr(c.relpartbound, c.oid)) AS line
      FROM shown AS c
    UNION ALL
    SELECT pg_catalog.format('right %s: %s to %s grantable=%s', c.relname, a.privilege_type, a.grantee, a.is_grantable)
      FROM shown AS c CROSS JOIN LATERAL pg_catalog.aclexplode(
             coalesce(c.relacl, pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::pg_catalog."char", c.relowner))) AS a
     WHERE c.relkind IN ('r', 'p', 'v', 'S')
    UNION ALL
    SELECT pg_catalog.format('column %s.%s place=%s type=%s null=%s identity=%s generated=%s storage=%s compression=%s statistics=%s collation=%s default=%s rights=%s',
             c.relname, a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
             a.attidentity, a.attgenerated, a.attstorage, a.attcompression, nullif(a.attstattarget, -1),
             a.attcollation::pg_catalog.regcollation, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attacl)
      FROM shown AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT pg_catalog.format('constraint %s.%s %s valid=%s', c.relname, n.conname,
             pg_catalog.pg_get_constraintdef(n.oid), n.convalidated)
      FROM shown AS c JOIN pg_catalog.pg_constraint AS n ON n.conrelid = c.oid
    UNION ALL
    SELECT pg_catalog.format('index %s valid=%s primary=%s', pg_catalog.pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary)
      FROM shown AS c JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid
    UNION ALL
    SELECT pg_catalog.format('view %s %s', c.relname, pg_catalog.pg_get_viewdef(c.oid)) FROM shown AS c WHERE c.relkind = 'v'
    UNION ALL
    SELECT pg_catalog.format('sequence %s %s start=%s step=%s min=%s max=%s cycle=%s of %s', c.relname,
             pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle,
             d.refobjid::pg_catalog.regclass)
      FROM shown AS c JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
      LEFT JOIN pg_catalog.pg_depend AS d
             ON d.objid = c.oid AND d.deptype IN ('i', 'a') AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION ALL
    SELECT pg_catalog.format('comment %s.%s %s', c.relname, d.objsubid, d.description)
      FROM shown AS c JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid
       AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION ALL
    SELECT pg_catalog.format('trigger %s %s', c.relname, pg_catalog.pg_get_triggerdef(t.oid))
      FROM shown AS c JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT pg_catalog.format('statistics %s', pg_catalog.pg_get_statisticsobjdef(s.oid))
      FROM shown AS c JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = c.oid
    UNION ALL
    SELECT pg_catalog.format('policy %s %s', c.relname, p.polname)
      FROM shown AS c JOIN pg_catalog.pg_policy AS p ON p.polrelid = c.oid
  ) AS lines ORDER BY line`;
