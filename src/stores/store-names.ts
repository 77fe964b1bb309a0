import type pg from 'pg';
import { Problem } from '../platform/problem.js';
import { invalid } from './invalid.js';
import { foldName } from './store-text.js';

/** What a store is to be called; the folded ones are as they are compared. */
export interface StoreNames {
  name: string | null;
  aliases: readonly string[];
  foldedName: string | null;
  foldedAliases: readonly string[];
}

/** @throws Problem 400 when an alias is given twice. */
export function storeNames(name: string | null, aliases: readonly string[]): StoreNames {
  const own = name?.trim() ?? null;
  const others = aliases.map((alias) => alias.trim());
  const foldedAliases = others.map(foldName);
  const twice = others.find((_, place) => foldedAliases.indexOf(foldedAliases[place]!) !== place);
  if (twice !== undefined)
    throw invalid('/aliases', `aliases holds '${twice}' twice; the letter case makes no difference.`);
  return { name: own, aliases: others, foldedName: own === null ? null : foldName(own), foldedAliases };
}

/**
 * Sees to it that every alias leads to one store. Two stores may have the same name, since branches do, as long as it
 * is nobody's alias. The caller holds the facts' lock.
 *
 * @param key the store whose names they are to be; null: one that is not there yet.
 * @throws Problem 409 that names the other store.
 */
export async function refuseTakenNames(
  client: pg.ClientBase,
  key: number | null,
  { foldedName, foldedAliases }: StoreNames,
): Promise<void> {
  const mine = foldedName === null ? foldedAliases : [foldedName, ...foldedAliases];
  const { rows } = await client.query<{ id: string; name: string | null; aliases: string[] }>(
    `SELECT store_id AS id, name, aliases FROM stores
      WHERE store_key IS DISTINCT FROM $1
        AND ((folded_aliases <> '{}' AND folded_aliases && $2::text[]) OR folded_name = ANY ($3::text[]))
      ORDER BY store_id LIMIT 1`,
    [key, mine, foldedAliases],
  );
  const [other] = rows;
  if (other === undefined) return;
  const taken = [...other.aliases, other.name ?? ''].find((name) => mine.includes(foldName(name)));
  throw new Problem(
    409,
    'name_taken',
    `'${taken}' is a name or alias of the store '${other.id}' already, and an alias has to lead to one store. Choose another, or take it from that store first.`,
  );
}
