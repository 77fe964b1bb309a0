import './platform/utc.js';
import { endWith } from './commands/exit.js';
import { work } from './commands/work.js';
import { QUEUES } from './platform/queue/queues.js';

// A worker process: the processors of every queue, no routes. `storewatch worker` takes options.
await endWith(() => work({ queues: QUEUES, concurrency: 1 }));
