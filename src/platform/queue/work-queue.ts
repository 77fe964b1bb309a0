import { getQueueToken } from '@nestjs/bull';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Queue } from 'bull';
import { within } from '../within.js';
import { ADD_TIMEOUT_MS, KEY_PREFIX, RedisConnections } from './bull-options.js';
import { InlineWorker } from './inline-worker.js';
import { type Pong, Pings } from './pings.js';
import { listClients } from './redis-connection.js';
import { type QueueName, QUEUES, type WorkItem } from './queues.js';

/** `queue`: jobs go to workers through Redis. `inline`: this process does the work itself. */
export type QueueMode = 'queue' | 'inline';

const CLOSE_TIMEOUT_MS = 10_000;
/** A Redis that says nothing for so long after the start does not answer, though it refuses nothing. */
const CONNECTING_MS = 5_000;
/** A worker that is ending may take a job with it, which comes back only after seconds: another one is sent then. */
const PING_AGAIN_MS = 1_500;

/** Hands out work: to the workers while Redis answers, else to this process itself. */
@Injectable()
export class WorkQueue implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(WorkQueue.name);
  /** Empty without Redis. */
  private readonly queues = new Map<QueueName, Queue<WorkItem>>();
  private lastMode: QueueMode | null = null;
  private closing = false;
  /** When the first connection was begun, on the clock of `performance`. */
  private begunAt = 0;
  private hasFailed = false;

  constructor(
    private readonly inline: InlineWorker,
    @Inject(RedisConnections) private readonly connections: RedisConnections | null,
    private readonly modules: ModuleRef,
    private readonly pings: Pings,
  ) {}

  onModuleInit(): void {
    if (this.connections === null) return;
    this.begunAt = performance.now();
    for (const name of QUEUES) {
      const queue = this.modules.get<Queue<WorkItem>>(getQueueToken(name), { strict: false });
      // Without a listener the first refused connection would end the process. What it means is told by `mode`.
      queue.on('error', () => {
        this.hasFailed = true;
        this.mode();
      });
      this.queues.set(name, queue);
    }
  }

  /** How work is handed out at this moment; a change is logged once. */
  mode(): QueueMode {
    const mode = this.queues.size > 0 && [...this.queues.values()].every(isUsable) ? 'queue' : 'inline';
    if (this.closing || (mode === 'inline' && this.isFirstConnecting())) return mode;
    if (mode !== this.lastMode && (this.lastMode !== null || this.connections !== null)) {
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

  /**
   * Takes no more jobs and waits for those under way, which have been told to hand back, before anything that they
   * need is closed. Bull waits for ever for a Redis that is away; this does not.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await within(CLOSE_TIMEOUT_MS, Promise.all([...this.queues.values()].map((queue) => queue.close())));
    this.connections?.close();
  }

  /** Workers that wait at the queue; 0 when Redis does not answer. */
  async workers(name: QueueName): Promise<number> {
    const queue = this.queues.get(name);
    if (queue === undefined || this.mode() !== 'queue') return 0;
    // What Bull's own `getWorkers` counts, which asks one node of a cluster, any of them.
    const name64 = Buffer.from(queue.name).toString('base64');
    const clients = await listClients(queue.client);
    return clients.filter((line) => line.includes(` name=${KEY_PREFIX}:${name64}`)).length;
  }

  /**
   * Sends a job through the queue to a worker, and waits for the worker's answer. Whoever asks is waiting, so it goes
   * before the work that lies there. Nothing of it stays in Redis.
   *
   * @returns null when no worker has answered in time, or there is no queue at the moment.
   */
  async ping(name: QueueName, patienceMs: number): Promise<Pong | null> {
    const queue = this.queues.get(name);
    if (queue === undefined || this.mode() !== 'queue') return null;
    const begun = performance.now();
    const sent: string[] = [];
    try {
      for (let leftMs = patienceMs; leftMs > 0; leftMs = begun + patienceMs - performance.now()) {
        sent.push(await this.sendPing(queue));
        const answered = await this.pings.heard(sent, Math.min(leftMs, PING_AGAIN_MS));
        if (answered !== null)
          return { task_id: answered, latency_ms: Math.round((performance.now() - begun) * 10) / 10 };
      }
    } catch (error) {
      this.logger.warn(`The queue '${name}' could not be tried: ${String(error)}`);
    } finally {
      await this.withdraw(queue, sent);
    }
    return null;
  }

  /** Nothing is known of Redis yet: who is still on the way to it has not been turned away. */
  private isFirstConnecting(): boolean {
    return (
      this.lastMode === null &&
      this.connections !== null &&
      !this.hasFailed &&
      performance.now() - this.begunAt < CONNECTING_MS
    );
  }

  private async sendPing(queue: Queue<WorkItem>): Promise<string> {
    const id = this.pings.newId();
    await within(ADD_TIMEOUT_MS, queue.add({ id }, { jobId: id, lifo: true }));
    return id;
  }

  /** Takes jobs back that nobody has taken. */
  private async withdraw(queue: Queue<WorkItem>, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      try {
        const job = await queue.getJob(id);
        if (job !== null && !(await job.isActive())) await job.remove();
      } catch {
        // A worker has just taken it, and it ends by itself; or Redis is away, which is told elsewhere.
      }
    }
  }

  private async add(name: QueueName, id: string): Promise<boolean> {
    const queue = this.queues.get(name);
    if (queue === undefined) return false;
    try {
      // The id of the work is the id of the job: adding it again while it waits changes nothing.
      if ((await within(ADD_TIMEOUT_MS, queue.add({ id }, { jobId: id }))) !== undefined) return true;
      this.logger.warn(`Redis did not take ${name} ${id} in time: done inside this process.`);
    } catch (error) {
      this.logger.warn(`Redis did not take ${name} ${id} (${String(error)}): done inside this process.`);
    }
    return false;
  }
}

function isUsable(queue: Queue<WorkItem>): boolean {
  return queue.client.status === 'ready';
}
