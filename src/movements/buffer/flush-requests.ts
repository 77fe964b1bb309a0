import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Environment } from '../../platform/environment.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';

/** However many requests fill batches, the queue is told so often at most. */
const EVERY_MS = 200;
/** So many waiting events are work for one more worker. */
const EVENTS_A_FLUSHER = 2_000;
const MOST_FLUSHERS = 4;

/**
 * Tells the queue that events wait. Work of one id is in the queue once, so each flusher that is wanted has its own, and
 * every round has others: the work of a worker that was killed keeps its id taken until the queue has found that out.
 */
@Injectable()
export class FlushRequests {
  private readonly logger = new Logger(FlushRequests.name);
  private toldAt = -Infinity;

  constructor(
    private readonly queue: WorkQueue,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  /** Lets the workers store what waits. @returns the id of the work. */
  async request(): Promise<string> {
    const id = `flush-${randomUUID()}`;
    await this.queue.enqueue('movements', id);
    return id;
  }

  /** @param waiting how many wait. Nobody waits for the queue. */
  wanted(waiting: number): void {
    const now = performance.now();
    if (now - this.toldAt < EVERY_MS) return;
    this.toldAt = now;
    void this.enqueue(waiting);
  }

  /** As `wanted`, at once. */
  async enqueue(waiting: number): Promise<void> {
    const round = Math.floor(this.clock.nowUs() / (this.environment.movementFlushMs * 1_000));
    const flushers = Math.min(MOST_FLUSHERS, 1 + Math.floor(waiting / EVENTS_A_FLUSHER));
    try {
      for (let place = 0; place < flushers; place++)
        await this.queue.enqueue('movements', `flush-${round}-${place}`);
    } catch (error) {
      // They are stored at the next round of the chore.
      this.logger.warn(`The workers could not be told that events wait: ${String(error)}`);
    }
  }
}
