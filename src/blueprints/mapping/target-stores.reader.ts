import type pg from 'pg';
import { Problem } from '../../platform/problem.js';
import { foldName } from '../../stores/store-text.js';

/** Clients that name no store mean the mapping of the store of this name. */
export const DEFAULT_STORE = 'default';
/** Where that mapping is kept as long as no store has the name. */
const DEFAULT_KEY = 0;

/** A store whose mapping is meant. */
export interface TargetStore {
  readonly key: number;
  readonly id: string;
}

/** By how many stores a name may be meant; more make no difference. */
export type Found = TargetStore | 'none' | 'several';

interface NamedStore extends TargetStore {
  names: string[];
}

/** The stores that names stand for: as an id, else as a name or alias in any letter case. */
export async function findStores(client: pg.ClientBase, names: readonly string[]): Promise<Found[]> {
  // The database takes no NUL and no half of a surrogate pair, and no store has one.
  const askable = names.filter((name) => !/[\p{Cc}\p{Cs}]/u.test(name));
  const folded = askable.map((name) => foldName(name.trim()));
  const { rows } = await client.query<NamedStore>(
    `SELECT store_key AS key, store_id AS id, array_remove(folded_name || folded_aliases, NULL) AS names FROM stores
      WHERE store_id = ANY ($1::text[]) OR folded_name = ANY ($2::text[])
         OR (folded_aliases <> '{}' AND folded_aliases && $2::text[])`,
    [askable, folded],
  );
  const byId = new Map(rows.map((store) => [store.id, store]));
  const byName = new Map<string, NamedStore[]>();
  for (const store of rows)
    for (const name of new Set(store.names)) byName.set(name, [...(byName.get(name) ?? []), store]);
  return names.map((name) => {
    const known = byId.get(name);
    const found = known === undefined ? (byName.get(foldName(name.trim())) ?? []) : [known];
    if (found.length > 1) return 'several';
    if (found[0] !== undefined) return { key: found[0].key, id: found[0].id };
    return foldName(name.trim()) === DEFAULT_STORE ? { key: DEFAULT_KEY, id: DEFAULT_STORE } : 'none';
  });
}

/** @throws Problem 404, or 409 where several stores have the name. */
export async function findStore(client: pg.ClientBase, name: string): Promise<TargetStore> {
  const [found] = await findStores(client, [name]);
  if (typeof found === 'object') return found;
  throw storeProblem(name, found ?? 'none');
}

export function storeProblem(name: string, found: 'none' | 'several'): Problem {
  const shown = name.slice(0, 100);
  return found === 'none'
    ? new Problem(
        404,
        'store_not_found',
        `No store has the id, name or alias '${shown}'. GET /api/v1/stores lists those that exist; POST /api/v1/stores makes one.`,
      )
    : new Problem(
        409,
        'store_ambiguous',
        `Several stores are called '${shown}'. Say which one is meant by its store_id.`,
      );
}

/** Of the keys those that still have a store; that of the default mapping always counts. */
export async function keysThatExist(client: pg.ClientBase, keys: readonly number[]): Promise<Set<number>> {
  const { rows } = await client.query<{ key: number }>(
    'SELECT store_key AS key FROM stores WHERE store_key = ANY ($1::int[])',
    [keys],
  );
  return new Set([DEFAULT_KEY, ...rows.map(({ key }) => key)]);
}
