import { createHash } from 'node:crypto';
import { LIVE_STORE } from './poll-client.js';

/** Polls by store and instant (`2023-01-02T00:00:00Z`), each `active` or `inactive`. */
export type Polls = ReadonlyMap<string, string>;

/** What a set of polls is recognised by: equal only when all polls are. */
export interface PollDigest {
  polls: number;
  /** Pairs of store and instant; as many as polls where nothing is there twice. */
  distinct: number;
  md5: string;
}

export const NO_POLLS: PollDigest = { polls: 0, distinct: 0, md5: createHash('md5').digest('hex') };

/** Drawn up so that two sets that overlap disagree on some of what both know. */
export interface PollsPlan {
  stores: number;
  pollsAStore: number;
  /** The first instant; the others follow every ten minutes. */
  from: string;
  /** Every n-th poll of a store is inactive. */
  inactiveEvery: number;
}

/** Makes polls, sweep by sweep as a collector does. */
export function makePolls({ stores, pollsAStore, from, inactiveEvery }: PollsPlan): Polls {
  const polls = new Map<string, string>();
  const begin = Date.parse(from);
  for (let sweep = 0; sweep < pollsAStore; sweep++) {
    const instant = `${new Date(begin + sweep * 600_000).toISOString().slice(0, 19)}Z`;
    for (let store = 0; store < stores; store++) {
      const status = (sweep + store) % inactiveEvery === 0 ? 'inactive' : 'active';
      polls.set(`store-${store}|${instant}`, status);
    }
  }
  return polls;
}

/** The file that brings these polls. */
export function pollsCsv(polls: Polls): string {
  const lines = ['store_id,status,timestamp_utc'];
  for (const [key, status] of polls) {
    const [store, instant] = key.split('|') as [string, string];
    lines.push(`${store},${status},${instant.replace('T', ' ').replace('Z', ' UTC')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What is there when one set is loaded after another: of an instant that both know the later holds. */
export function loadedAfter(earlier: Polls, later: Polls): Polls {
  return new Map([...earlier, ...later]);
}

/** The digest that the database has to show for these polls; see `storedPolls`. */
export function digestOf(polls: Polls): PollDigest {
  const rows = Array.from(polls, ([key, status]) => `${key}|${status}\n`).sort();
  const hash = createHash('md5');
  for (const row of rows) hash.update(row);
  return { polls: rows.length, distinct: polls.size, md5: hash.digest('hex') };
}

/** The digest of the view `store_status`, live polls apart. */
export const STORED_POLLS = `
  SELECT count(*)::int AS polls, count(DISTINCT key)::int AS distinct,
         md5(coalesce(string_agg(key || '|' || status || E'\\n', '' ORDER BY key COLLATE "C", status), '')) AS md5
    FROM (SELECT store_id || '|' || to_char(timestamp_utc AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS key, status
            FROM store_status WHERE store_id NOT LIKE '${LIVE_STORE}%') AS stored`;
