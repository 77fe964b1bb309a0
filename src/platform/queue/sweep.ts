import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WorkHandlers } from './work-handlers.js';
import { WorkQueue } from './work-queue.js';

const INTERVAL_MS = 2_000;

/**
 * Hands out again whatever PostgreSQL says is unfinished and nobody works on: what Redis lost, what a killed process
 * left behind, what had to wait for something else. Doing it twice is harmless, since a claim decides.
 */
@Injectable()
export class Sweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sweep.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;

  constructor(
    private readonly handlers: WorkHandlers,
    private readonly queue: WorkQueue,
  ) {}

  onApplicationBootstrap(): void {
    // Reports wait for the loads before them: when one has ended, they need not wait for the next round.
    this.handlers.onDone((queue) => {
      if (queue === 'ingestion') void this.now();
    });
    this.timer = setInterval(() => void this.now(), INTERVAL_MS);
    this.timer.unref();
    void this.now();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Sweeps once; while a sweep is under way, waits for that one. */
  now(): Promise<void> {
    this.running ??= this.sweep().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async sweep(): Promise<void> {
    // Looked at every time, so that the log tells of a Redis that went or came back while nothing was to do.
    this.queue.mode();
    for (const handler of this.handlers.all()) {
      try {
        for (const id of await handler.unfinished()) await this.queue.enqueue(handler.queue, id);
      } catch (error) {
        this.logger.warn(`The sweep of '${handler.queue}' is put off: ${String(error)}`);
      }
    }
  }
}
