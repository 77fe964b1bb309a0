import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Chores } from './chores.js';
import { Clock, SystemClock } from './clock.js';
import { Claims } from './database/claims.js';
import { outliveConnection } from './database/connection.js';
import { Environment } from './environment.js';
import { EventStreams } from './http/events.js';
import { IdempotencyKeys } from './http/idempotency-keys.js';
import type { QueueRole } from './queue/bull-options.js';
import { QueueModule } from './queue/queue.module.js';
import { FileStorage } from './storage/file-storage.js';
import { storageOf } from './storage/storage-of.js';
import { StorageJanitor } from './storage/storage-janitor.js';
import { StoredFiles } from './storage/stored-files.js';

export interface PlatformOptions {
  environment: Environment;
  /** A database that is up and migrated. */
  databaseUrl: string;
  role: QueueRole;
}

/** What touches the outside, the same for every feature and in every process. */
@Module({})
export class PlatformModule {
  static forRoot({ environment, databaseUrl, role }: PlatformOptions): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: databaseUrl,
          autoLoadEntities: true,
          // The schema comes from migrations/ alone.
          synchronize: false,
          retryAttempts: 3,
          retryDelay: 1_000,
          applicationName: 'storewatch',
          extra: {
            max: environment.databasePool,
            connectionTimeoutMillis: 5_000,
            options: '-c timezone=UTC',
            onConnect: outliveConnection,
          },
        }),
        QueueModule.forRoot(environment.redisUrl, role),
      ],
      providers: [
        { provide: Environment, useValue: environment },
        { provide: Clock, useClass: SystemClock },
        Chores,
        Claims,
        EventStreams,
        IdempotencyKeys,
        {
          provide: FileStorage,
          inject: [Environment, Clock],
          useFactory: storageOf,
        },
        StorageJanitor,
        StoredFiles,
      ],
      exports: [Environment, Chores, Clock, Claims, EventStreams, IdempotencyKeys, FileStorage, StoredFiles],
    };
  }
}
