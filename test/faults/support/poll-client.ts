import { type Numbers, NumberedClient, post } from './numbered-client.js';
import type { SiteDatabase } from './site-database.js';

/** Stores of live polls begin so; no file names such a store. */
export const LIVE_STORE = 'live-';
const STORES = 40;
const BEGIN_MS = Date.parse('2023-06-01T00:00:00Z');

/** Posts numbered polls over several connections, and knows which requests were answered. */
export class PollClient extends NumberedClient {
  /**
   * Expects every poll that was answered once, those of each uncertain request all once or not at all, and no others.
   *
   * @returns how often each number is there.
   */
  async expectStored(site: SiteDatabase): Promise<Map<number, number>> {
    const stored = new Map(
      [...(await site.storedLivePolls())].filter(([number]) => number >= this.begin && number < this.next),
    );
    expect(this.kept.length).toBeGreaterThan(0);
    const missing = this.kept.filter((polls) => timesOf(stored, polls).join() !== '1');
    expect(missing).toEqual([]);
    const torn = this.uncertain.filter((polls) => !['0', '1'].includes(timesOf(stored, polls).join()));
    expect(torn).toEqual([]);
    const there = [...this.kept, ...this.uncertain.filter(({ first }) => stored.has(first))];
    expect(stored.size).toBe(there.reduce((sum, { count }) => sum + count, 0));
    return stored;
  }

  protected async send(polls: Numbers): Promise<number | null> {
    const rows = Array.from({ length: polls.count }, (_, index) => pollOf(polls.first + index));
    const [type, body] =
      rows.length === 1
        ? ['application/json', JSON.stringify(rows[0])]
        : polls.first % 2 === 0
          ? ['application/json', JSON.stringify(rows)]
          : ['application/x-ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join('')];
    return (await post(`${this.origin()}/api/v1/polls`, type!, body!))?.status ?? null;
  }
}

/** The different numbers of times that the polls of a request are there. */
function timesOf(stored: ReadonlyMap<number, number>, { first, count }: Numbers): number[] {
  return [...new Set(Array.from({ length: count }, (_, index) => stored.get(first + index) ?? 0))];
}

/** The number of a poll tells its store, its instant and its status. */
function pollOf(number: number): { store_id: string; status: string; timestamp_utc: string } {
  return {
    store_id: `${LIVE_STORE}${number % STORES}`,
    status: number % 7 === 0 ? 'inactive' : 'active',
    timestamp_utc: new Date(BEGIN_MS + number * 100).toISOString(),
  };
}

/** What has been stored of live polls: how often each number, with its own status and store, is there. */
export const STORED_LIVE_POLLS = `
  SELECT number::int, count(*)::int AS times
    FROM (SELECT (extract(epoch FROM timestamp_utc) - ${BEGIN_MS / 1_000}) * 10 AS number, store_id, status FROM store_status
           WHERE store_id LIKE '${LIVE_STORE}%') AS stored
   WHERE store_id = '${LIVE_STORE}' || (number::int % ${STORES})
     AND status = CASE WHEN number::int % 7 = 0 THEN 'inactive' ELSE 'active' END
   GROUP BY number`;
