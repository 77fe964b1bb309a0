import type pg from 'pg';
import { type BinaryRows, copyOut } from '../../platform/database/copy-binary-reader.js';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { isDistributed } from '../../platform/database/distributed.js';
import { type MergeCounts, noCounts } from '../merge-counts.js';
import { unitePolls } from './unite-polls.js';

/** Polls that are united at a time: some 12 MB of them. */
const PAGE_POLLS = 1_000_000;

/**
 * Makes the table `staged_polls`, which lives until the transaction ends. `origins` names the file of each poll where
 * there are several.
 */
export async function createStaging(client: pg.ClientBase): Promise<void> {
  await client.query(
    `SET LOCAL work_mem = '64MB';
     CREATE TEMPORARY TABLE staged_polls (
       store_key integer NOT NULL, day date NOT NULL, polls bigint[] NOT NULL, origins integer[]
     ) ON COMMIT DROP`,
  );
}

/** What became of staged polls. */
export interface MergedPolls {
  /** By file. */
  counts: MergeCounts[];
  /** Days of which anything is another now: days since 1970-01-01. */
  changedDays: ReadonlySet<number>;
}

/**
 * Merges `staged_polls` into the store-days. Those that say the same as what is known stay untouched, those of which
 * nothing is known go in as they are; what is left is united here. The database could do it too, by a function for
 * each store-day, but took twenty times as long over a day with a hundred polls.
 *
 * @param staged how many polls of each file are staged.
 * @param bounds oldest and newest day, `2023-01-16`: the planner reads the partitions between them and no others.
 */
export async function mergeStaged(
  client: pg.PoolClient,
  staged: readonly number[],
  bounds: readonly [string, string],
): Promise<MergedPolls> {
  await client.query('ANALYZE staged_polls (store_key, day)');
  const known = (await isDistributed(client)) ? await fetchKnown(client, bounds) : 'store_day_polls';
  await listDiffering(client, known, bounds);
  const counts = staged.map(noCounts);
  const freshDays = await insertFresh(client, known, bounds, counts);
  const unitedDays = await uniteDiffering(client, counts);
  // What is left stands in store-days that said the same as what is known.
  for (const [file, count] of counts.entries())
    count.unchanged = staged[file]! - count.inserted - count.replaced;
  return { counts, changedDays: new Set([...freshDays, ...unitedDays]) };
}

/**
 * Where the store-days that `staged_polls` is compared with can be read: the table itself, or, where it lies in shards,
 * those of the staged ones that are known, brought to the coordinator: a table of its own and one in shards can't be
 * asked for what only one of them has.
 */
type KnownPolls = 'store_day_polls' | 'known_polls';

async function fetchKnown(client: pg.ClientBase, bounds: readonly [string, string]): Promise<KnownPolls> {
  await client.query(
    `CREATE TEMPORARY TABLE known_polls (store_key integer, day date, polls bigint[]) ON COMMIT DROP`,
  );
  await client.query(
    `INSERT INTO known_polls
     SELECT d.store_key, d.day, d.polls
       FROM store_day_polls AS d JOIN (SELECT store_key, day FROM staged_polls OFFSET 0) AS s
         ON s.store_key = d.store_key AND s.day = d.day
      WHERE d.day BETWEEN $1::date AND $2::date`,
    [...bounds],
  );
  await client.query('ANALYZE known_polls (store_key, day)');
  return 'known_polls';
}

/** Sets aside the store-days that are known otherwise, both versions of them, in pages that fit into memory. */
async function listDiffering(
  client: pg.ClientBase,
  known: KnownPolls,
  bounds: readonly [string, string],
): Promise<void> {
  await client.query(
    `CREATE TEMPORARY TABLE differing_polls (
       page integer, store_key integer, day date, known bigint[], given bigint[], origins integer[]
     ) ON COMMIT DROP`,
  );
  await client.query(
    `INSERT INTO differing_polls
     SELECT sum(cardinality(e.polls) + cardinality(s.polls)) OVER (ORDER BY s.store_key, s.day) / $3::int,
            s.store_key, s.day, e.polls, s.polls, s.origins
       FROM staged_polls AS s
       JOIN ${known} AS e
         ON e.store_key = s.store_key AND e.day = s.day AND e.day BETWEEN $1::date AND $2::date
      WHERE e.polls <> s.polls`,
    [...bounds, PAGE_POLLS],
  );
  await client.query('CREATE INDEX ON differing_polls (page)');
}

