import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../platform/environment.js';
import { RedisWatch } from '../platform/queue/redis-watch.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { WORKLOADS } from '../platform/queue/queues.js';
import { FileStorage } from '../platform/storage/file-storage.js';
import type { ComponentHealth, ComponentStatus, Health, WorkersHealth } from './health.view.js';

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
  ) {}

  async check(): Promise<Health> {
    const [database, workers, storage] = await Promise.all([
      timed(async () => {
        await this.dataSource.query('SELECT 1');
        return 'PostgreSQL answers.';
      }),
      this.workers(),
      timed(() => this.storage.check()),
    ]);
    const components = { database, queue: this.queueHealth(), workers, storage };
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
    const counts = await Promise.all(
      Object.values(WORKLOADS)
        .flat()
        .map((name) => this.queue.workers(name)),
    );
    const count = Math.min(...counts);
    return count > 0
      ? { status: 'ok', latency_ms: null, count, detail: `${count} ready.` }
      : {
          status: 'degraded',
          latency_ms: null,
          count,
          detail: 'Nobody takes work from the queue. Start a worker: npm run -s storewatch -- worker',
        };
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
