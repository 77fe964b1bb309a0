import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KEY_PREFIX } from './bull-options.js';
import { RedisClient } from './redis-client.js';
import { WorkHandlers } from './work-handlers.js';

/** No id of a row begins so. */
const MARK = 'ping-';
/** An answer that nobody fetches any more goes by itself. */
const ANSWER_KEPT_MS = 15_000;
const LOOK_EVERY_MS = 10;

/** A round trip through a worker. */
export interface Pong {
  /** Of the job that made the trip. */
  task_id: string;
  /** From the asking to the answer. */
  latency_ms: number;
}

/**
 * Lets a job come back with an answer. The worker that takes it leaves the answer in Redis, under the job's id: whether
 * a job is done could not be told from its being gone, since one that fails, or is forgotten by Redis, is gone too.
 */
@Injectable()
export class Pings implements OnModuleInit {
  constructor(
    private readonly handlers: WorkHandlers,
    private readonly redis: RedisClient,
  ) {}

  onModuleInit(): void {
    this.handlers.answerPings(isPing, (id) => this.answer(id));
  }

  newId(): string {
    return `${MARK}${randomUUID()}`;
  }

  /** Waits for the answer to one of some jobs. @returns to which; null when none came in time. */
  async heard(ids: readonly string[], patienceMs: number): Promise<string | null> {
    const end = performance.now() + patienceMs;
    for (;;) {
      for (const id of ids) if (await this.fetch(id)) return id;
      const leftMs = end - performance.now();
      if (leftMs <= 0) return null;
      await delay(Math.min(LOOK_EVERY_MS, leftMs));
    }
  }

  private async fetch(id: string): Promise<boolean> {
    return this.redis.isReady() && (await this.redis.get().del(answerTo(id))) > 0;
  }

  private async answer(id: string): Promise<void> {
    await this.redis.get().set(answerTo(id), 'here', 'PX', ANSWER_KEPT_MS);
  }
}

function isPing(id: string): boolean {
  return id.startsWith(MARK);
}

function answerTo(id: string): string {
  return `${KEY_PREFIX}:answer:${id}`;
}
