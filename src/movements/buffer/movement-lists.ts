import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { RedisClient } from '../../platform/queue/redis-client.js';

/** Where accepted events wait. Operators look at it with LLEN, so it has no prefix. */
export const WAITING = 'movement_logs';
/** Of every other key; the braces put them all on the node of a cluster that has the list. */
const PREFIX = '{movement_logs}:';
/** Names of the lists to which flushers have taken batches. */
const TAKEN = `${PREFIX}taken`;
/** Never there. */
const NOTHING = `${PREFIX}nothing`;

/** So long a batch belongs to whoever took it without a word from him. */
export const LEASE_MS = 15_000;

/** Between two looks whether Redis has written what it took, and how long that may take. */
const WRITTEN_LOOK_MS = 3;
const WRITTEN_LIMIT_MS = 1_000;

/** Whoever holds it has taken a batch: the name of a list of his own. */
export type OwnList = string & { readonly own: unique symbol };

/** How much there is in the lists. */
export interface ListHeads {
  readonly waiting: number;
  /** In batches that were taken and are not stored yet. */
  readonly inFlight: number;
  /** The oldest of each list. */
  readonly firsts: readonly string[];
}

/**
 * The lists in Redis, moved by scripts alone: each happens whole or not at all, whoever dies meanwhile.
 *
 * A full Redis refuses every command that needs memory, but never in the middle of a script: one that has begun with a
 * command that needs none is carried through. So each that takes events away begins with a DEL of nothing, and what
 * fills Redis can always be worked off. Only adding is refused.
 */
@Injectable()
export class MovementLists {
  constructor(private readonly redis: RedisClient) {}

  isReady(): boolean {
    return this.redis.isReady();
  }

  /** How many wait; batches that were taken are not counted. */
  length(): Promise<number> {
    return this.redis.get().llen(WAITING);
  }

  /**
   * Adds all or none; they are in the append-only file when it returns.
   *
   * @returns how many wait then; null when that would be more than `limit`.
   * @throws when Redis does not write them in time; it has them, and may keep them.
   */
  async add(elements: readonly string[], limit: number): Promise<number | null> {
    const length = await this.run(ADD, [WAITING], [limit, ...elements]);
    if (length === -1) return null;
    await this.untilWritten();
    return length as number;
  }

  /**
   * With `appendfsync everysec` Redis puts off writing for up to two seconds while its disk is still busy with what it
   * wrote before, and says meanwhile that it has taken what would be gone with it if it were killed.
   */
  private async untilWritten(): Promise<void> {
    const endMs = performance.now() + WRITTEN_LIMIT_MS;
    while ((await this.run(UNWRITTEN, [WAITING], [])) !== 0) {
      if (performance.now() > endMs) throw new Error('its disk is too slow for its append-only file');
      await delay(WRITTEN_LOOK_MS);
    }
  }

  /** Takes the oldest, under a lease. @returns them; none when nothing waits. */
  async take(own: OwnList, most: number): Promise<string[]> {
    return (await this.run(TAKE, [WAITING, own, leaseOf(own), TAKEN, NOTHING], [most, LEASE_MS])) as string[];
  }

  /** Holds on to a batch. */
  async renew(own: OwnList): Promise<void> {
    await this.redis.get().pexpire(leaseOf(own), LEASE_MS);
  }

  /** Replaces elements of a batch by their places. @returns false when the lease has ended and the batch is gone. */
  async replace(own: OwnList, elements: ReadonlyMap<number, string>): Promise<boolean> {
    return (await this.run(REPLACE, [own, NOTHING], [...elements].flat())) === 1;
  }

  /** Forgets a batch that is stored. @returns false when the lease had ended and somebody else has the batch. */
  async done(own: OwnList): Promise<boolean> {
    return (await this.run(DONE, [own, leaseOf(own), TAKEN], [])) === 1;
  }

  /** Puts a batch back to where it was. */
  async handBack(own: OwnList): Promise<void> {
    await this.run(HAND_BACK, [WAITING, own, leaseOf(own), TAKEN, NOTHING], ['own']);
  }

