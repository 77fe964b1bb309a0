import { getQueueToken } from '@nestjs/bull';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Queue } from 'bull';
import { Chores } from '../chores.js';
import { within } from '../within.js';
import { RedisConnections } from './bull-options.js';
import { QUEUES } from './queues.js';
import { examineRedis, type RedisFindings } from './redis-check.js';

const EVERY_MS = 60_000;
/** A worker's connection waits for ever for an answer. */
const PATIENCE_MS = 2_000;
/** As long an answer on whether it keeps things holds: memory fills within seconds. */
const DURABLE_FOR_MS = 2_000;
/** Nobody who wants to keep something waits longer for that answer. */
const DURABLE_PATIENCE_MS = 500;

/**
 * Knows whether the Redis of the queue can be trusted with jobs: asked when it answers for the first time, whenever
 * it has come back, since it may be another one then, and every minute, since its memory fills.
 */
@Injectable()
export class RedisWatch implements OnModuleInit {
  private readonly logger = new Logger(RedisWatch.name);
  private known: readonly string[] = [];
  /** When it last said that it keeps what it is given, on the clock of `performance`; null: it does not, or who knows. */
  private durableAt: number | null = null;
  private looking: Promise<void> | null = null;
  private client: Queue['client'] | null = null;

  constructor(
    @Inject(RedisConnections) private readonly connections: RedisConnections | null,
    private readonly modules: ModuleRef,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    if (this.connections === null) return;
    const { client } = this.modules.get<Queue>(getQueueToken(QUEUES[0]), { strict: false });
    this.client = client;
    // What comes back may be another one, or the same with other settings.
    client.on('close', () => (this.durableAt = null));
    client.on('ready', () => void this.look(client));
    if (client.status === 'ready') void this.look(client);
    this.chores.register({
      name: 'Asking Redis how it is set',
      everyMs: EVERY_MS,
      run: () => this.look(client),
    });
  }

  /** As it was when it was asked last, a sentence each; none where it is fit, or there is no Redis. */
  problems(): readonly string[] {
    return this.known;
  }

  /**
   * Whether Redis keeps what it is given: it writes an append-only file, evicts nothing and has room. As it said within
   * the last seconds; what it does not say counts against it. Asks when nobody has asked lately, and waits half a
   * second for the answer.
   */
  async isDurable(): Promise<boolean> {
    if (this.client === null || this.client.status !== 'ready') return false;
    const { durableAt } = this;
    const ageMs = durableAt === null ? Infinity : performance.now() - durableAt;
    // Asked for while the last answer still holds, so that hardly anybody ever waits.
    const asked = ageMs > DURABLE_FOR_MS / 2 ? this.look(this.client) : null;
    if (ageMs > DURABLE_FOR_MS) await within(DURABLE_PATIENCE_MS, asked!);
    return this.durableAt !== null && performance.now() - this.durableAt <= DURABLE_FOR_MS;
  }

  /** Looks once; while it is being looked, waits for that look. */
  private look(client: Queue['client']): Promise<void> {
    this.looking ??= this.ask(client).finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async ask(client: Queue['client']): Promise<void> {
    if (client.status !== 'ready') return;
    const askedAt = performance.now();
    let findings: RedisFindings | undefined;
    try {
      findings = await within(PATIENCE_MS, examineRedis(client));
    } catch {
      // It went away meanwhile, which is told elsewhere; it is asked again when it is back.
      return;
    }
    if (findings === undefined) return;
    const { problems, isDurable } = findings;
    this.durableAt = isDurable ? askedAt : null;
    const told = new Set(this.known.map(faultOf));
    for (const problem of problems) if (!told.has(faultOf(problem))) this.logger.warn(problem);
    this.known = problems;
  }
}

/** The same for the same fault: how full the memory is changes from look to look. */
function faultOf(problem: string): string {
  return problem.replace(/\d+ %/, '');
}
