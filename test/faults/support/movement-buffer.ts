import { Redis } from 'ioredis';
import { waitFor } from '../../../src/platform/wait.js';
import { pause } from './pause.js';

const LOOK_EVERY_MS = 2;
const WAITING = 'movement_logs';
/** By whoever looks whether Redis keeps what it is given; the second look has begun after it was waited for. */
const SETTINGS_ASKED_FOR = 3;
/** Lists that workers have taken a batch to. */
const TAKEN = '{movement_logs}:*';

/** What a worker has taken at once. */
interface TakenBatch {
  readonly events: number;
  /** The oldest of them, as it lies there. */
  readonly first: string;
}

/** What lies in Redis of movement events, as operators see it. */
export class MovementBuffer {
  private readonly client: Redis;

  constructor(url: string) {
    this.client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    // Redis is killed by the tests; the client comes back by itself.
    this.client.on('error', () => undefined);
  }

  close(): void {
    this.client.disconnect();
  }

  get redis(): Redis {
    return this.client;
  }

  waiting(): Promise<number> {
    return this.client.llen(WAITING);
  }

  /** What workers have taken and not stored, by list. */
  async taken(): Promise<Map<string, TakenBatch>> {
    const taken = new Map<string, TakenBatch>();
    for (const key of await this.client.keys(TAKEN)) {
      if ((await this.client.type(key)) !== 'list') continue;
      const [events, first] = await Promise.all([this.client.llen(key), this.client.lindex(key, 0)]);
      if (first !== null) taken.set(key, { events, first });
    }
    return taken;
  }

  /** Whether a worker has a batch now that none had at the earlier look. */
  async hasTakenSince(earlier: ReadonlyMap<string, TakenBatch>): Promise<boolean> {
    // A worker takes one batch after another to the same list.
    return [...(await this.taken())].some(([list, { first }]) => earlier.get(list)?.first !== first);
  }

  /** Waits until a worker has taken a batch that none had at the earlier look. @returns false when the time is up. */
  async untilTaken(limitMs: number, earlier: ReadonlyMap<string, TakenBatch> = new Map()): Promise<boolean> {
    for (const begun = performance.now(); performance.now() - begun < limitMs; await pause(LOOK_EVERY_MS)) {
      if (await this.hasTakenSince(earlier)) return true;
    }
    return false;
  }

  /** Lets the time of every taken batch be over. When all who took one are dead. */
  async endLeases(): Promise<void> {
    const leases = [...(await this.taken()).keys()].map((list) => `${list}:lease`);
    if (leases.length > 0) await this.client.del(leases);
  }

  /**
   * Waits until somebody has asked Redis how it is set, from the first word to the last, after this was called.
   *
   * @param look makes the server ask, sooner or later.
   */
  async untilAsked(limitMs: number, look: () => Promise<unknown>): Promise<void> {
    await this.client.config('RESETSTAT');
    const asked = await waitFor(async () => {
      await look();
      const calls = /cmdstat_config\|get:calls=(\d+)/.exec(await this.client.info('commandstats'))?.[1];
      return Number(calls ?? 0) >= 2 * SETTINGS_ASKED_FOR ? true : null;
    }, limitMs);
    if (asked === null) throw new Error('Nobody asks Redis how it is set.');
  }

  /** Waits until nothing waits and nothing is taken. @throws what is left when the time is up. */
  async untilEmpty(limitMs: number, words: () => string): Promise<void> {
    let left: unknown;
    const empty = await waitFor(async () => {
      const [waiting, taken] = [await this.waiting(), await this.taken()];
      left = { waiting, taken: Object.fromEntries(taken) };
      return waiting === 0 && taken.size === 0 ? true : null;
    }, limitMs);
    if (empty === null) throw new Error(`Events are left in Redis: ${JSON.stringify(left)}\n${words()}`);
  }
}
