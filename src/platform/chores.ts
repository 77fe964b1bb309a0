import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

/** Something that has to be looked after now and then, whoever else looks after it at the same time. */
export interface Chore {
  /** For the log. */
  name: string;
  everyMs: number;
  /** Safe to run in several processes at once, and to be cut off anywhere. */
  run(): Promise<void>;
}

/**
 * Does the chores of this process, each at its own pace and never twice at once. One that fails is told of and comes
 * round again: the others must not stop for it.
 */
@Injectable()
export class Chores implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Chores.name);
  private readonly chores: Chore[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Map<Chore, Promise<void>>();
  private stopped = false;

  /** A feature registers while its module starts. */
  register(chore: Chore): void {
    this.chores.push(chore);
  }

  onApplicationBootstrap(): void {
    for (const chore of this.chores) {
      const timer = setInterval(() => void this.do(chore), chore.everyMs);
      timer.unref();
      this.timers.push(timer);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.running.values());
  }

  private do(chore: Chore): Promise<void> {
    const running = this.running.get(chore);
    if (running !== undefined || this.stopped) return running ?? Promise.resolve();
    const run = chore
      .run()
      .catch((error: unknown) => this.logger.warn(`${chore.name} is put off: ${String(error)}`))
      .finally(() => this.running.delete(chore));
    this.running.set(chore, run);
    return run;
  }
}
