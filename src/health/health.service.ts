import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../platform/environment.js';
import { RedisWatch } from '../platform/queue/redis-watch.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { type WorkloadName, WORKLOAD_NAMES, WORKLOADS } from '../platform/queue/queues.js';
import { inTime } from '../platform/within.js';
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
    const counts = await this.countWorkers();
    if (counts === null) {
      return {
        status: 'degraded',
        latency_ms: null,
        count: 0,
        detail: 'Redis does not say in time who takes work.',
      };
    }
    const count = Math.max(...counts.values());
    const idle = [...counts.keys()].filter((name) => counts.get(name) === 0);
    if (idle.length === 0) return { status: 'ok', latency_ms: null, count, detail: `${count} ready.` };
    const nobody = count === 0 ? 'Nobody takes work' : `${count} ready, but none takes ${idle.join(' or ')}`;
    const queues = count === 0 ? '' : ` --queues ${idle.join(',')}`;
    return {
      status: 'degraded',
      latency_ms: null,
      count,
      detail: `${nobody} from the queue. Start a worker: npm run -s storewatch -- worker${queues}`,
    };
  }

  /** @returns for each kind of work; null where Redis does not answer in time: who asks how things are can't wait. */
  private async countWorkers(): Promise<Map<WorkloadName, number> | null> {
    const count = async (name: WorkloadName): Promise<[WorkloadName, number]> => {
      const counts = await Promise.all(WORKLOADS[name].map((queue) => this.queue.workers(queue)));
      return [name, Math.min(...counts)];
    };
    const counts = await inTime(PATIENCE_MS, () => Promise.all(WORKLOAD_NAMES.map(count)));
    return counts === null ? null : new Map(counts);
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
