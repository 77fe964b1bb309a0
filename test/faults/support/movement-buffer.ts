import { Redis } from 'ioredis';
import { waitFor } from '../../../src/platform/wait.js';
import { pause } from './pause.js';

const LOOK_EVERY_MS = 2;
const WAITING = 'movement_logs';
/** Lists that workers have taken a batch to. */
const TAKEN = '{movement_logs}:*';

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

  /** How many events workers have taken and not stored, by list. */
  async taken(): Promise<Map<string, number>> {
    const taken = new Map<string, number>();
    for (const key of await this.client.keys(TAKEN)) {
      if ((await this.client.type(key)) === 'list') taken.set(key, await this.client.llen(key));
    }
    return taken;
  }

  /** Whether a worker has a batch now that none had at the earlier look. */
  async hasTakenSince(earlier: ReadonlyMap<string, number>): Promise<boolean> {
    return [...(await this.taken())].some(([list, events]) => events > (earlier.get(list) ?? 0));
  }

  /** Waits until a worker has taken a batch that none had at the earlier look. @returns false when the time is up. */
  async untilTaken(limitMs: number, earlier: ReadonlyMap<string, number> = new Map()): Promise<boolean> {
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
