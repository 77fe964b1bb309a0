import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock.js';
import { Environment } from '../../platform/environment.js';
import { type ListedValues, type ListOf, readJsonList, readLines } from '../../platform/http/list-body.js';
import { whyNoJson } from '../../platform/json-text.js';
import { Problem } from '../../platform/problem.js';
import { MovementBuffer } from '../buffer/movement-buffer.js';
import { RawEvents } from '../buffer/raw-events.js';
import type { MovementEvent } from '../movement-event.js';
import { UserIds } from '../privacy/user-ids.js';
import { readMovements } from './movement-batch.js';
import { type MovementContext, parseMovement } from './movement.parser.js';
import type { AcceptedMovementsView } from './movement.view.js';

export const MOVEMENTS: ListOf = { one: 'an event', many: 'events', most: 1_000 };

/** Takes events as cameras send them. */
@Injectable()
export class MovementIntake implements OnModuleInit {
  constructor(
    private readonly buffer: MovementBuffer,
    private readonly userIds: UserIds,
    private readonly raw: RawEvents,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  onModuleInit(): void {
    this.raw.register({ read: (text) => this.readText(text) });
  }

  /**
   * Keeps the events of a request, all or none.
   *
   * @param body bytes of a JSON object, a JSON list, or, when `isLines`, an object a line.
   * @throws Problem 400, 409 or 413 for what can't be used, 429 when too many wait, 503 when nothing can keep them.
   */
  accept(body: Buffer, isLines: boolean): Promise<AcceptedMovementsView> {
    const listed = isLines ? readLines(body, MOVEMENTS) : readJsonList(body, MOVEMENTS);
    if (listed.values.length === 0)
      throw new Problem(400, 'no_events', 'The list is empty. It has to hold from 1 to 1,000 events.');
    return this.keep(listed);
  }

  /** As `accept`, for one event that is no text any more. */
  acceptOne(value: unknown): Promise<AcceptedMovementsView> {
    return this.keep({ values: [value], pointerOf: () => '', prefixOf: () => '' });
  }

  private async keep(body: ListedValues): Promise<AcceptedMovementsView> {
    const { events, eventIds, dropped } = readMovements(body, this.context());
    const way = await this.buffer.push(events);
    return {
      accepted: events.length,
      repeated: body.values.length - events.length,
      event_ids: [...eventIds],
      dropped_members: { ...dropped },
      redis_connected: way === 'buffered' || (await this.buffer.connected()),
      stored: way === 'stored',
    };
  }

  private readText(text: string): MovementEvent {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new Problem(400, 'bad_body', `This is no JSON: ${whyNoJson(text)}.`);
    }
    const read = parseMovement(value, this.context());
    if ('event' in read) return read.event;
    throw new Problem(400, 'bad_event', read.problems.map(({ detail }) => detail).join(' '), read.problems);
  }

  private context(): MovementContext {
    const nowUs = this.clock.nowUs();
    return {
      receivedUs: nowUs,
      nowUs,
      retentionDays: this.environment.movementRetentionDays,
      hash: (userId) => this.userIds.keep(userId),
      newId: uuidv7,
    };
  }
}