  /** Puts every batch back whose lease has ended. @returns how many events. */
  async reclaim(): Promise<number> {
    let events = 0;
    for (const own of await this.taken()) {
      const keys = [WAITING, own, leaseOf(own), TAKEN, NOTHING];
      events += Number(await this.run(HAND_BACK, keys, ['ended']));
    }
    return events;
  }

  /** Batches that are being stored, or whose lease has yet to end. */
  async taken(): Promise<OwnList[]> {
    return (await this.redis.get().smembers(TAKEN)) as OwnList[];
  }

  /** The first element of each list: of what waits, and of every batch that was taken; and how many there are in all. */
  async heads(): Promise<ListHeads> {
    const redis = this.redis.get();
    const [waiting, first, taken] = await Promise.all([
      redis.llen(WAITING),
      redis.lindex(WAITING, 0),
      this.taken(),
    ]);
    const batches = await Promise.all(
      taken.map(async (own) => ({ length: await redis.llen(own), first: await redis.lindex(own, 0) })),
    );
    return {
      waiting,
      inFlight: batches.reduce((sum, { length }) => sum + length, 0),
      firsts: [first, ...batches.map((batch) => batch.first)].filter((one) => one !== null),
    };
  }

  /** Of those that wait, from place `from` to place `to`; counted from the end, so that -1 is the newest. */
  some(from: number, to: number): Promise<string[]> {
    return this.redis.get().lrange(WAITING, from, to);
  }

  /** @returns how many of them waited. */
  remove(element: string): Promise<number> {
    return this.redis.get().lrem(WAITING, 0, element);
  }

  /** Empties what waits. @returns exactly how many that were. */
  async clear(): Promise<number> {
    return (await this.run(CLEAR, [WAITING], [])) as number;
  }

  private run(
    script: string,
    keys: readonly string[],
    words: readonly (string | number)[],
  ): Promise<unknown> {
    return this.redis.get().eval(script, keys.length, ...keys, ...words);
  }
}

/** A name for one flusher's list, used by nobody before and after him. */
export function ownList(id: string): OwnList {
  return `${PREFIX}${id}` as OwnList;
}

function leaseOf(own: OwnList): string {
  return `${own}:lease`;
}

// Lua passes some thousand values to one call, no more.
const ADD = `
  local waiting = redis.call('LLEN', KEYS[1])
  if waiting + #ARGV - 1 > tonumber(ARGV[1]) then return -1 end
  for first = 2, #ARGV, 1000 do
    waiting = redis.call('RPUSH', KEYS[1], unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
  return waiting`;

// What other commands of the same moment have still to write counts as well: then it is looked at once more.
const UNWRITTEN = `
  return tonumber(string.match(redis.call('INFO', 'persistence'), 'aof_buffer_length:(%d+)') or 0)`;

const TAKE = `
  redis.call('DEL', KEYS[5])
  local some = redis.call('LRANGE', KEYS[2], 0, -1)
  if #some == 0 then
    some = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
    if #some == 0 then return some end
    redis.call('RPUSH', KEYS[2], unpack(some))
    redis.call('LTRIM', KEYS[1], #some, -1)
  end
  redis.call('SET', KEYS[3], 'held', 'PX', ARGV[2])
  redis.call('SADD', KEYS[4], KEYS[2])
  return some`;

const REPLACE = `
  redis.call('DEL', KEYS[2])
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  for place = 1, #ARGV, 2 do redis.call('LSET', KEYS[1], ARGV[place], ARGV[place + 1]) end
  return 1`;

const DONE = `
  redis.call('SREM', KEYS[3], KEYS[1])
  redis.call('DEL', KEYS[2])
  return redis.call('DEL', KEYS[1])`;

const HAND_BACK = `
  if ARGV[1] ~= 'own' and redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
  redis.call('DEL', KEYS[5])
  local moved = 0
  while redis.call('LMOVE', KEYS[2], KEYS[1], 'RIGHT', 'LEFT') do moved = moved + 1 end
  redis.call('SREM', KEYS[4], KEYS[2])
  redis.call('DEL', KEYS[3])
  return moved`;

const CLEAR = `
  local waiting = redis.call('LLEN', KEYS[1])
  redis.call('DEL', KEYS[1])
  return waiting`;
