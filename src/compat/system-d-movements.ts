import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MovementsService, type MovementView } from '../movements/index.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { inTime } from '../platform/within.js';
import { noSuchPage, type NumberedPage } from './numbered-page.js';
import type {
  AddedMovementView,
  ClearedQueueView,
  MovementLogView,
  ProcessingView,
  QueueStatusView,
  SystemHealthView,
  WorkerTestView,
} from './system-d.view.js';

const WORKER_PATIENCE_MS = 10_000;
/** Whoever asks how all is wants to know it soon. */
const HEALTH_PATIENCE_MS = 3_000;
/** For Redis to say who takes work. */
const COUNT_PATIENCE_MS = 1_000;

/** What the routes of client D do with movement logs, in its words. */
@Injectable()
export class SystemDMovements {
  constructor(
    private readonly movements: MovementsService,
    private readonly queue: WorkQueue,
    private readonly dataSource: DataSource,
  ) {}

  /** @throws Problem 400, 429, 503 */
  async add(body: unknown): Promise<AddedMovementView> {
    const { event_ids, redis_connected, stored } = await this.movements.acceptOne(body);
    return {
      message: stored ? 'Movement log stored' : 'Movement log added to queue',
      event_id: event_ids[0]!,
      redis_connected,
      stored,
    };
  }

  /** @throws Problem 404 behind the last page; there is always a first one. */
  async page({ page, pageSize }: NumberedPage): Promise<{ total: number; results: MovementLogView[] }> {
    const { total, events } = await this.movements.page(page, pageSize);
    if (events.length === 0 && page > 1) throw noSuchPage(String(page));
    return { total, results: events.map(present) };
  }

  async status(): Promise<QueueStatusView> {
    const [length, workers] = await Promise.all([this.movements.queueLength(), this.workers()]);
    return {
      movement_logs_queue_length: length ?? 0,
      redis_connected: await this.movements.connected(),
      workers,
      message:
        length === null
          ? 'Redis does not answer: movement logs go straight to the database.'
          : length === 1
            ? '1 movement log waits to be stored.'
            : `${length.toLocaleString('en')} movement logs wait to be stored.`,
    };
  }

  async process(): Promise<ProcessingView> {
    const [length, isConnected, workers] = await Promise.all([
      this.movements.queueLength(),
      this.movements.connected(),
      this.workers(),
    ]);
    const started =
      workers > 0
        ? 'Movement log processing started'
        : 'No worker takes movement logs at present: the server itself stores them, after two rounds of MOVEMENT_FLUSH_SECONDS.';
    const message =
      length === null
        ? 'Redis does not answer: what waits there can not be stored now. It is stored when Redis is back.'
        : isConnected
          ? started
          : 'Nothing waits: without Redis movement logs go straight to the database.';
    return { message, task_id: await this.movements.process() };
  }

  /** @throws Problem 503 */
  async clear(): Promise<ClearedQueueView> {
    const cleared = await this.movements.clear();
    return { message: `Movement logs queue cleared: ${cleared.toLocaleString('en')} removed`, cleared };
  }

  async testWorker(): Promise<WorkerTestView> {
    const pong = await this.queue.ping('movements', WORKER_PATIENCE_MS);
    if (pong === null)
      return {
        message:
          this.queue.mode() === 'queue'
            ? 'No worker answered within 10 seconds. Start one: npm run -s storewatch -- worker --queues movements'
            : 'There is no queue: Redis is not named, or does not answer. Work is done inside the server.',
        task_id: null,
        celery_working: false,
        latency_ms: null,
      };
    return { message: 'A worker answered', ...pong, celery_working: true };
  }

  async health(): Promise<SystemHealthView> {
    const [redis, pong, database] = await Promise.all([
      this.movements.connected(),
      this.queue.ping('movements', HEALTH_PATIENCE_MS),
      this.databaseAnswers(),
    ]);
    const parts = { redis, celery: pong !== null, database };
    const well = Object.values(parts).filter(Boolean).length;
    return { ...parts, overall_status: well === 3 ? 'healthy' : well > 0 ? 'partial' : 'unhealthy' };
  }

  /** How many take movement logs; 0 where Redis does not say so soon. */
  private async workers(): Promise<number> {
    return (await inTime(COUNT_PATIENCE_MS, () => this.queue.workers('movements'))) ?? 0;
  }

  private async databaseAnswers(): Promise<boolean> {
    return (await inTime(HEALTH_PATIENCE_MS, () => this.dataSource.query('SELECT 1'))) !== null;
  }
}

function present({ event_id: id, ...event }: MovementView): MovementLogView {
  return { id, ...event };
}
