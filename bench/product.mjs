import { fileURLToPath } from 'node:url';
import { runMeasured } from './child.mjs';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Whatever the user's environment or `.env` says: no queue, and the options that the peer computes with. */
export const PLAIN = {
  REDIS_URL: '',
  REDIS_HOST: '',
  REDIS_PORT: '',
  REDIS_DB: '',
  REDIS_PASSWORD: '',
  DEFAULT_ZONE: 'America/Chicago',
  DEFAULT_WINDOWS: 'rolling',
  DEFAULT_UNOBSERVED: 'down',
  DEFAULT_ESTIMATOR: 'step',
};

/** Runs one piece of the product's work (`load` or `report`, see worker.mjs) in a process of its own. */
export function runProduct(server, work, environment) {
  return runMeasured(WORKER, [work], { ...PLAIN, DATABASE_URL: server.url, ...environment });
}
