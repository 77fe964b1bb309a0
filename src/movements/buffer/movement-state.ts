import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Environment } from '../../platform/environment.js';
import { inTime } from '../../platform/within.js';
import { DeadLetters } from '../storing/dead-letters.js';
import { MovementBuffer } from './movement-buffer.js';
import { eventOf } from './movement-element.js';
import { type ListHeads, MovementLists } from './movement-lists.js';

/** Whoever asks how things are has no time for what does not answer. */
const PATIENCE_MS = 800;

/** Where accepted events go, and what of them is not stored. */
export interface BufferState {
  /** Why events go straight to the database; null: they go to Redis. */
  readonly whyDirect: string | null;
  /** Null: Redis does not answer. */
  readonly waiting: number | null;
  /** Taken and not stored yet; null: Redis does not answer. */
  readonly inFlight: number | null;
  /** How long ago the oldest of both was received; null: there is none, or it does not say when. */
  readonly oldestSeconds: number | null;
  /** Accepted and not storable; null: the database does not answer. */
  readonly deadLetters: number | null;
  /** How many may wait. */
  readonly limit: number;
}

/** Looks at the buffer and at what came out of it. */
@Injectable()
export class MovementState {
  constructor(
    private readonly buffer: MovementBuffer,
    private readonly lists: MovementLists,
    private readonly letters: DeadLetters,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  /** Within a second, whatever does not answer. */
  async look(): Promise<BufferState> {
    const [whyDirect, heads, deadLetters] = await Promise.all([
      this.buffer.whyDirect(),
      this.environment.redisUrl === null
        ? { waiting: 0, inFlight: 0, firsts: [] }
        : inTime(PATIENCE_MS, () => this.lists.heads()),
      inTime(PATIENCE_MS, () => this.letters.count()),
    ]);
    return {
      whyDirect: heads === null ? 'Redis does not answer' : whyDirect,
      waiting: heads?.waiting ?? null,
      inFlight: heads?.inFlight ?? null,
      oldestSeconds: heads === null ? null : this.oldestSeconds(heads),
      deadLetters,
      limit: this.environment.movementBufferLimit,
    };
  }

  private oldestSeconds({ firsts }: ListHeads): number | null {
    const received = firsts.flatMap((element) => eventOf(element)?.receivedUs ?? []);
    if (received.length === 0) return null;
    return Math.max(0, Math.round((this.clock.nowUs() - Math.min(...received)) / 1_000_000));
  }
}
