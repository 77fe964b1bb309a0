import type { DataSource } from 'typeorm';
import type { MovementsService } from '../movements/index.js';
import type { WorkQueue } from '../platform/queue/work-queue.js';
import { SystemDMovements } from './system-d-movements.js';

describe('how all is, as client D is told', () => {
  interface Parts {
    redis: boolean;
    celery: boolean;
    database: boolean;
  }

  const healthOf = ({ redis, celery, database }: Parts): Promise<unknown> => {
    const movements = { connected: () => Promise.resolve(redis) } as MovementsService;
    const pong = { task_id: 'ping', latency_ms: 1 };
    const queue = { ping: () => Promise.resolve(celery ? pong : null) } as unknown as WorkQueue;
    const dataSource = {
      query: () => (database ? Promise.resolve([]) : Promise.reject(new Error('connect ECONNREFUSED'))),
    } as unknown as DataSource;
    return new SystemDMovements(movements, queue, dataSource).health();
  };

  it.each<[string, Parts]>([
    ['healthy', { redis: true, celery: true, database: true }],
    ['partial', { redis: false, celery: true, database: true }],
    ['partial', { redis: true, celery: false, database: true }],
    ['partial', { redis: true, celery: true, database: false }],
    ['partial', { redis: false, celery: false, database: true }],
    ['unhealthy', { redis: false, celery: false, database: false }],
  ])('is %s where %j', async (overall_status, parts) => {
    expect(await healthOf(parts)).toEqual({ ...parts, overall_status });
  });

  it('counts a database that does not even answer as away', async () => {
    jest.useFakeTimers();
    try {
      const dataSource = { query: () => new Promise(() => undefined) } as unknown as DataSource;
      const movements = { connected: () => Promise.resolve(false) } as MovementsService;
      const queue = { ping: () => Promise.resolve(null) } as unknown as WorkQueue;
      const health = new SystemDMovements(movements, queue, dataSource).health();
      await jest.advanceTimersByTimeAsync(5_000);
      expect(await health).toMatchObject({ database: false, overall_status: 'unhealthy' });
    } finally {
      jest.useRealTimers();
    }
  });
});
