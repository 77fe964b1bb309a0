import type pg from 'pg';
import { FACT_TABLES, FACT_VIEWS } from './facts.js';

interface Statement {
  sql: string;
}

/**
 * Writes the statements that make empty tables of facts, and their views, once those that are there have moved to
 * another schema. They come from the catalog, so that the new ones are what every migration so far has made, down to
 * the names of constraints and indexes, and what was granted on them.
 *
 * The caller's search path is `public` alone: names in what the catalog prints are then names of the new ones.
 *
 * @param schema where those that are there will be.
 */
export async function readShapes(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<Statement>(SHAPES, [[...FACT_TABLES], [...FACT_VIEWS], schema]);
  return rows.map(({ sql }) => sql);
}

// LIKE alone would name indexes by rules of its own, makes every sequence one of bigint, and carries neither foreign
// keys nor storage parameters.
const SHAPES = `
  WITH facts AS (
    SELECT c.oid, c.relname, c.relkind, c.relowner, c.relacl, t.place, c.reltoastrelid, c.reloptions
      FROM unnest($1::text[] || $2::text[]) WITH ORDINALITY AS t (name, place)
      JOIN pg_class AS c ON c.oid = format('public.%I', t.name)::regclass
  ), options AS (
    SELECT f.oid, ' WITH (' || string_agg(
             format('%s%s = %L', part.prefix, split_part(o.pair, '=', 1), substr(o.pair, strpos(o.pair, '=') + 1)), ', '
           ) || ')' AS clause
      FROM facts AS f LEFT JOIN pg_class AS toast ON toast.oid = f.reltoastrelid
     CROSS JOIN LATERAL (VALUES ('', f.reloptions), ('toast.', toast.reloptions)) AS part (prefix, pairs)
     CROSS JOIN LATERAL unnest(part.pairs) AS o (pair)
     GROUP BY f.oid
  ), statements AS (
    SELECT 1 AS step, f.place, f.relname,
           format('CREATE TABLE public.%1$I (LIKE %2$I.%1$I INCLUDING ALL EXCLUDING INDEXES)%3$s%4$s', f.relname,
                  $3::text, ' PARTITION BY ' || pg_get_partkeydef(f.oid), o.clause) AS sql
      FROM facts AS f LEFT JOIN options AS o USING (oid) WHERE f.relkind <> 'v'
    UNION ALL
    SELECT 2, f.place, c.relname, format('ALTER SEQUENCE public.%I AS %s', c.relname, format_type(s.seqtypid, NULL))
      FROM facts AS f
      JOIN pg_depend AS d ON d.refobjid = f.oid AND d.deptype = 'i' AND d.classid = 'pg_class'::regclass
      JOIN pg_class AS c ON c.oid = d.objid JOIN pg_sequence AS s ON s.seqrelid = c.oid
    UNION ALL
    SELECT CASE c.contype WHEN 'f' THEN 4 ELSE 2 END, f.place, c.conname,
           format('ALTER TABLE public.%I ADD CONSTRAINT %I %s', f.relname, c.conname, pg_get_constraintdef(c.oid))
      FROM facts AS f JOIN pg_constraint AS c ON c.conrelid = f.oid
     WHERE c.contype IN ('p', 'u', 'x', 'f')
    UNION ALL
    SELECT 3, f.place, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
      FROM facts AS f JOIN pg_index AS i ON i.indrelid = f.oid
     WHERE NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid AND c.conrelid = f.oid)
    UNION ALL
    SELECT 5, f.place, f.relname, format('CREATE VIEW public.%I AS %s', f.relname, rtrim(pg_get_viewdef(f.oid), ';'))
      FROM facts AS f WHERE f.relkind = 'v'
    UNION ALL
    SELECT 6, f.place, '', format('GRANT %s ON public.%I TO %s%s', a.privilege_type, f.relname,
                                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(a.grantee::regrole::text) END,
                                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
      FROM facts AS f CROSS JOIN LATERAL aclexplode(f.relacl) AS a
     WHERE a.grantee <> f.relowner
  )
  SELECT sql FROM statements ORDER BY step, place, relname`;
