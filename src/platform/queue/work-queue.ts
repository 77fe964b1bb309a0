import { InjectQueue } from '@nestjs/bull';
import { Injectable, Logger, Optional } from '@nestjs/common';
import type { Queue } from 'bull';
import { ADD_TIMEOUT_MS } from './bull-options.js';
import { InlineWorker } from './inline-worker.js';
import type { QueueName, WorkItem } from './work-handlers.js';

/** `queue`: jobs go to workers through Redis. `inline`: this process does the work itself. */
export type QueueMode = 'queue' | 'inline';

/** Hands out work: to the workers while Redis answers, else to this process itself. */
@Injectable()
export class WorkQueue {
  private readonly logger = new Logger(WorkQueue.name);
  private lastMode: QueueMode | null = null;

  constructor(
    private readonly inline: InlineWorker,
    @Optional() @InjectQueue('ingestion') private readonly ingestion?: Queue<WorkItem>,
    @Optional() @InjectQueue('reports') private readonly reports?: Queue<WorkItem>,
  ) {
    // Without a listener the first refused connection would end the process. What it means is told by `mode`.
    for (const queue of this.queues()) queue.on('error', () => void this.mode());
  }

  /** How work is handed out at this moment; a change is logged once. */
  mode(): QueueMode {
    const mode = this.usable(this.reports) && this.usable(this.ingestion) ? 'queue' : 'inline';
    if (mode !== this.lastMode && (this.lastMode !== null || this.reports !== undefined)) {
      if (mode === 'queue') this.logger.log('Redis answers: work goes to the queue.');
      else this.logger.warn('Redis does not answer: work is done inside this process, one at a time.');
    }
    this.lastMode = mode;
    return mode;
  }

  /** Sees to it that the work of a row is done soon. Never waits for Redis longer than a second. */
  async enqueue(name: QueueName, id: string): Promise<void> {
    if (this.mode() === 'queue' && (await this.add(name, id))) return;
    this.inline.offer(name, id);
  }

  /** Workers that wait at the queue; 0 when Redis does not answer. */
  async workers(name: QueueName): Promise<number> {
    const queue = this.of(name);
    if (queue === undefined || this.mode() !== 'queue') return 0;
    return (await queue.getWorkers()).length;
  }

  private async add(name: QueueName, id: string): Promise<boolean> {
    const queue = this.of(name);
    if (queue === undefined) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer within a second')), ADD_TIMEOUT_MS);
    });
    try {
      // The id of the work is the id of the job: adding it again while it waits changes nothing.
      await Promise.race([queue.add({ id }, { jobId: id }), late]);
      return true;
    } catch (error) {
      this.logger.warn(`Redis did not take ${name} ${id} (${String(error)}): done inside this process.`);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  private of(name: QueueName): Queue<WorkItem> | undefined {
    return name === 'reports' ? this.reports : this.ingestion;
  }

  private queues(): Queue<WorkItem>[] {
    return [this.ingestion, this.reports].filter((queue) => queue !== undefined);
  }

  private usable(queue: Queue<WorkItem> | undefined): boolean {
    return queue?.client.status === 'ready';
  }
}
