import { getQueueToken } from '@nestjs/bull';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Queue } from 'bull';
import { Chores } from '../chores.js';
import { within } from '../within.js';
import { RedisConnections } from './bull-options.js';
import { QUEUES } from './queues.js';
import { examineRedis } from './redis-check.js';

const EVERY_MS = 60_000;
/** A worker's connection waits for ever for an answer. */
const PATIENCE_MS = 2_000;

/**
 * Knows whether the Redis of the queue can be trusted with jobs: asked when it answers for the first time, whenever
 * it has come back, since it may be another one then, and every minute, since its memory fills.
 */
@Injectable()
export class RedisWatch implements OnModuleInit {
  private readonly logger = new Logger(RedisWatch.name);
  private known: readonly string[] = [];

  constructor(
    @Inject(RedisConnections) private readonly connections: RedisConnections | null,
    private readonly modules: ModuleRef,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    if (this.connections === null) return;
    const { client } = this.modules.get<Queue>(getQueueToken(QUEUES[0]), { strict: false });
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

  private async look(client: Queue['client']): Promise<void> {
    if (client.status !== 'ready') return;
    let problems: string[] | undefined;
    try {
      problems = await within(PATIENCE_MS, examineRedis(client));
    } catch {
      // It went away meanwhile, which is told elsewhere; it is asked again when it is back.
      return;
    }
    if (problems === undefined) return;
    const told = new Set(this.known.map(faultOf));
    for (const problem of problems) if (!told.has(faultOf(problem))) this.logger.warn(problem);
    this.known = problems;
  }
}

/** The same for the same fault: how full the memory is changes from look to look. */
function faultOf(problem: string): string {
  return problem.replace(/\d+ %/, '');
}
