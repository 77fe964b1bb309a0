import { Injectable } from '@nestjs/common';
import type { QueueName } from './queues.js';

/** What a feature does for the ids of its queue, whichever process it happens in. */
export interface WorkHandler {
  readonly queue: QueueName;
  /**
   * Does the work of one row, if it still waits for somebody. Safe to call twice, at once and on any process: the
   * claim in PostgreSQL decides. Failures end up in the row; only a broken platform rejects.
   */
  run(id: string): Promise<void>;
  /** Ids of rows that wait or whose run died, oldest first. */
  unfinished(): Promise<string[]>;
}

/** Who handles which queue. A feature registers itself while its module starts. */
@Injectable()
export class WorkHandlers {
  private readonly handlers = new Map<QueueName, WorkHandler>();
  private readonly listeners: ((queue: QueueName) => void)[] = [];
  private pings: { isPing(id: string): boolean; answer(id: string): Promise<void> } | null = null;

  register(handler: WorkHandler): void {
    if (this.handlers.has(handler.queue)) throw new Error(`The queue '${handler.queue}' has two handlers.`);
    this.handlers.set(handler.queue, handler);
  }

  /** Jobs that carry no work and only ask whether somebody is there: they are answered, whichever queue they come by. */
  answerPings(isPing: (id: string) => boolean, answer: (id: string) => Promise<void>): void {
    this.pings = { isPing, answer };
  }

  /** Does one item, and then tells those who wait for such work to end. */
  async run(queue: QueueName, id: string): Promise<void> {
    if (this.pings?.isPing(id) === true) return this.pings.answer(id);
    const handler = this.handlers.get(queue);
    if (handler === undefined) throw new Error(`The queue '${queue}' has no handler.`);
    await handler.run(id);
    for (const listener of this.listeners) listener(queue);
  }

  onDone(listener: (queue: QueueName) => void): void {
    this.listeners.push(listener);
  }

  all(): readonly WorkHandler[] {
    return [...this.handlers.values()];
  }
}
