import { Injectable, Logger } from '@nestjs/common';
import { Environment } from '../../platform/environment.js';
import { RedisWatch } from '../../platform/queue/redis-watch.js';
import { inTime, within } from '../../platform/within.js';
import type { MovementEvent } from '../movement-event.js';
import { DirectStoring } from './direct-storing.js';
import { FlushRequests } from './flush-requests.js';
import { BATCH, bufferFull } from './limits.js';
import { elementOf } from './movement-element.js';
import { MovementLists } from './movement-lists.js';

/** A Redis that takes longer may still do what it was told; that is harmless, since an event is stored once. */
const PATIENCE_MS = 500;

/**
 * Takes accepted events, so that their senders need not wait for the database: into Redis where that keeps what it is
 * given, else into the database after all. Either way they are kept when `push` returns.
 */
@Injectable()
export class MovementBuffer {
  private readonly logger = new Logger(MovementBuffer.name);
  private wasDirect: string | null = null;

  constructor(
    private readonly lists: MovementLists,
    private readonly watch: RedisWatch,
    private readonly direct: DirectStoring,
    private readonly requests: FlushRequests,
    private readonly environment: Environment,
  ) {}

  /**
   * Keeps all of them or none.
   *
   * @returns `buffered`: they wait in Redis; `stored`: they are in the database already.
   * @throws Problem 429 when too many wait, 503 when neither Redis nor the database can be reached.
   */
  async push(events: readonly MovementEvent[]): Promise<'buffered' | 'stored'> {
    const refusal = events.length === 0 ? null : await this.buffer(events);
    if (refusal === null) return 'buffered';
    this.tell(refusal);
    await this.direct.store(events);
    return 'stored';
  }

  /** How many wait in Redis; those of a batch that is being stored are not counted. Null: Redis does not answer. */
  async length(): Promise<number | null> {
    if (!this.lists.isReady()) return this.environment.redisUrl === null ? 0 : null;
    return inTime(PATIENCE_MS, () => this.lists.length());
  }

  /** Whether Redis answers now. */
  async connected(): Promise<boolean> {
    return this.environment.redisUrl !== null && (await this.length()) !== null;
  }

  /** Why events go straight to the database at present; null: they go to Redis. */
  async whyDirect(): Promise<string | null> {
    if (this.environment.redisUrl === null) return 'there is no Redis';
    if (!this.lists.isReady()) return 'Redis does not answer';
    return (await this.watch.isDurable()) ? null : 'Redis may not keep them, or is nearly full';
  }

  /** @returns null when Redis has them; else why not. */
  private async buffer(events: readonly MovementEvent[]): Promise<string | null> {
    const why = await this.whyDirect();
    if (why !== null) return why;
    const { movementBufferLimit: limit } = this.environment;
    let waiting: number | null | undefined;
    try {
      waiting = await within(PATIENCE_MS, this.lists.add(events.map(elementOf), limit));
    } catch (error) {
      return `Redis did not take them (${(error as Error).message})`;
    }
    if (waiting === undefined) return 'Redis did not answer in time';
    if (waiting === null) throw bufferFull(limit);
    if (this.wasDirect !== null) this.logger.log('Movement events go through Redis again.');
    this.wasDirect = null;
    if (waiting >= BATCH) this.requests.wanted(waiting);
    return null;
  }

  /** Once for each reason, not for each request. */
  private tell(reason: string): void {
    if (this.environment.redisUrl !== null && this.wasDirect !== reason)
      this.logger.warn(`Movement events go straight to the database: ${reason}.`);
    this.wasDirect = reason;
  }
}
