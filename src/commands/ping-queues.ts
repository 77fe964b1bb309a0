import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Chores } from '../platform/chores.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { type QueueName, WORKLOADS } from '../platform/queue/queues.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { waitFor } from '../platform/wait.js';
import { StderrLogger } from './logging.js';

export const PING_PATIENCE_MS = 5_000;
interface Pinged {
  name: QueueName;
  latencyMs: number | null;
}

const CONNECTED_WITHIN_MS = 2_000;

/** The queue alone: whether workers answer has nothing to do with the database of this process. */
@Module({})
class QueueAlone {
  static forRoot(redisUrl: string): DynamicModule {
    return {
      module: QueueAlone,
      global: true,
      imports: [QueueModule.forRoot(redisUrl, 'producer')],
      providers: [Chores],
      exports: [Chores],
    };
  }
}

/**
 * How long a round trip through a worker takes, in each queue that workers can be told to take from.
 *
 * @returns null where Redis does not answer; within it null for a queue from which nobody does.
 */
export async function pingQueues(redisUrl: string): Promise<Pinged[] | null> {
  const app = await NestFactory.createApplicationContext(QueueAlone.forRoot(redisUrl), {
    logger: new StderrLogger(),
    abortOnError: false,
  });
  try {
    const queue = app.get(WorkQueue);
    const connected = (): Promise<true | null> => Promise.resolve(queue.mode() === 'queue' ? true : null);
    if ((await waitFor(connected, CONNECTED_WITHIN_MS)) === null) return null;
    return await Promise.all(
      Object.values(WORKLOADS).map(async ([name]) => {
        const pong = await queue.ping(name, PING_PATIENCE_MS);
        return { name, latencyMs: pong?.latency_ms ?? null };
      }),
    );
  } finally {
    await app.close();
  }
}
