import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { RedisConnections } from './bull-options.js';
import type { RedisConnection } from './redis-connection.js';

/** Redis is away, or there is none. */
export class RedisAway extends Error {
  constructor() {
    super('Redis does not answer.');
    this.name = 'RedisAway';
  }
}

/**
 * Redis for a feature that keeps something there itself, over a connection of its own: commands fail at once when it
 * is away, in every process. How it was named, one server, Sentinels or a cluster, makes no difference.
 */
@Injectable()
export class RedisClient implements OnModuleInit, OnApplicationShutdown {
  private redis: RedisConnection | null = null;

  constructor(@Inject(RedisConnections) private readonly connections: RedisConnections | null) {}

  onModuleInit(): void {
    if (this.connections === null) return;
    this.redis = this.connections.openForFeature();
    // Refused connections are told of by the queue, which goes to the same Redis; this one comes back by itself.
    this.redis.on('error', () => undefined);
  }

  /** Last of all: whoever works with it has until then to hand back. */
  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }

  isReady(): boolean {
    return this.redis?.status === 'ready';
  }

  /** @throws RedisAway when no command could be sent. */
  get(): RedisConnection {
    if (this.redis?.status !== 'ready') throw new RedisAway();
    return this.redis;
  }
}
