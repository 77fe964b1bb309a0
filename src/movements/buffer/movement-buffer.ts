import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Environment } from '../../platform/environment.js';
import { Problem } from '../../platform/problem.js';
import { RedisAway } from '../../platform/queue/redis-client.js';
import { RedisWatch } from '../../platform/queue/redis-watch.js';
import { within } from '../../platform/within.js';
import type { MovementEvent } from '../movement-event.js';
import { DirectStoring } from './direct-storing.js';
import { FlushRequests } from './flush-requests.js';
import { BATCH, bufferFull } from './limits.js';
import { elementOf, eventOf } from './movement-element.js';
import { LEASE_MS, MovementLists } from './movement-lists.js';
import { RawEvents } from './raw-events.js';

/** A Redis that takes longer may still do what it was told; that is harmless, since an event is stored once. */
const PATIENCE_MS = 500;
/** Elements that are read at once while a person is looked for. */
const SEARCHED_AT_ONCE = 1_000;
const LOOK_EVERY_MS = 100;

/**
 * Takes accepted events, so that their senders need not wait for the database: into Redis where that keeps what it is
 * given, else into the database after all. Either way they are kept when `push` returns.
 */
@Injectable()
export class MovementBuffer {
  private readonly logger = new Logger(MovementBuffer.name);
  private wasDirect: string | null = null;

  constructor(
    private readonly lists: MovementLists,
    private readonly watch: RedisWatch,
    private readonly direct: DirectStoring,
    private readonly requests: FlushRequests,
    private readonly raw: RawEvents,
    private readonly environment: Environment,
  ) {}

  /**
   * Keeps all of them or none.
   *
   * @returns `buffered`: they wait in Redis; `stored`: they are in the database already.
   * @throws Problem 429 when too many wait, 503 when neither Redis nor the database can be reached.
   */
  async push(events: readonly MovementEvent[]): Promise<'buffered' | 'stored'> {
    const refusal = events.length === 0 ? null : await this.buffer(events);
    if (refusal === null) return 'buffered';
    this.tell(refusal);
    await this.direct.store(events);
    return 'stored';
  }

  /** How many wait in Redis; those of a batch that is being stored are not counted. Null: Redis does not answer. */
  async length(): Promise<number | null> {
    if (!this.lists.isReady()) return this.environment.redisUrl === null ? 0 : null;
    try {
      return (await within(PATIENCE_MS, this.lists.length())) ?? null;
    } catch {
      return null;
    }
  }

  /** Whether Redis answers now. */
  async connected(): Promise<boolean> {
    return this.environment.redisUrl !== null && (await this.length()) !== null;
  }

  /**
   * Empties what waits in Redis. A batch that is being stored is stored.
   *
   * @returns exactly how many events it removed.
   * @throws Problem 503 when Redis does not answer.
   */
  async clear(): Promise<number> {
    if (this.environment.redisUrl === null) return 0;
    return this.orAway(() => this.lists.clear());
  }

  /**
   * Removes the events of a person from what waits, and waits until batches that were taken before are stored: from
   * then on the database has all that there is of him.
   *
   * @param userId as events have it: a hash, unless hashing is off.
   * @returns how many it removed.
   * @throws Problem 503 when Redis does not answer, or a batch is not stored in time.
   */
  async removePerson(userId: string): Promise<number> {
    if (this.environment.redisUrl === null) return 0;
    return this.orAway(async () => {
      const before = new Set<string>(await this.lists.taken());
      let removed = await this.removeWaiting(userId);
      const deadline = performance.now() + 2 * LEASE_MS;
      while (before.size > 0) {
        const still = new Set<string>(await this.lists.taken());
        for (const list of before) if (!still.has(list)) before.delete(list);
        if (before.size === 0) {
          // What was handed back instead of stored waits again.
          removed += await this.removeWaiting(userId);
          break;
        }
        if (performance.now() > deadline) throw stillStoring();
        await this.lists.reclaim();
        await delay(LOOK_EVERY_MS);
      }
      return removed;
    });
  }

  /**
   * From the newest to the oldest: what is added meanwhile comes after all that was looked at, and what is taken
   * comes before it, so nothing slips through.
   */
  private async removeWaiting(userId: string): Promise<number> {
    let removed = 0;
    for (let last = 1; ; last += SEARCHED_AT_ONCE) {
      const elements = await this.lists.some(-(last + SEARCHED_AT_ONCE - 1), -last);
      if (elements.length === 0) return removed;
      let here = 0;
      for (const element of new Set(elements))
        if ((await this.userOf(element)) === userId) here += await this.lists.remove(element);
      removed += here;
      // What stood before them has moved up by as many.
      last -= Math.min(here, SEARCHED_AT_ONCE);
    }
  }

  private async userOf(element: string): Promise<string | null> {
    const event = eventOf(element);
    if (event !== null) return event.userId;
    try {
      return (await this.raw.read(element)).userId;
    } catch {
      // Nothing that can be read as an event tells of a person by an id; it becomes a dead letter when it is stored.
      return null;
    }
  }

  /** @returns null when Redis has them; else why not. */
  private async buffer(events: readonly MovementEvent[]): Promise<string | null> {
    if (this.environment.redisUrl === null) return 'there is no Redis';
    if (!this.lists.isReady()) return 'Redis does not answer';
    if (!(await this.watch.isDurable())) return 'Redis may not keep them, or is nearly full';
    const { movementBufferLimit: limit } = this.environment;
    let waiting: number | null | undefined;
    try {
      waiting = await within(PATIENCE_MS, this.lists.add(events.map(elementOf), limit));
    } catch (error) {
      return `Redis did not take them (${(error as Error).message})`;
    }
    if (waiting === undefined) return 'Redis did not answer in time';
    if (waiting === null) throw bufferFull(limit);
    if (this.wasDirect !== null) this.logger.log('Movement events go through Redis again.');
    this.wasDirect = null;
    if (waiting >= BATCH) this.requests.wanted(waiting);
    return null;
  }

  /** Once for each reason, not for each request. */
  private tell(reason: string): void {
    if (this.environment.redisUrl !== null && this.wasDirect !== reason)
      this.logger.warn(`Movement events go straight to the database: ${reason}.`);
    this.wasDirect = reason;
  }

  private async orAway<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Problem) throw error;
      this.logger.warn(`Redis failed: ${(error as Error).message}`);
      if (error instanceof RedisAway || !this.lists.isReady() || /timed out/i.test((error as Error).message))
        throw redisAway();
      throw error;
    }
  }
}

function redisAway(): Problem {
  return new Problem(
    503,
    'redis_away',
    'Redis does not answer, so what waits there could not be changed. Try again when it does; GET /api/v1/health tells.',
  );
}

function stillStoring(): Problem {
  return new Problem(
    503,
    'still_storing',
    'Events that were taken from the buffer are not stored yet, so some of the person may come after. Do it again in a minute.',
  );
}
