import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { WorkHandlers } from './work-handlers.js';
import type { QueueName } from './queues.js';

/** Does the work inside this process, one item at a time: without Redis, and while Redis is away. */
@Injectable()
export class InlineWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger(InlineWorker.name);
  private readonly waiting = new Map<string, { queue: QueueName; id: string }>();
  private working: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly handlers: WorkHandlers) {}

  /** Takes an item to do soon; one that waits already is not taken twice. */
  offer(queue: QueueName, id: string): void {
    if (this.stopped) return;
    this.waiting.set(`${queue}:${id}`, { queue, id });
    this.working ??= this.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    await this.working;
  }

  private async drain(): Promise<void> {
    for (let next = this.next(); next !== null; next = this.next()) {
      try {
        await this.handlers.run(next.queue, next.id);
      } catch (error) {
        // The row stays unfinished, so the sweep brings it back; this loop has to live for the others.
        this.logger.error(`Work on ${next.queue} ${next.id} broke off: ${String(error)}`);
      }
    }
    this.working = null;
  }

  private next(): { queue: QueueName; id: string } | null {
    for (const [key, item] of this.waiting) {
      this.waiting.delete(key);
      return item;
    }
    return null;
  }
}
