import { type Queryable, rowsOf } from './queryable.js';

/** Whether the large tables lie in shards: then no snapshot spans them, and what only one node can do is refused. */
export async function isDistributed(db: Queryable): Promise<boolean> {
  const [citus] = await rowsOf<{ there: boolean }>(
    db,
    `SELECT to_regclass('pg_dist_partition') IS NOT NULL AS there`,
  );
  if (!citus!.there) return false;
  const [polls] = await rowsOf<{ sharded: boolean }>(
    db,
    `SELECT EXISTS (SELECT FROM pg_dist_partition
                     WHERE logicalrelid = to_regclass('store_day_polls') AND partmethod = 'h') AS sharded`,
  );
  return polls!.sharded;
}
