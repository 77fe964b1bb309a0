import type pg from 'pg';

/** Ids that go to the server in one statement. */
export const IDS_A_STATEMENT = 50_000;

/**
 * Finds the keys of stores and gives a key to those that have none, in the order of their ids. The caller holds the
 * facts' lock.
 *
 * @returns the keys, in the order of `ids`.
 */
export async function ensureStores(client: pg.ClientBase, ids: readonly string[]): Promise<Int32Array> {
  const keys = new Int32Array(ids.length);
  for (let start = 0; start < ids.length; start += IDS_A_STATEMENT) {
    const some = ids.slice(start, start + IDS_A_STATEMENT);
    // An ON CONFLICT alone would use up a key of the sequence for every store that is there already.
    await client.query(
      `INSERT INTO stores (store_id)
       SELECT given.store_id FROM unnest($1::text[]) AS given (store_id)
        WHERE NOT EXISTS (SELECT FROM stores AS s WHERE s.store_id = given.store_id)
        ORDER BY given.store_id COLLATE "C"
       ON CONFLICT ON CONSTRAINT stores_store_id_key DO NOTHING`,
      [some],
    );
    const { rows } = await client.query<[number, number]>({
      text: `SELECT given.place::int, s.store_key
               FROM unnest($1::text[]) WITH ORDINALITY AS given (store_id, place)
               JOIN stores AS s ON s.store_id = given.store_id`,
      values: [some],
      rowMode: 'array',
    });
    if (rows.length !== some.length)
      throw new Error(`${some.length - rows.length} stores vanished while their facts were loaded.`);
    for (const [place, key] of rows) keys[start + place - 1] = key;
  }
  return keys;
}
