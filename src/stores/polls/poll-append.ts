import type pg from 'pg';
import { int4Array, int8Array } from '../../platform/database/binary-parameters.js';
import { copyOut } from '../../platform/database/copy-binary-reader.js';
import { isDistributed } from '../../platform/database/distributed.js';
import { dateOfDay, weekOfDay } from './poll-partitions.js';
import { MOST_POLLS_A_DAY, uniteWithin } from './unite-polls.js';

/** Known polls that are in memory at a time while they are united with others: 8 MB of them, and as much again. */
const KNOWN_POLLS_A_TIME = 1_000_000;
/** Store-days that are united at a time where nothing is known of how many polls they hold. */
const STORE_DAYS_A_TIME = 2_048;

/** The polls of one store on one UTC day: codes sorted, one for each instant. */
export interface KeyedStoreDay {
  key: number;
  /** Days since 1970-01-01. */
  day: number;
  polls: Float64Array;
}

/** What became of polls. */
export interface AddedPolls {
  surplus: KeyedStoreDay[];
  /** Days since 1970-01-01. */
  changedDays: Set<number>;
}

/**
 * Adds polls to the store-days; where an instant is known, the new status holds. Meant for small and frequent
 * additions, most of them later than all that is known: those are appended where they stand, in one statement and
 * without a temporary table, which at a fold a second would be 86,400 a day in the server's catalogue.
 *
 * @param storeDays none twice. The partitions are there, and the caller holds the facts' lock.
 * @returns the polls that had no room in their store-day, and the days of which anything is another now.
 */
export async function addPolls(
  client: pg.PoolClient,
  storeDays: readonly KeyedStoreDay[],
): Promise<AddedPolls> {
  const byWeek = new Map<number, KeyedStoreDay[]>();
  for (const storeDay of storeDays) {
    const week = weekOfDay(storeDay.day);
    const some = byWeek.get(week);
    if (some === undefined) byWeek.set(week, [storeDay]);
    else some.push(storeDay);
  }
  const added: AddedPolls = { surplus: [], changedDays: new Set() };
  // The planner reads one partition and no others.
  const add = (await isDistributed(client)) ? addToShards : addToWeek;
  for (const some of byWeek.values()) await add(client, some, added);
  return added;
}

/** The one statement below reads and writes rows that lie on several nodes, which no node can do. */
async function addToShards(
  client: pg.PoolClient,
  storeDays: readonly KeyedStoreDay[],
  added: AddedPolls,
): Promise<void> {
  const bounds = boundsOf(storeDays);
  for (let start = 0; start < storeDays.length; start += STORE_DAYS_A_TIME)
    await unite(client, storeDays.slice(start, start + STORE_DAYS_A_TIME), bounds, added);
}

async function addToWeek(
  client: pg.PoolClient,
  storeDays: readonly KeyedStoreDay[],
  added: AddedPolls,
): Promise<void> {
  const bounds = boundsOf(storeDays);
  const { rows } = await client.query<[number, number]>({
    text: `
      WITH given AS MATERIALIZED (${GIVEN}),
      appended AS (
        UPDATE store_day_polls AS d SET polls = d.polls || given.polls FROM given
         WHERE d.store_key = given.store_key AND d.day = given.day AND d.day BETWEEN $6::date AND $7::date
           AND d.polls[cardinality(d.polls)] >> 1 < given.polls[1] >> 1
           AND cardinality(d.polls) + cardinality(given.polls) <= ${MOST_POLLS_A_DAY}
        RETURNING given.place
      ),
      inserted AS (
        INSERT INTO store_day_polls (store_key, day, polls)
        SELECT store_key, day, polls FROM given
         WHERE cardinality(polls) <= ${MOST_POLLS_A_DAY}
           AND NOT EXISTS (SELECT FROM store_day_polls AS d
                            WHERE d.store_key = given.store_key AND d.day = given.day AND d.day BETWEEN $6::date AND $7::date)
         ORDER BY store_key, day
      )
      SELECT place::int, coalesce(cardinality(d.polls), 0)
        FROM given
        LEFT JOIN store_day_polls AS d
          ON d.store_key = given.store_key AND d.day = given.day AND d.day BETWEEN $6::date AND $7::date
       WHERE place NOT IN (SELECT place FROM appended)
         AND (d.store_key IS NOT NULL OR cardinality(given.polls) > ${MOST_POLLS_A_DAY})`,
    values: [...parametersOf(storeDays), ...bounds],
    rowMode: 'array',
  });
  const left = new Set(rows.map(([place]) => place - 1));
  for (const [index, { day }] of storeDays.entries()) if (!left.has(index)) added.changedDays.add(day);
  let some: KeyedStoreDay[] = [];
  let known = 0;
  for (const [place, count] of rows) {
    some.push(storeDays[place - 1]!);
    known += count;
    if (known < KNOWN_POLLS_A_TIME) continue;
    await unite(client, some, bounds, added);
    some = [];
    known = 0;
  }
  if (some.length > 0) await unite(client, some, bounds, added);
}

