import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { parseRedisUrl } from '../redis-address.js';

/** A connection to one server, to the master that Sentinels name, or to a cluster: it takes the same commands. */
export type RedisConnection = Redis | Cluster;

/**
 * Opens what a REDIS_URL names.
 *
 * @param options of a single connection; in a cluster, of the one to each node.
 */
export function openRedis(url: string, options: RedisOptions): RedisConnection {
  const address = parseRedisUrl(url);
  // The environment has checked it; what reaches this is a mistake of ours.
  if (address === null) throw new Error('This is no REDIS_URL.');
  if (address.kind === 'single') return new Redis(address.url, options);
  const { host: _host, port: _port, ...common } = options;
  if (address.kind === 'sentinel') {
    const { sentinels, master, database, login } = address;
    return new Redis({
      ...common,
      ...login,
      sentinels,
      name: master,
      db: database,
      ...(common.retryStrategy && { sentinelRetryStrategy: common.retryStrategy as () => number | null }),
    });
  }
  const { retryStrategy, db: _db, enableOfflineQueue, ...ofNode } = common;
  return new Cluster(address.nodes, {
    ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
    ...(retryStrategy && { clusterRetryStrategy: retryStrategy as () => number | null }),
    ...(common.lazyConnect !== undefined && { lazyConnect: common.lazyConnect }),
    slotsRefreshTimeout: common.connectTimeout ?? 1_000,
    redisOptions: { ...ofNode, ...address.login },
  });
}

/**
 * Who is connected, one line each: to one server's database, since others of it may be another Storewatch's, or to any
 * node of a cluster, where Bull would ask one of them.
 */
export async function listClients(connection: RedisConnection): Promise<string[]> {
  const isCluster = connection instanceof Cluster;
  const nodes = isCluster ? connection.nodes('all') : [connection];
  const database = ` db=${isCluster ? 0 : (connection.options.db ?? 0)} `;
  const lists = await Promise.all(nodes.map((node) => node.client('LIST')));
  return lists.flatMap((list) => String(list).split('\n')).filter((line) => line.includes(database));
}
