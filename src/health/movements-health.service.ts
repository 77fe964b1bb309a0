import { Injectable } from '@nestjs/common';
import { Environment } from '../platform/environment.js';
import { type BufferState, MovementsService } from '../movements/index.js';
import type { MovementsHealth } from './health.view.js';

/** Rounds of storing that may fall out: a worker that is being restarted is not missed. */
const ROUNDS_MISSED = 3;
/** A batch of a worker that died waits for its lease to end and for the next to take it. */
const LATE_AFTER_SECONDS = 60;
/** From this share of its limit on, what waits may soon be refused. */
const NEARLY_FULL = 0.8;

/** How events of cameras are kept. Nothing else depends on it, so at worst it works with less. */
@Injectable()
export class MovementsHealthService {
  constructor(
    private readonly movements: MovementsService,
    private readonly environment: Environment,
  ) {}

  async check(): Promise<MovementsHealth> {
    const state = await this.movements.state();
    const faults = this.faultsOf(state);
    return {
      status: faults.length === 0 ? 'ok' : 'degraded',
      latency_ms: null,
      detail: [...faults, ...(faults.length === 0 ? [wayOf(state)] : []), ...lettersOf(state)].join(' '),
      way: state.whyDirect === null ? 'redis' : 'database',
      waiting: state.waiting,
      in_flight: state.inFlight,
      oldest_waiting_seconds: state.oldestSeconds,
      dead_letters: state.deadLetters,
    };
  }

  private faultsOf({ whyDirect, waiting, oldestSeconds, limit }: BufferState): string[] {
    const faults: string[] = [];
    if (whyDirect !== null && this.environment.redisUrl !== null)
      faults.push(`Events are stored while their senders wait: ${whyDirect}.`);
    const late = LATE_AFTER_SECONDS + (ROUNDS_MISSED * this.environment.movementFlushMs) / 1_000;
    if (oldestSeconds !== null && oldestSeconds > late)
      faults.push(
        `Events have waited for ${oldestSeconds} s. See whether workers run, and whether the database takes what they store.`,
      );
    if (waiting !== null && waiting >= NEARLY_FULL * limit)
      faults.push(
        `${waiting.toLocaleString('en')} of at most ${limit.toLocaleString('en')} events wait; more than that are refused.`,
      );
    return faults;
  }
}

function wayOf({ whyDirect }: BufferState): string {
  return whyDirect === null
    ? 'Events wait in Redis for some seconds.'
    : 'No Redis: events are stored while their senders wait.';
}

function lettersOf({ deadLetters }: BufferState): string[] {
  if (deadLetters === null || deadLetters === 0) return [];
  const events = deadLetters === 1 ? '1 event' : `${deadLetters.toLocaleString('en')} events`;
  return [`${events} could not be stored: GET /api/v1/movements/dead-letters tells why.`];
}
