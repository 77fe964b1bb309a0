import type pg from 'pg';
import { findStore } from '../blueprints/index.js';
import type { StoreState } from '../stores/store-state.js';
import { readStore } from '../stores/store-state.reader.js';

/**
 * The store that an address names as that of its mapping does: by id, else by a name or alias in any letter case.
 *
 * @throws Problem 404, or 409 where several stores have the name.
 */
export async function readNamedStore(client: pg.ClientBase, name: string): Promise<StoreState> {
  const { id } = await findStore(client, name);
  return readStore(client, id);
}
