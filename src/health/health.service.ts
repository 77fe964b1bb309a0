import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../platform/environment.js';
import { RedisWatch } from '../platform/queue/redis-watch.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { WORKLOADS } from '../platform/queue/queues.js';
import { within } from '../platform/within.js';
import { FileStorage } from '../platform/storage/file-storage.js';
import { MovementsHealthService } from './movements-health.service.js';
import type { ComponentHealth, ComponentStatus, Health, WorkersHealth } from './health.view.js';

/** For an answer of Redis. */
const PATIENCE_MS = 1_000;
const WORST_LAST: readonly ComponentStatus[] = ['ok', 'degraded', 'down'];

/** Asks every part how it is. */
@Injectable()
export class HealthService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: WorkQueue,
    private readonly redis: RedisWatch,
    private readonly storage: FileStorage,
    private readonly environment: Environment,
    private readonly events: MovementsHealthService,
  ) {}

  async check(): Promise<Health> {
    const [database, workers, storage, movements] = await Promise.all([
      timed(async () => {
        await this.dataSource.query('SELECT 1');
        return 'PostgreSQL answers.';
      }),
      this.workers(),
      timed(() => this.storage.check()),
      this.events.check(),
    ]);
    const components = { database, queue: this.queueHealth(), workers, storage, movements };
    const worst = Math.max(
      ...Object.values(components).map((component) => WORST_LAST.indexOf(component.status)),
    );
    return { status: WORST_LAST[worst]!, mode: this.queue.mode(), components };
  }

  private queueHealth(): ComponentHealth {
    if (this.queue.mode() === 'queue') {
      const problems = this.redis.problems();
      return problems.length === 0
        ? { status: 'ok', latency_ms: null, detail: 'Redis answers.' }
        : { status: 'degraded', latency_ms: null, detail: problems.join(' ') };
    }
    if (this.environment.redisUrl === null) {
      return {
        status: 'ok',
        latency_ms: null,
        detail:
          'No Redis: reports run one at a time, in this process. Name one with REDIS_URL to use workers.',
      };
    }
    return {
      status: 'degraded',
      latency_ms: null,
      detail: 'Redis does not answer: work is done in this process, one at a time, until it does.',
    };
  }

  private async workers(): Promise<WorkersHealth> {
    if (this.queue.mode() === 'inline') {
      return {
        status: 'ok',
        latency_ms: null,
        count: 0,
        detail: 'Inside this process while there is no queue.',
      };
    }
    const count = await this.countWorkers();
    if (count === null) {
      return {
        status: 'degraded',
        latency_ms: null,
        count: 0,
        detail: 'Redis does not say in time who takes work.',
      };
    }
    return count > 0
      ? { status: 'ok', latency_ms: null, count, detail: `${count} ready.` }
      : {
          status: 'degraded',
          latency_ms: null,
          count,
          detail: 'Nobody takes work from the queue. Start a worker: npm run -s storewatch -- worker',
        };
  }
  /** @returns null where Redis does not say so in time: who asks how things are has no time for what hangs. */
  private async countWorkers(): Promise<number | null> {
    const names = Object.values(WORKLOADS).flat();
    try {
      const counts = await within(PATIENCE_MS, Promise.all(names.map((name) => this.queue.workers(name))));
      return counts === undefined ? null : Math.min(...counts);
    } catch {
      // What Redis failed with is told by the queue, whose connection it is.
      return null;
    }
  }
}

async function timed(look: () => Promise<string>): Promise<ComponentHealth> {
  const begun = performance.now();
  try {
    const detail = await look();
    return { status: 'ok', latency_ms: Math.round((performance.now() - begun) * 10) / 10, detail };
  } catch {
    // Why is in the log of whoever owns the part; an address or a user's name is nobody's business here.
    return { status: 'down', latency_ms: null, detail: 'It does not answer.' };
  }
}
