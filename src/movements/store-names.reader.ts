import type pg from 'pg';
import { textArray } from '../platform/database/binary-parameters.js';
import { foldName } from '../stores/store-text.js';

/**
 * Finds the stores that clients name: by id, else by a name or alias, without regard to case. A name that several
 * stores have leads to none of them.
 *
 * @returns the keys by name as given; a name that no store has is not in it.
 */
export async function resolveStores(
  client: pg.ClientBase,
  names: readonly string[],
): Promise<Map<string, number>> {
  const trimmed = names.map((name) => name.trim());
  const { rows } = await client.query<[place: number, key: number]>({
    text: `SELECT given.place::int, coalesce(by_id.store_key, by_name.store_key)
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (name, folded, place)
             LEFT JOIN stores AS by_id ON by_id.store_id = given.name
             LEFT JOIN LATERAL (
               SELECT min(s.store_key) AS store_key FROM stores AS s
                WHERE by_id.store_key IS NULL
                  AND (s.folded_name = given.folded OR s.folded_aliases @> ARRAY[given.folded] AND s.folded_aliases <> '{}')
               HAVING count(*) = 1
             ) AS by_name ON true
            WHERE coalesce(by_id.store_key, by_name.store_key) IS NOT NULL`,
    values: [textArray(trimmed), textArray(trimmed.map(foldName))],
    rowMode: 'array',
  });
  return new Map(rows.map(([place, key]) => [names[place - 1]!, key]));
}
