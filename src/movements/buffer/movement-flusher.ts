import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Problem } from '../../platform/problem.js';
import { within } from '../../platform/within.js';
import type { MovementEvent } from '../movement-event.js';
import type { DeadLetter } from '../storing/dead-letter.js';
import { MovementWriter, type Stored } from '../storing/movement.writer.js';
import { BATCH } from './limits.js';
import { elementOf, eventOf } from './movement-element.js';
import { LEASE_MS, MovementLists, type OwnList, ownList } from './movement-lists.js';
import { RawEvents } from './raw-events.js';

/** Batches of one process at once: while the database commits one, the next is made ready. */
const LANES = 2;
const RENEWAL_MS = LEASE_MS / 3;
const SHORTEST_REST_MS = 200;
const LONGEST_REST_MS = 5_000;
/** A database that does not even answer must not keep the process from ending. */
const LAST_WAIT_MS = 8_000;

/**
 * Moves what waits in Redis into the database, batch by batch, until nothing waits. A batch is taken under a lease,
 * stored, and only then forgotten; whoever dies meanwhile leaves it to others once the lease has ended, and what he
 * had stored already is not stored again. Any number of processes may do so at once.
 */
@Injectable()
export class MovementFlusher implements OnModuleDestroy {
  private readonly logger = new Logger(MovementFlusher.name);
  private readonly stopping = new AbortController();
  private draining: Promise<number> | null = null;
  private isWantedAgain = false;

  constructor(
    private readonly lists: MovementLists,
    private readonly writer: MovementWriter,
    private readonly raw: RawEvents,
  ) {}

  /** What is being stored is stored to its end, unless the database is away; then it is handed back. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    if (this.draining !== null) await within(LAST_WAIT_MS, this.draining);
  }

  /**
   * Stores all that waits when it is called. Where Redis is away there is nothing to do.
   *
   * @returns how many events were new; of one that was under way already, all of its.
   */
  drain(): Promise<number> {
    // What came since the one under way has looked for the last time is not forgotten.
    this.isWantedAgain = this.draining !== null;
    this.draining ??= this.drainAll();
    return this.draining;
  }

  private async drainAll(): Promise<number> {
    let events = 0;
    try {
      do {
        this.isWantedAgain = false;
        const stored = await Promise.all(Array.from({ length: LANES }, () => this.drainLane()));
        events += stored.reduce((sum, count) => sum + count, 0);
      } while (this.isWantedAgain);
    } finally {
      this.draining = null;
    }
    return events;
  }

  /** @returns how many events were new. */
  private async drainLane(): Promise<number> {
    const own = ownList(randomUUID());
    let events = 0;
    try {
      while (!this.stopping.signal.aborted && this.lists.isReady()) {
        const elements = await this.lists.take(own, BATCH);
        if (elements.length === 0) break;
        events += (await this.storeBatch(own, elements))?.stored ?? 0;
      }
    } catch (error) {
      // Of Redis: what the database fails with is waited for. A batch that could not be forgotten is found stored when
      // its lease has ended, and one that was taken without our knowing is handed back then.
      this.logger.warn(`Storing movement events is put off: ${(error as Error).message}`);
    }
    return events;
  }

  /** @returns null when the batch is somebody else's by now, or was handed back. */
  private async storeBatch(own: OwnList, elements: readonly string[]): Promise<Stored | null> {
    const renewal = setInterval(() => {
      // One that is not heard is made good by the next; a lease that ends costs nothing but the work.
      this.lists.renew(own).catch(() => undefined);
    }, RENEWAL_MS);
    try {
      const batch = await this.read(elements);
      if (batch.stamped.size > 0 && !(await this.lists.replace(own, batch.stamped))) return null;
      const stored = await this.storeInTheEnd(batch);
      if (stored === null) await this.lists.handBack(own);
      else await this.lists.done(own);
      return stored;
    } finally {
      clearInterval(renewal);
    }
  }

  /** Tries until it is stored. @returns null when this process has to end before. */
  private async storeInTheEnd({ events, letters }: Batch): Promise<Stored | null> {
    for (let restMs = SHORTEST_REST_MS; ; restMs = Math.min(LONGEST_REST_MS, restMs * 2)) {
      try {
        return await this.writer.store(events, letters);
      } catch (error) {
        if (restMs === SHORTEST_REST_MS)
          this.logger.warn(`Movement events wait for the database: ${(error as Error).message}`);
      }
      if (!(await this.rest(restMs))) return null;
    }
  }

  /** @returns false at once when this process has to end. */
  private async rest(ms: number): Promise<boolean> {
    try {
      await delay(ms, undefined, { signal: this.stopping.signal });
      return true;
    } catch {
      return false;
    }
  }

  private async read(elements: readonly string[]): Promise<Batch> {
    const batch: Batch = { events: [], letters: [], stamped: new Map() };
    for (const [place, element] of elements.entries()) {
      const event = eventOf(element);
      if (event !== null) batch.events.push(event);
      else await this.readRaw(batch, place, element);
    }
    return batch;
  }

  /** Its id is written down before it is stored: given again, with another id, it would be another event. */
  private async readRaw(batch: Batch, place: number, element: string): Promise<void> {
    try {
      const event = await this.raw.read(element);
      const withId = event.eventId === '' ? { ...event, eventId: uuidv7() } : event;
      batch.stamped.set(place, elementOf(withId));
      batch.events.push(withId);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      batch.letters.push({ reason: 'unreadable', detail: whatIsWrong(error), content: element });
    }
  }
}

interface Batch {
  readonly events: MovementEvent[];
  readonly letters: DeadLetter[];
  /** Elements that others put there, with what we added, by their places. */
  readonly stamped: Map<number, string>;
}

function whatIsWrong({ detail, errors }: Problem): string {
  return errors.length === 0 ? detail : errors.map((one) => one.detail).join(' ');
}
