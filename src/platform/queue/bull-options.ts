import type { QueueOptions } from 'bull';
import type { Redis, RedisOptions } from 'ioredis';
import { openRedis, type RedisConnection } from './redis-connection.js';

/** `producer`: a process that only adds jobs and must never hang on Redis. `worker`: one that lives off the queue. */
export type QueueRole = 'producer' | 'worker';

/** Of every key. The braces put all of them on one node of a cluster, as Bull's scripts need. */
export const KEY_PREFIX = '{storewatch}';

/** An add that takes longer counts as not done; the sweep makes good what was lost, the claim what was doubled. */
export const ADD_TIMEOUT_MS = 500;

/** A Redis that has not answered a feature for so long is taken for one that is away. */
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * Bull's options for one process.
 *
 * - `maxStalledCount`: with Bull's default of 1, forty kills of workers made 12 of 60 jobs fail for good. Attempts are
 *   counted in PostgreSQL.
 * - The lock is short, so that the work of a dead process is taken up within 20 seconds.
 */
export function bullOptions(connections: RedisConnections): QueueOptions {
  return {
    prefix: KEY_PREFIX,
    createClient: (type, redisOptions) => connections.open(type, redisOptions),
    settings: { lockDuration: 15_000, lockRenewTime: 5_000, stalledInterval: 5_000, maxStalledCount: 1_000 },
    // Results live in PostgreSQL. A finished job that stayed would also silently swallow a new one with its id.
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  };
}

/** The connections that Bull asks for. It never closes those that it did not make itself, so they are kept here. */
export class RedisConnections {
  private readonly opened: RedisConnection[] = [];

  constructor(
    private readonly url: string,
    private readonly role: QueueRole,
  ) {}

  /** Bull's default waits for ever when Redis is away; a producer fails fast instead. */
  open(type: 'client' | 'subscriber' | 'bclient', redisOptions: RedisOptions | undefined): Redis {
    const patient = this.role === 'worker' || type !== 'client';
    const redis = openRedis(this.url, {
      // Bull's own come first: its host and port defaults would silently win over the URL's.
      ...redisOptions,
      connectTimeout: 1_000,
      retryStrategy: () => 500,
      maxRetriesPerRequest: patient ? null : 1,
      enableReadyCheck: !patient,
      enableOfflineQueue: patient,
    });
    redis.setMaxListeners(0);
    this.opened.push(redis);
    // Bull takes a cluster as well, but its types do not say so.
    return redis as Redis;
  }

  /**
   * A connection for a feature that keeps something in Redis itself; its owner closes it. It fails fast in every
   * process, and sends nothing again when it has come back: whoever sent it knows whether that would be harmless.
   */
  openForFeature(): RedisConnection {
    return openRedis(this.url, {
      connectTimeout: 1_000,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: () => 500,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
    });
  }

  close(): void {
    for (const redis of this.opened) redis.disconnect();
  }
}
