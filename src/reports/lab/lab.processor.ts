import { Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { WorkHandlers } from '../../platform/queue/work-handlers.js';
import type { WorkItem } from '../../platform/queue/queues.js';

/** The worker's end of the queue `labs`. How many jobs at once is set by the worker that starts. */
@Processor('labs')
export class LabProcessor {
  constructor(private readonly handlers: WorkHandlers) {}

  process(job: Job<WorkItem>): Promise<void> {
    return this.handlers.run('labs', job.data.id);
  }
}
