import './platform/utc.js';
import { serve } from './commands/serve.js';
import { endWith } from './commands/exit.js';

// The API process: HTTP, Swagger, the first page. Without Redis it does the work as well.
await endWith(() => serve({ firstRun: false }));
