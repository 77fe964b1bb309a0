import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { MovementBuffer } from '../buffer/movement-buffer.js';
import { type MovementTask, MovementWork } from '../movement-work.js';
import { FloorDigest } from './floor-digest.js';

/** Then it makes room for others, which wait for the same workers. */
const LONGEST_RUN_MS = 2_000;
/** Rests as long as it took: figures that nobody asks for must not take the place of storing events. */
const RESTS = 1;
/**
 * Work of one id is in the queue once, and that of a killed worker stays there until Bull misses it, some 20 s. An id
 * of its own for each round keeps it from standing in the way so long.
 */
const ROUND_US = 5_000_000;
/** More waiting events than that need all that the workers have: what events mean comes after they are stored. */
const MOST_WAITING = 10_000;

/**
 * Works out in the background what new events mean, so that whoever asks for figures finds most of it done. The sweep
 * brings it up every other second while anything waits, so nothing waits longer than some ten seconds for its turn.
 */
@Injectable()
export class DigestTask implements MovementTask, OnModuleInit, BeforeApplicationShutdown {
  readonly name = 'digest';
  private restedMs = 0;
  private isRunning = false;
  private readonly stopping = new AbortController();

  constructor(
    private readonly digest: FloorDigest,
    private readonly buffer: MovementBuffer,
    private readonly work: MovementWork,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.work.register(this);
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  /** Store by store. What is left comes up again. */
  async run(): Promise<void> {
    const startMs = performance.now();
    if (this.isRunning || startMs < this.restedMs) return;
    this.isRunning = true;
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(LONGEST_RUN_MS)]);
    try {
      for (const storeKey of await this.digest.waiting()) await this.digest.catchUp(storeKey, signal);
    } finally {
      this.isRunning = false;
      const endMs = performance.now();
      this.restedMs = endMs + RESTS * (endMs - startMs);
    }
  }

  async unfinished(): Promise<string[]> {
    if (this.isRunning || performance.now() < this.restedMs) return [];
    if (((await this.buffer.length()) ?? 0) > MOST_WAITING) return [];
    return (await this.digest.waiting()).length === 0 ? [] : [this.roundId()];
  }

  private roundId(): string {
    return `${this.name}-${Math.floor(this.clock.nowUs() / ROUND_US)}`;
  }
}