/** Store-days of which nothing is known. */
const freshIn = (known: KnownPolls): string => `
  staged_polls AS s
   WHERE NOT EXISTS (SELECT FROM ${known} AS e
                      WHERE e.store_key = s.store_key AND e.day = s.day AND e.day BETWEEN $1::date AND $2::date)`;

async function insertFresh(
  client: pg.ClientBase,
  known: KnownPolls,
  bounds: readonly [string, string],
  counts: readonly MergeCounts[],
): Promise<number[]> {
  if (counts.length > 1) await countFresh(client, known, bounds, counts);
  const { rows } = await client.query<{ day: number; polls: string }>(
    `WITH inserted AS (
       INSERT INTO store_day_polls (store_key, day, polls)
       SELECT s.store_key, s.day, s.polls FROM ${freshIn(known)} ORDER BY s.store_key, s.day
       RETURNING day, cardinality(polls) AS polls
     )
     SELECT day - date 'epoch' AS day, sum(polls) AS polls FROM inserted GROUP BY inserted.day`,
    [...bounds],
  );
  if (counts.length === 1) for (const { polls } of rows) counts[0]!.inserted += Number(polls);
  return rows.map(({ day }) => day);
}

async function countFresh(
  client: pg.ClientBase,
  known: KnownPolls,
  bounds: readonly [string, string],
  counts: readonly MergeCounts[],
): Promise<void> {
  const { rows } = await client.query<{ file: number; polls: string }>(
    `SELECT o.file, count(*) AS polls
       FROM (SELECT s.origins FROM ${freshIn(known)}) AS fresh CROSS JOIN LATERAL unnest(fresh.origins) AS o (file) GROUP BY 1`,
    [...bounds],
  );
  for (const { file, polls } of rows) counts[file]!.inserted += Number(polls);
}

async function uniteDiffering(client: pg.PoolClient, counts: readonly MergeCounts[]): Promise<number[]> {
  const pages = await client.query<{ page: number }>(
    'SELECT DISTINCT page FROM differing_polls ORDER BY page',
  );
  if (pages.rows.length === 0) return [];
  await client.query(
    `CREATE TEMPORARY TABLE united_polls (store_key integer, day date, polls bigint[]) ON COMMIT DROP`,
  );
  for (const { page } of pages.rows) {
    const rows = await copyOut(
      client,
      `SELECT store_key, day, known, given, origins FROM differing_polls WHERE page = ${Number(page)} ORDER BY store_key, day`,
    );
    await unitePage(client, rows, counts);
  }
  await client.query(
    `INSERT INTO store_day_polls AS d (store_key, day, polls)
     SELECT store_key, day, polls FROM united_polls ORDER BY store_key, day
     ON CONFLICT (store_key, day) DO UPDATE SET polls = excluded.polls`,
  );
  const { rows } = await client.query<{ day: number }>(
    `SELECT DISTINCT day - date 'epoch' AS day FROM united_polls`,
  );
  return rows.map(({ day }) => day);
}

async function unitePage(
  client: pg.PoolClient,
  rows: BinaryRows,
  counts: readonly MergeCounts[],
): Promise<void> {
  await copyIn(client, 'united_polls', ['store_key', 'day', 'polls'], async (target) => {
    while (rows.next()) {
      const storeKey = rows.int4()!;
      // A date is an int4 on the wire, and goes back as it came.
      const day = rows.int4()!;
      const known = pollsOf(rows);
      const given = pollsOf(rows);
      const origins = rows.int4Array();
      if (!countNews(known, given, origins, counts)) continue;
      const { polls } = unitePolls(known, given);
      target.row(3);
      target.int4(storeKey);
      target.int4(day);
      target.int8Array(polls, 0, polls.length);
      await target.drained();
    }
  });
}

/**
 * Counts for its file each poll that says something new of its instant. @returns whether there was any: a subset of
 * what is known changes nothing.
 */
function countNews(
  known: Float64Array,
  given: Float64Array,
  origins: Int32Array | null,
  counts: readonly MergeCounts[],
): boolean {
  let k = 0;
  let news = false;
  for (let g = 0; g < given.length; g++) {
    const code = given[g]!;
    const instant = Math.floor(code / 2);
    while (k < known.length && Math.floor(known[k]! / 2) < instant) k++;
    if (known[k] === code) continue;
    news = true;
    const isKnown = k < known.length && Math.floor(known[k]! / 2) === instant;
    counts[origins?.[g] ?? 0]![isKnown ? 'replaced' : 'inserted']++;
  }
  return news;
}

function pollsOf(rows: BinaryRows): Float64Array {
  const polls = new Float64Array(rows.peekElements());
  rows.int8ArrayInto(polls, 0);
  return polls;
}
