import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Chores } from '../../platform/chores.js';
import { Environment } from '../../platform/environment.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { type MovementTask, MovementWork } from '../movement-work.js';
import { FlushRequests } from './flush-requests.js';
import { MovementFlusher } from './movement-flusher.js';
import { MovementLists } from './movement-lists.js';

const RECLAIM_EVERY_MS = 5_000;
/** Rounds in which no worker was seen, after which this process does the work: one that is being restarted is not missed. */
const ROUNDS_WITHOUT_WORKER = 2;

/** Sees to it, in every process, that nothing stays in Redis for longer than it should. */
@Injectable()
export class FlushRounds implements MovementTask, OnModuleInit {
  readonly name = 'flush';
  private readonly logger = new Logger(FlushRounds.name);
  private withoutWorker = 0;

  constructor(
    private readonly lists: MovementLists,
    private readonly flusher: MovementFlusher,
    private readonly requests: FlushRequests,
    private readonly queue: WorkQueue,
    private readonly work: MovementWork,
    private readonly chores: Chores,
    private readonly environment: Environment,
  ) {}

  onModuleInit(): void {
    this.work.register(this);
    if (this.environment.redisUrl === null) return;
    this.chores.register({
      name: 'Storing movement events',
      everyMs: this.environment.movementFlushMs,
      run: () => this.round(),
    });
    this.chores.register({
      name: 'Taking back movement events of ended workers',
      everyMs: RECLAIM_EVERY_MS,
      run: () => this.reclaim(),
    });
  }

  /** Stores all that waits. */
  async run(): Promise<void> {
    await this.flusher.drain();
  }

  /** The rounds look after what waits: at their own pace, not at that of the sweep. */
  unfinished(): Promise<string[]> {
    return Promise.resolve([]);
  }

  private async round(): Promise<void> {
    if (!this.lists.isReady()) return;
    const waiting = await this.lists.length();
    if (waiting === 0) return;
    await this.requests.enqueue(waiting);
    await this.standIn();
  }

  /** Without a worker nobody would store what Redis still holds, be it what was left when the last one was removed. */
  private async standIn(): Promise<void> {
    const workers = await this.queue.workers('movements');
    this.withoutWorker = workers === 0 ? this.withoutWorker + 1 : 0;
    if (this.withoutWorker < ROUNDS_WITHOUT_WORKER) return;
    this.logger.warn('No worker takes movement events: this process stores them.');
    await this.flusher.drain();
  }

  private async reclaim(): Promise<void> {
    if (!this.lists.isReady()) return;
    const events = await this.lists.reclaim();
    if (events === 0) return;
    this.logger.warn(`${events} movement events of a worker that ended, or was too slow, wait again`);
    await this.requests.enqueue(await this.lists.length());
  }
}
