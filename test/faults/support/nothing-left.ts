import { utimesSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { QUEUES } from '../../../src/platform/queue/queues.js';
import { waitFor } from '../../../src/platform/wait.js';
import type { Site } from './site.js';
import { filesIn, isTemporary } from './whole-reports.js';

const PATIENCE_MS = 40_000;
const KEY = '{storewatch}';

/**
 * Expects that, after all faults, nothing is left of them: nothing waits or runs or holds a lease or a snapshot, no
 * queue is paused or holds a job, and no temporary file lies about. Only failed reports keep their shards, to be tried
 * again.
 *
 * @param temporaries `none`: nothing was killed, so none may be there; `swept`: those that killed processes have left
 *   are gone when they are old and a server starts.
 */
export async function expectNothingLeft(site: Site, temporaries: 'none' | 'swept'): Promise<void> {
  let left: unknown;
  const clean = await waitFor(async () => {
    left = { rows: await openRows(site), jobs: await openJobs(site.settings.redisUrl) };
    return JSON.stringify(left) === JSON.stringify({ rows: NO_ROWS, jobs: [] }) ? true : null;
  }, PATIENCE_MS);
  if (clean === null) expect(left).toEqual({ rows: NO_ROWS, jobs: [] });
  const folder = path.join(site.settings.folder, 'reports');
  if (temporaries === 'swept') {
    age(folder);
    await site.startServer();
  }
  const gone = await waitFor(
    () => Promise.resolve(filesIn(folder).some(isTemporary) ? null : true),
    temporaries === 'swept' ? 10_000 : 0,
  );
  if (gone === null) expect(filesIn(folder).filter(isTemporary)).toEqual([]);
}

const NO_ROWS = { open: 0, leased: 0, shards: 0, transactions: 0 };

async function openRows(site: Site): Promise<typeof NO_ROWS> {
  const [row] = await site.query<typeof NO_ROWS>(
    `SELECT (SELECT count(*) FROM reports WHERE status IN ('pending', 'running'))::int AS open,
            (SELECT count(*) FROM reports WHERE lease_until IS NOT NULL OR claim_token IS NOT NULL)::int AS leased,
            (SELECT count(*) FROM report_shards AS s JOIN reports AS r USING (report_id)
              WHERE r.status <> 'failed')::int AS shards,
            (SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND state LIKE 'idle in transaction%')::int AS transactions`,
  );
  return row!;
}

/** Queues that are paused or hold jobs. */
async function openJobs(redisUrl: string | null): Promise<string[]> {
  if (redisUrl === null) return [];
  const client = new Redis(redisUrl);
  try {
    const open: string[] = [];
    for (const queue of QUEUES) {
      if ((await client.exists(`${KEY}:${queue}:meta-paused`)) === 1) open.push(`${queue} is paused`);
      for (const list of ['wait', 'active', 'paused']) {
        const jobs = await client.llen(`${KEY}:${queue}:${list}`);
        if (jobs > 0) open.push(`${jobs} jobs in ${list} of ${queue}`);
      }
    }
    return open;
  } finally {
    client.disconnect();
  }
}

/** Two hours pass for the temporary files: younger ones may belong to a run. */
function age(folder: string): void {
  const then = Date.now() / 1_000 - 7_200;
  for (const file of filesIn(folder).filter(isTemporary)) utimesSync(path.join(folder, file), then, then);
}
