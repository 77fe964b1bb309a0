import { Injectable } from '@nestjs/common';
import { FlushRequests } from './buffer/flush-requests.js';
import { MovementBuffer } from './buffer/movement-buffer.js';
import { MovementFlusher } from './buffer/movement-flusher.js';
import { type BufferState, MovementState } from './buffer/movement-state.js';
import { WaitingEvents } from './buffer/waiting-events.js';
import type { AcceptedMovementsView } from './intake/movement.view.js';
import { MovementIntake } from './intake/movement-intake.js';
import { type MovementPage, MovementListService } from './reading/movement-list.service.js';

/** What other features and the commands may do with movement events. */
@Injectable()
export class MovementsService {
  constructor(
    private readonly intake: MovementIntake,
    private readonly events: MovementListService,
    private readonly buffer: MovementBuffer,
    private readonly requests: FlushRequests,
    private readonly flusher: MovementFlusher,
    private readonly waiting: WaitingEvents,
    private readonly states: MovementState,
  ) {}

  /**
   * Keeps the events of a body, all or none.
   *
   * @param body JSON of one event or of a list of at most 1,000; when `isLines`, one on each line.
   * @throws Problem 400, 409 or 413 for what can't be used, 429 when too many wait, 503 when nothing can keep them.
   */
  accept(body: Buffer, isLines: boolean): Promise<AcceptedMovementsView> {
    return this.intake.accept(body, isLines);
  }

  /** As `accept`, for one event that is no text any more. */
  acceptOne(value: unknown): Promise<AcceptedMovementsView> {
    return this.intake.acceptOne(value);
  }

  /** Events that are stored, the newest first. @param page counted from 1. */
  page(page: number, size: number): Promise<MovementPage> {
    return this.events.page(page, size);
  }

  /** How many events wait in Redis; null: Redis does not answer. */
  queueLength(): Promise<number | null> {
    return this.buffer.length();
  }

  /** Whether Redis answers. */
  connected(): Promise<boolean> {
    return this.buffer.connected();
  }

  /** Lets the workers store what waits. @returns the id of the work. */
  process(): Promise<string> {
    return this.requests.request();
  }

  /** Stores what waits, in this process. @returns how many events were stored. */
  drain(): Promise<number> {
    return this.flusher.drain();
  }

  /** Empties what waits in Redis. @returns exactly how many events that were. @throws Problem 503 when it does not answer. */
  clear(): Promise<number> {
    return this.waiting.clear();
  }

  /**
   * Stores all that waits, wherever it is: every event that was accepted before is in the database then.
   *
   * @returns how many events waited; null: Redis does not answer, so that what waits there stays.
   * @throws Problem 503 when it takes too long.
   */
  storeAll(): Promise<number | null> {
    return this.waiting.storeAll();
  }

  /** Where events go and what waits; within a second, whatever does not answer. */
  state(): Promise<BufferState> {
    return this.states.look();
  }
}
