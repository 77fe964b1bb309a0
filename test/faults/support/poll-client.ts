import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Draws } from './schedule.js';
import { pause } from './pause.js';
import type { SiteDatabase } from './site-database.js';

/** Stores of live polls begin so; no file names such a store. */
export const LIVE_STORE = 'live-';
const STORES = 40;
const BEGIN_MS = Date.parse('2023-06-01T00:00:00Z');
const POLLS_A_CLIENT = 1_000_000;
const MOST_A_REQUEST = 60;
const REFUSED_PAUSE_MS = 20;

/** The polls of one request, by their numbers: from `first` on, `count` of them. */
interface NumberedPolls {
  first: number;
  count: number;
}

/** Posts numbered polls over several connections, and knows which requests were answered. */
export class PollClient {
  /** Answered 202. */
  readonly kept: NumberedPolls[] = [];
  /** The connection broke before an answer came, or the answer was that it is not certain. */
  readonly uncertain: NumberedPolls[] = [];
  /** Every status that was answered. */
  readonly statuses = new Set<number>();

  private readonly begin: number;
  private next: number;
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  /**
   * @param origin where the server is now.
   * @param place among the clients of a database: their polls have nothing in common.
   */
  constructor(
    private readonly origin: () => string,
    private readonly draws: Draws,
    place: number,
  ) {
    this.begin = place * POLLS_A_CLIENT;
    this.next = this.begin;
  }

  start(connections = 3): void {
    this.stopped = false;
    this.running = Promise.all(Array.from({ length: connections }, () => this.run()));
  }

  /** Lets every request that is under way come to its end. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Sends again what was not answered, where `chosen` says so; the rest stays uncertain. */
  async sendUncertainAgain(chosen: () => boolean): Promise<void> {
    for (const polls of this.uncertain.splice(0)) {
      if (chosen()) await this.sendAgain(polls);
      else this.uncertain.push(polls);
    }
  }

  /** Sends the last requests again that were answered. */
  async sendKeptAgain(requests: number): Promise<void> {
    for (const polls of this.kept.slice(-requests)) await this.sendAgain(polls);
  }

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

  private async sendAgain(polls: NumberedPolls): Promise<void> {
    expect(await this.send(polls)).toBe(202);
    if (!this.kept.includes(polls)) this.kept.push(polls);
  }

  /** @returns the status, null when the connection broke. */
  private send(polls: NumberedPolls): Promise<number | null> {
    const rows = Array.from({ length: polls.count }, (_, index) => pollOf(polls.first + index));
    if (rows.length === 1) return post(this.origin(), 'application/json', JSON.stringify(rows[0]));
    if (polls.first % 2 === 0) return post(this.origin(), 'application/json', JSON.stringify(rows));
    return post(
      this.origin(),
      'application/x-ndjson',
      rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const polls = { first: this.next, count: this.draws.whole(1, MOST_A_REQUEST) };
      this.next += polls.count;
      const status = await this.send(polls);
      if (status !== null) this.statuses.add(status);
      if (status === 202) this.kept.push(polls);
      else {
        this.uncertain.push(polls);
        await pause(REFUSED_PAUSE_MS);
      }
    }
  }
}

/** The different numbers of times that the polls of a request are there. */
function timesOf(stored: ReadonlyMap<number, number>, { first, count }: NumberedPolls): number[] {
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

/** Bare HTTP: a broken connection has to show at once and for this request, and must not be tried again. */
async function post(origin: string, type: string, body: string): Promise<number | null> {
  const sent = request(`${origin}/api/v1/polls`, {
    method: 'POST',
    headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
    agent: false,
  });
  sent.end(body);
  try {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const ended = once(answer, 'end');
    answer.resume();
    await ended;
    return answer.statusCode ?? null;
  } catch {
    // Refused, or cut off: what became of the polls is not known.
    return null;
  }
}
