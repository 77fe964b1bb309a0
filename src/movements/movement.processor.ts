import { Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { WorkItem } from '../platform/queue/queues.js';
import { WorkHandlers } from '../platform/queue/work-handlers.js';

/** The worker's end of the queue `movements`. How many jobs at once is set by the worker that starts. */
@Processor('movements')
export class MovementProcessor {
  constructor(private readonly handlers: WorkHandlers) {}

  process(job: Job<WorkItem>): Promise<void> {
    return this.handlers.run('movements', job.data.id);
  }
}
