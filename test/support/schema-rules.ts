import { type Queryable, rowsOf } from '../../src/platform/database/queryable.js';
import { TABLE_CLASSES, type TableClass } from '../../src/platform/database/table-classes.js';

/**
 * What a distributed PostgreSQL asks of the tables, looked up in the catalog of any PostgreSQL.
 *
 * @param classes by table; every table of the schema has to be named.
 * @returns a sentence for each breach.
 */
export async function breachedRules(
  db: Queryable,
  schema = 'public',
  classes: Readonly<Record<string, TableClass>> = TABLE_CLASSES,
): Promise<string[]> {
  const tables = await rowsOf<{ name: string }>(db, TABLES, [schema]);
  const names = new Set(tables.map(({ name }) => name));
  const large = [...names].filter((name) => classes[name] === 'large');
  const notLocal = [...names].filter((name) => classes[name] === 'large' || classes[name] === 'reference');
  const references = [...names].filter((name) => classes[name] === 'reference');
  const told = async (sql: string, ...lists: string[][]): Promise<string[]> =>
    (await rowsOf<{ sentence: string }>(db, sql, [schema, ...lists])).map(({ sentence }) => sentence);
  return [
    ...[...names]
      .filter((name) => classes[name] === undefined)
      .map(
        (name) => `${name} has no class: say in table-classes.ts whether it is large, reference or local.`,
      ),
    ...Object.keys(classes)
      .filter((name) => !names.has(name))
      .map((name) => `${name} has a class in table-classes.ts, but there is no such table.`),
    ...(await told(WITHOUT_COLUMN, large)),
    ...(await told(UNIQUE_KEYS, large)),
    ...(await told(FOREIGN_KEYS, large, references)),
    ...(await told(TRIGGERS, notLocal)),
    ...(await told(NUMBERED, notLocal)),
  ];
}

/** Of a table and of its partitions: `top` is the table's name. */
const OF = (list: string): string => `
  FROM unnest(${list}::text[]) AS given (top)
 CROSS JOIN LATERAL (
   SELECT format('%I.%I', $1::text, given.top)::regclass AS oid
   UNION SELECT relid FROM pg_partition_tree(format('%I.%I', $1::text, given.top)::regclass)
 ) AS t`;

const TABLES = `
  SELECT relname AS name FROM pg_class
   WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'f', 'm') AND NOT relispartition ORDER BY 1`;

const WITHOUT_COLUMN = `
  SELECT format('%s has no column store_key integer NOT NULL, by which large tables are cut.', t.oid::regclass) AS sentence ${OF('$2')}
   WHERE NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.oid AND a.attname = 'store_key'
                        AND a.atttypid = 'int4'::regtype AND a.attnotnull)`;

// A constraint of exclusion is no unique index, but just as little can be kept over several nodes.
const UNIQUE_KEYS = `
  SELECT format('%s of %s has no store_key: no node can tell whether it is unique.', i.indexrelid::regclass, t.oid::regclass) AS sentence ${OF('$2')}
  JOIN pg_index AS i ON i.indrelid = t.oid
 WHERE (i.indisunique OR i.indisexclusion)
   AND NOT EXISTS (SELECT FROM pg_attribute AS a
                    WHERE a.attrelid = t.oid AND a.attname = 'store_key'
                      AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))`;

const FOREIGN_KEYS = `
  SELECT format('%s leads from %s to %s, which is neither a reference table nor cut by store_key along with it.',
                c.conname, t.oid::regclass, c.confrelid::regclass) AS sentence ${OF('$2')}
  JOIN pg_constraint AS c ON c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0
 WHERE NOT EXISTS (SELECT FROM pg_class AS r WHERE r.oid = c.confrelid AND r.relname = ANY ($3::text[]))
   AND NOT (EXISTS (SELECT FROM pg_class AS r WHERE r.oid = c.confrelid AND r.relname = ANY ($2::text[]))
            AND EXISTS (SELECT FROM generate_subscripts(c.conkey, 1) AS n
                          JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[n]
                          JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[n]
                         WHERE a.attname = 'store_key' AND b.attname = 'store_key'))`;

const TRIGGERS = `
  SELECT format('%s has the trigger %s; a distributed table can not have any.', t.oid::regclass, g.tgname) AS sentence ${OF('$2')}
  JOIN pg_trigger AS g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal`;

const NUMBERED = `
  SELECT format('%s.%s is numbered by a sequence, which would be another one on every node.', t.oid::regclass, a.attname) AS sentence ${OF('$2')}
  JOIN pg_attribute AS a ON a.attrelid = t.oid AND NOT a.attisdropped
  LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
 WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%'`;