/** Polls among those that are known: read, united here and written back. */
async function unite(
  client: pg.PoolClient,
  storeDays: readonly KeyedStoreDay[],
  bounds: readonly [string, string],
  added: AddedPolls,
): Promise<void> {
  const knownOf = await readKnown(client, storeDays, bounds);
  const changed: KeyedStoreDay[] = [];
  for (const { key, day, polls } of storeDays) {
    const known = knownOf.get(`${key} ${day}`) ?? new Float64Array(0);
    const united = uniteWithin(known, polls, MOST_POLLS_A_DAY);
    if (united.surplus.length > 0) added.surplus.push({ key, day, polls: united.surplus });
    if (united.changes) changed.push({ key, day, polls: united.polls });
  }
  if (changed.length === 0) return;
  for (const { day } of changed) added.changedDays.add(day);
  await client.query(
    `WITH given AS (${GIVEN})
     INSERT INTO store_day_polls AS d (store_key, day, polls)
     SELECT store_key, day, polls FROM given ORDER BY store_key, day
     ON CONFLICT (store_key, day) DO UPDATE SET polls = excluded.polls`,
    parametersOf(changed),
  );
}

async function readKnown(
  client: pg.PoolClient,
  storeDays: readonly KeyedStoreDay[],
  [from, to]: readonly [string, string],
): Promise<Map<string, Float64Array>> {
  const keys = storeDays.map(({ key }) => key).join();
  const days = storeDays.map(({ day }) => day).join();
  const rows = await copyOut(
    client,
    `SELECT d.store_key, d.day - date 'epoch', d.polls
       FROM unnest('{${keys}}'::int[], '{${days}}'::int[]) AS given (store_key, day)
       JOIN store_day_polls AS d
         ON d.store_key = given.store_key AND d.day = date 'epoch' + given.day AND d.day BETWEEN '${from}' AND '${to}'`,
  );
  const known = new Map<string, Float64Array>();
  while (rows.next()) {
    const name = `${rows.int4()} ${rows.int4()}`;
    const polls = new Float64Array(rows.peekElements());
    rows.int8ArrayInto(polls, 0);
    known.set(name, polls);
  }
  return known;
}

/** Rows of `place` (from 1), store, day and polls; the polls of all stand one after another in one array. */
const GIVEN = `
  SELECT g.place, g.store_key, date 'epoch' + g.day AS day, ($5::bigint[])[g.first:g.last] AS polls
    FROM unnest($1::int[], $2::int[], $3::int[], $4::int[]) WITH ORDINALITY AS g (store_key, day, first, last, place)`;

function parametersOf(storeDays: readonly KeyedStoreDay[]): Buffer[] {
  const count = storeDays.reduce((sum, { polls }) => sum + polls.length, 0);
  const all = new Float64Array(count);
  const first = new Int32Array(storeDays.length);
  const last = new Int32Array(storeDays.length);
  let used = 0;
  for (const [index, { polls }] of storeDays.entries()) {
    all.set(polls, used);
    first[index] = used + 1;
    used += polls.length;
    last[index] = used;
  }
  return [
    int4Array(storeDays.map(({ key }) => key)),
    int4Array(storeDays.map(({ day }) => day)),
    int4Array(first),
    int4Array(last),
    int8Array(all),
  ];
}

function boundsOf(storeDays: readonly KeyedStoreDay[]): [string, string] {
  let least = Infinity;
  let most = -Infinity;
  for (const { day } of storeDays) {
    least = Math.min(least, day);
    most = Math.max(most, day);
  }
  return [dateOfDay(least), dateOfDay(most)];
}
