import { makePolls } from './poll-files.js';
import { type Numbers, NumberedClient, NUMBERS_A_CLIENT, post } from './numbered-client.js';
import type { SiteDatabase } from './site-database.js';

/** Some of the stores that the events name; the last one is known to nobody. */
const STORES = ['store-0', 'store-1', 'store-2', 'store-3', 'Nobody knows it'] as const;
/** A load of these makes the stores known. */
export const KNOWN_STORES = makePolls({
  stores: STORES.length - 1,
  pollsAStore: 1,
  from: '2023-01-02T00:00:00Z',
  inactiveEvery: 5,
});

/** Ten minutes before a midnight: events fall into several days, none of which is ahead of the clock or expires. */
const BEGIN_MS = (Math.floor(Date.now() / 86_400_000) - 1) * 86_400_000 - 600_000;
const STEP_MS = 250;
/** They walk at the same time, and each has another track after so many events of all. */
const PEOPLE = 12;
const EVENTS_A_TRACK = 3_000;

/** Posts numbered movement events over several connections, and knows which requests were answered. */
export class MovementClient extends NumberedClient {
  /** What the answers to accepted requests said of their events: `stored` already, or not yet. */
  readonly ways = new Set<'buffered' | 'stored'>();

  /** Events that were accepted. */
  get accepted(): number {
    return this.kept.reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * Expects every accepted event once, those of an uncertain request at most once, and no others.
   *
   * @param removed how many of them were removed before they were stored; which ones is not known.
   */
  async expectStored(site: SiteDatabase, removed = 0): Promise<void> {
    const stored = new Map(
      [...(await storedMovements(site))].filter(([number]) => number >= this.begin && number < this.next),
    );
    expect([...stored].filter(([, times]) => times !== 1)).toEqual([]);
    const missing = this.kept.flatMap(numbersOf).filter((number) => !stored.has(number));
    const uncertain = new Set(this.uncertain.flatMap(numbersOf));
    if (removed === 0) expect(missing).toEqual([]);
    else if (uncertain.size === 0) expect(missing).toHaveLength(removed);
    const strangers = [...stored.keys()].filter((number) => !uncertain.has(number)).length;
    expect(strangers).toBe(this.accepted - missing.length);
  }

  protected async send(events: Numbers): Promise<number | null> {
    const rows = numbersOf(events).map(eventOf);
    const url = `${this.origin()}/api/v1/movements`;
    const body = rows.length === 1 ? rows[0] : rows;
    const answer = await post(url, 'application/json', JSON.stringify(body));
    if (answer?.status === 202) {
      const { stored } = JSON.parse(answer.text) as { stored: boolean };
      this.ways.add(stored ? 'stored' : 'buffered');
    }
    return answer?.status ?? null;
  }
}

/** How often each number is stored, as it was sent. */
async function storedMovements(site: SiteDatabase): Promise<Map<number, number>> {
  const rows = await site.query<{ number: number; times: number }>(
    `SELECT number, count(*)::int AS times
       FROM (SELECT substr(event_id, 7)::int AS number, at_us, track_id, store_name FROM movement_events
              WHERE event_id LIKE 'event-%') AS stored
      WHERE at_us = ($1::bigint + (number % $2) * $3) * 1000
        AND track_id = number / $4 * $5 + number % $5
        AND store_name = ($6::text[])[1 + number % cardinality($6::text[])]
      GROUP BY 1`,
    [BEGIN_MS, NUMBERS_A_CLIENT, STEP_MS, EVENTS_A_TRACK, PEOPLE, STORES],
  );
  return new Map(rows.map(({ number, times }) => [number, times]));
}

function numbersOf({ first, count }: Numbers): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** The number of an event tells all of it. */
function eventOf(number: number): object {
  const person = number % PEOPLE;
  const x = 0.5 + 0.4 * Math.sin(number / 700 + person);
  const y = 0.55 + 0.4 * Math.sin(number / 900 + 2 * person);
  return {
    event_id: `event-${number}`,
    user_id: `person-${person}`,
    track_id: Math.floor(number / EVENTS_A_TRACK) * PEOPLE + person,
    camera_id: `camera-${number % 3}`,
    bbox: [x - 0.02, y - 0.1, x + 0.02, y],
    bbox_format: 'norm',
    state: 'walking',
    store: STORES[number % STORES.length],
    timestamp: new Date(BEGIN_MS + (number % NUMBERS_A_CLIENT) * STEP_MS).toISOString(),
  };
}
