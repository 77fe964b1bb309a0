import { Injectable } from '@nestjs/common';
import { isDatabaseAway } from '../../platform/database/database-away.js';
import { Environment } from '../../platform/environment.js';
import { Problem } from '../../platform/problem.js';
import type { MovementEvent } from '../movement-event.js';
import { MovementWriter } from '../storing/movement.writer.js';
import { BATCH, bufferFull } from './limits.js';

/** Transactions at once: more would leave no connection for those who read. */
const AT_ONCE = 2;
/** They lie in the memory of this process, and their senders wait: more would not be stored before those give up. */
const MOST_QUEUED = 50_000;

interface Waiting {
  readonly events: readonly MovementEvent[];
  kept(): void;
  failed(error: unknown): void;
}

/**
 * Stores events while their sender waits, where Redis can't keep them. Requests that arrive while others are being
 * stored share a batch, so that single events are not a transaction each.
 */
@Injectable()
export class DirectStoring {
  private readonly queue: Waiting[] = [];
  private queued = 0;
  private working = 0;

  constructor(
    private readonly writer: MovementWriter,
    private readonly environment: Environment,
  ) {}

  /**
   * When it returns, the events are committed.
   *
   * @throws Problem 429 when too many wait, 503 when the database is away.
   */
  async store(events: readonly MovementEvent[]): Promise<void> {
    const limit = Math.min(MOST_QUEUED, this.environment.movementBufferLimit);
    if (this.queued + events.length > limit) throw bufferFull(limit);
    await new Promise<void>((kept, failed) => {
      this.queue.push({ events, kept, failed });
      this.queued += events.length;
      if (this.working < AT_ONCE) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.working++;
    while (this.queue.length > 0) {
      const some = this.next();
      const events = some.flatMap((one) => one.events);
      try {
        for (let first = 0; first < events.length; first += BATCH)
          await this.writer.store(events.slice(first, first + BATCH));
        for (const { kept } of some) kept();
      } catch (error) {
        for (const { failed } of some) failed(isDatabaseAway(error) ? databaseAway() : error);
      }
      this.queued -= events.length;
    }
    this.working--;
  }

  /** Whole requests, as many as fit into a batch; one that is larger goes alone. */
  private next(): Waiting[] {
    let events = 0;
    let requests = 0;
    while (requests < this.queue.length) {
      events += this.queue[requests]!.events.length;
      if (requests > 0 && events > BATCH) break;
      requests++;
    }
    return this.queue.splice(0, requests);
  }
}

function databaseAway(): Problem {
  return new Problem(
    503,
    'database_away',
    'Neither Redis nor the database takes events at the moment, so it is not certain that they were kept. ' +
      'Send them again: an event that has an event_id and comes twice is one.',
  );
}
