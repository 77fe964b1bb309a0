import { Process } from '@nestjs/bull';
import { type DynamicModule, Module } from '@nestjs/common';
import { FeaturesModule } from './features.module.js';
import { IngestionProcessor } from './ingestion/ingestion.processor.js';
import { MovementProcessor } from './movements/movement.processor.js';
import type { PlatformOptions } from './platform/platform.module.js';
import { QUEUES, type QueueName } from './platform/queue/queues.js';
import { LabProcessor } from './reports/lab/lab.processor.js';
import { ReportProcessor } from './reports/making/report.processor.js';
import { ShardProcessor } from './reports/making/shard.processor.js';

const PROCESSORS = {
  ingestion: IngestionProcessor,
  reports: ReportProcessor,
  shards: ShardProcessor,
  labs: LabProcessor,
  movements: MovementProcessor,
} as const satisfies Record<QueueName, unknown>;

/**
 * Jobs at once, where one alone would stand in the way of another: to work out what movements mean may take seconds, and
 * storing them must not wait for it.
 */
const LEAST_CONCURRENCY: Partial<Record<QueueName, number>> = { movements: 2 };

/** What a worker takes on. */
export interface WorkerOptions {
  queues: readonly QueueName[];
  /** Jobs of one queue at once. */
  concurrency: number;
}

/** A worker process: the features and the processors of its queues; no controller. */
@Module({})
export class WorkerModule {
  static forRoot(
    platform: Omit<PlatformOptions, 'role'>,
    { queues, concurrency }: WorkerOptions,
  ): DynamicModule {
    return {
      module: WorkerModule,
      imports: [FeaturesModule.forRoot({ ...platform, role: 'worker' })],
      providers: QUEUES.filter((name) => queues.includes(name)).map((name) => processorOf(name, concurrency)),
    };
  }
}

/** How many jobs at once is a matter of the process, not of the class, so the decorator is applied here. */
function processorOf(name: QueueName, concurrency: number): (typeof PROCESSORS)[QueueName] {
  const processor = PROCESSORS[name];
  const method = Object.getOwnPropertyDescriptor(processor.prototype, 'process')!;
  Process({ concurrency: Math.max(concurrency, LEAST_CONCURRENCY[name] ?? 1) })(
    processor.prototype,
    'process',
    method,
  );
  return processor;
}
