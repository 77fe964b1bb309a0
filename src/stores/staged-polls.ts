import type pg from 'pg';
import { type BinaryRows, copyOut } from '../platform/database/copy-binary-reader.js';
import { copyIn } from '../platform/database/copy-binary-writer.js';
import type { MergeCounts } from './merge-counts.js';
import { unitePolls } from './unite-polls.js';

/** Polls that are united at a time: some 12 MB of them. */
const PAGE_POLLS = 1_000_000;

/** Makes the table `staged_polls`, which lives until the transaction ends. */
export async function createStaging(client: pg.ClientBase): Promise<void> {
  await client.query(
    `SET LOCAL work_mem = '64MB';
     CREATE TEMPORARY TABLE staged_polls (store_key integer NOT NULL, day date NOT NULL, polls bigint[] NOT NULL)
       ON COMMIT DROP`,
  );
}

/**
 * Merges `staged_polls` into the store-days. Those that say the same as what is known stay untouched, those of which
 * nothing is known go in as they are; what is left is united here. The database could do it too, by a function for
 * each store-day, but took twenty times as long over a day with a hundred polls.
 *
 * @param staged how many polls are staged.
 * @param bounds oldest and newest day, `2023-01-16`: the planner reads the partitions between them and no others.
 */
export async function mergeStaged(
  client: pg.PoolClient,
  staged: number,
  bounds: readonly [string, string],
): Promise<MergeCounts> {
  await client.query('ANALYZE staged_polls (store_key, day)');
  await listDiffering(client, bounds);
  const fresh = await insertFresh(client, bounds);
  const { given, added, equal } = await uniteDiffering(client);
  return {
    inserted: fresh + added,
    replaced: given - added - equal,
    unchanged: staged - fresh - given + equal,
  };
}

/** Sets aside the store-days that are known otherwise, both versions of them, in pages that fit into memory. */
async function listDiffering(client: pg.ClientBase, bounds: readonly [string, string]): Promise<void> {
  await client.query(
    `CREATE TEMPORARY TABLE differing_polls (page integer, store_key integer, day date, known bigint[], given bigint[])
       ON COMMIT DROP`,
  );
  await client.query(
    `INSERT INTO differing_polls
     SELECT sum(cardinality(e.polls) + cardinality(s.polls)) OVER (ORDER BY s.store_key, s.day) / $3::int,
            s.store_key, s.day, e.polls, s.polls
       FROM staged_polls AS s
       JOIN store_day_polls AS e
         ON e.store_key = s.store_key AND e.day = s.day AND e.day BETWEEN $1::date AND $2::date
      WHERE e.polls <> s.polls`,
    [...bounds, PAGE_POLLS],
  );
  await client.query('CREATE INDEX ON differing_polls (page)');
}

async function insertFresh(client: pg.ClientBase, bounds: readonly [string, string]): Promise<number> {
  const { rows } = await client.query<{ polls: string }>(
    `WITH inserted AS (
       INSERT INTO store_day_polls (store_key, day, polls)
       SELECT s.store_key, s.day, s.polls FROM staged_polls AS s
        WHERE NOT EXISTS (SELECT FROM store_day_polls AS e
                           WHERE e.store_key = s.store_key AND e.day = s.day AND e.day BETWEEN $1::date AND $2::date)
        ORDER BY s.store_key, s.day
       RETURNING cardinality(polls) AS polls
     )
     SELECT coalesce(sum(polls), 0) AS polls FROM inserted`,
    [...bounds],
  );
  return Number(rows[0]!.polls);
}

/** Polls of store-days that differed: all, those of instants that were not known, and those known just so. */
interface DifferingCounts {
  given: number;
  added: number;
  equal: number;
}

async function uniteDiffering(client: pg.PoolClient): Promise<DifferingCounts> {
  const counts: DifferingCounts = { given: 0, added: 0, equal: 0 };
  const pages = await client.query<{ page: number }>(
    'SELECT DISTINCT page FROM differing_polls ORDER BY page',
  );
  if (pages.rows.length === 0) return counts;
  await client.query(
    `CREATE TEMPORARY TABLE united_polls (store_key integer, day date, polls bigint[]) ON COMMIT DROP`,
  );
  for (const { page } of pages.rows) {
    const rows = await copyOut(
      client,
      `SELECT store_key, day, known, given FROM differing_polls WHERE page = ${Number(page)} ORDER BY store_key, day`,
    );
    await unitePage(client, rows, counts);
  }
  await client.query(
    `INSERT INTO store_day_polls AS d (store_key, day, polls)
     SELECT store_key, day, polls FROM united_polls ORDER BY store_key, day
     ON CONFLICT (store_key, day) DO UPDATE SET polls = excluded.polls`,
  );
  return counts;
}

async function unitePage(client: pg.PoolClient, rows: BinaryRows, counts: DifferingCounts): Promise<void> {
  await copyIn(client, 'united_polls', ['store_key', 'day', 'polls'], async (target) => {
    while (rows.next()) {
      const storeKey = rows.int4()!;
      // A date is an int4 on the wire, and goes back as it came.
      const day = rows.int4()!;
      const known = pollsOf(rows);
      const given = pollsOf(rows);
      const { polls, equal } = unitePolls(known, given);
      counts.given += given.length;
      counts.added += polls.length - known.length;
      counts.equal += equal;
      // A subset of what is known changes nothing.
      if (equal === given.length) continue;
      target.row(3);
      target.int4(storeKey);
      target.int4(day);
      target.int8Array(polls, 0, polls.length);
      await target.drained();
    }
  });
}

function pollsOf(rows: BinaryRows): Float64Array {
  const polls = new Float64Array(rows.peekElements());
  rows.int8ArrayInto(polls, 0);
  return polls;
}
