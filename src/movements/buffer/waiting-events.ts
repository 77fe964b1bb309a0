import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Environment } from '../../platform/environment.js';
import { Problem } from '../../platform/problem.js';
import { RedisAway } from '../../platform/queue/redis-client.js';
import { within } from '../../platform/within.js';
import type { Person } from '../privacy/person.js';
import { eventOf } from './movement-element.js';
import { MovementFlusher } from './movement-flusher.js';
import { LEASE_MS, MovementLists } from './movement-lists.js';
import { RawEvents } from './raw-events.js';

/** Elements that are read at once while a person is looked for. */
const SEARCHED_AT_ONCE = 1_000;
const LOOK_EVERY_MS = 100;
/** A batch whose holder died is free after a lease, and has to be stored then. */
const PATIENCE_MS = 2 * LEASE_MS;
/**
 * Batches are taken all the time, so that none is under way may never be seen. What was handed back instead of stored
 * is found in the second round; in the third, should its next holder have died as well.
 */
const MOST_ROUNDS = 3;

/** What waits in Redis, for whoever has to do with all of it. */
@Injectable()
export class WaitingEvents {
  private readonly logger = new Logger(WaitingEvents.name);

  constructor(
    private readonly lists: MovementLists,
    private readonly flusher: MovementFlusher,
    private readonly raw: RawEvents,
    private readonly environment: Environment,
  ) {}

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
   * Stores all that waits when it is called, and waits until batches that others have taken are stored: from then on
   * the database has every event that was accepted before. The caller holds no lock that storing waits for.
   *
   * @returns how many events waited or were being stored; null: Redis does not answer, so what waits there stays.
   * @throws Problem 503 when it takes too long.
   */
  async storeAll(): Promise<number | null> {
    if (this.environment.redisUrl === null) return 0;
    const deadline = performance.now() + PATIENCE_MS;
    try {
      const { waiting, inFlight } = await this.lists.heads();
      for (let round = 1; round <= MOST_ROUNDS; round++) {
        const left = Math.max(0, deadline - performance.now());
        if ((await within(left, this.flusher.drain())) === undefined) throw stillStoring();
        const taken = new Set<string>(await this.lists.taken());
        await this.untilGone(taken, deadline);
        if (taken.size === 0) break;
      }
      return waiting + inFlight;
    } catch (error) {
      if (!this.isAway(error)) throw error;
      this.logger.warn(`What waits in Redis could not be stored first: ${(error as Error).message}`);
      return null;
    }
  }

  /**
   * Removes the events of a person from what waits, and waits until batches that were taken before are stored: from
   * then on the database has all that there is of them.
   *
   * @returns how many it removed.
   * @throws Problem 503 when Redis does not answer, or a batch is not stored in time.
   */
  async removePerson(person: Person): Promise<number> {
    if (this.environment.redisUrl === null) return 0;
    return this.orAway(async () => {
      const deadline = performance.now() + PATIENCE_MS;
      let removed = 0;
      for (let round = 1; round <= MOST_ROUNDS; round++) {
        const before = await this.lists.taken();
        removed += await this.removeWaiting(person);
        // Batches are taken from the far end while this looks through the list: they may hold what it came too late for.
        const taken = new Set<string>([...before, ...(await this.lists.taken())]);
        await this.untilGone(taken, deadline);
        if (taken.size === 0) break;
      }
      // What was handed back instead of stored waits again.
      return removed + (await this.removeWaiting(person));
    });
  }

  /** Waits until every one of the batches was stored, or handed back. @throws Problem 503 at the deadline. */
  private async untilGone(batches: ReadonlySet<string>, deadline: number): Promise<void> {
    for (;;) {
      const taken = await this.lists.taken();
      if (!taken.some((own) => batches.has(own))) return;
      if (performance.now() > deadline) throw stillStoring();
      await this.lists.reclaim();
      await delay(LOOK_EVERY_MS);
    }
  }

  /** From the newest to the oldest: what is added meanwhile comes after all that was looked at. */
  private async removeWaiting(person: Person): Promise<number> {
    let removed = 0;
    for (let last = 1; ; last += SEARCHED_AT_ONCE) {
      const elements = await this.lists.some(-(last + SEARCHED_AT_ONCE - 1), -last);
      if (elements.length === 0) return removed;
      let here = 0;
      for (const element of new Set(elements))
        if (await this.isOf(person, element)) here += await this.lists.remove(element);
      removed += here;
      // What stood before them has moved up by as many.
      last -= Math.min(here, SEARCHED_AT_ONCE);
    }
  }

  private async isOf(person: Person, element: string): Promise<boolean> {
    const event = eventOf(element);
    if (event !== null) return person.ids.has(event.userId);
    // Read, an id that is written in another way is the same; what can't be read would become a dead letter.
    const read = await this.readable(element);
    return (read !== null && person.ids.has(read)) || person.isNamedIn(element);
  }

  private async readable(element: string): Promise<string | null> {
    try {
      return (await this.raw.read(element)).userId;
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return null;
      throw error;
    }
  }

  private async orAway<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!this.isAway(error)) throw error;
      this.logger.warn(`Redis failed: ${(error as Error).message}`);
      throw redisAway();
    }
  }

  private isAway(error: unknown): boolean {
    if (error instanceof Problem) return false;
    return error instanceof RedisAway || !this.lists.isReady() || /timed out/i.test((error as Error).message);
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
    'Events of cameras that were accepted before are not all stored yet, and those that come after would be missed. ' +
      'Do it again in a minute; GET /api/v1/health tells how many wait.',
  );
}
