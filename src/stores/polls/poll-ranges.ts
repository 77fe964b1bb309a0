import type pg from 'pg';
import { int4Array, int8Array } from '../../platform/database/binary-parameters.js';
import { IDS_A_STATEMENT } from '../store-keys.js';

/**
 * Notes what the stores' oldest and newest polls are, within the transaction that brings them.
 *
 * @param firstPollUs instants of each store's oldest and newest poll that comes, in microseconds since 1970.
 */
export async function widenRanges(
  client: pg.ClientBase,
  keys: Int32Array,
  firstPollUs: readonly number[],
  lastPollUs: readonly number[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += IDS_A_STATEMENT) {
    const end = start + IDS_A_STATEMENT;
    await client.query(
      `UPDATE stores AS s
          SET first_poll_us = least(s.first_poll_us, given.first_us), last_poll_us = greatest(s.last_poll_us, given.last_us)
         FROM (SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS g (store_key, first_us, last_us)
                ORDER BY store_key) AS given
        WHERE s.store_key = given.store_key
          AND (s.first_poll_us IS NULL OR s.first_poll_us > given.first_us OR s.last_poll_us < given.last_us)`,
      [
        int4Array(keys.subarray(start, end)),
        int8Array(firstPollUs.slice(start, end)),
        int8Array(lastPollUs.slice(start, end)),
      ],
    );
  }
}
