import { BullModule } from '@nestjs/bull';
import { type DynamicModule, Module } from '@nestjs/common';
import { bullOptions, type QueueRole, RedisConnections } from './bull-options.js';
import { InlineWorker } from './inline-worker.js';
import { Pings } from './pings.js';
import { RedisClient } from './redis-client.js';
import { RedisWatch } from './redis-watch.js';
import { Sweep } from './sweep.js';
import { WorkHandlers } from './work-handlers.js';
import { QUEUES } from './queues.js';
import { WorkQueue } from './work-queue.js';

/** Work that is done later: through Bull where there is Redis, in this process where there is none. */
@Module({})
export class QueueModule {
  static forRoot(redisUrl: string | null, role: QueueRole): DynamicModule {
    const connections = redisUrl === null ? null : new RedisConnections(redisUrl, role);
    const bull =
      connections === null
        ? []
        : [
            BullModule.forRoot(bullOptions(connections)),
            BullModule.registerQueue(...QUEUES.map((name) => ({ name }))),
          ];
    return {
      module: QueueModule,
      global: true,
      imports: bull,
      providers: [
        { provide: RedisConnections, useValue: connections },
        WorkHandlers,
        WorkQueue,
        InlineWorker,
        RedisClient,
        Pings,
        RedisWatch,
        Sweep,
      ],
      exports: [RedisClient, RedisWatch, WorkHandlers, WorkQueue, Sweep, ...bull.slice(1)],
    };
  }
}
