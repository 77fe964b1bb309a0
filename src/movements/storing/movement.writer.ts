import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { repeatBrokenOff } from '../../platform/database/broken-off.js';
import { inTransaction } from '../../platform/database/connection.js';
import { DAY_US } from '../../platform/instant.js';
import { foldName } from '../../stores/store-text.js';
import type { MovementEvent } from '../movement-event.js';
import { resolveStores } from '../store-names.reader.js';
import { contentDigest } from './content-digest.js';
import { type DeadLetter, isLetterThere, keepDeadLetters } from './dead-letter.js';
import { takeIds } from './movement-ids.js';
import { BEGIN_STORING } from './movement-lock.js';
import { ensureMovementPartitions } from './movement-partitions.js';
import { copyEvents, type KeyedEvent, noteTouched } from './movement-rows.js';
import { notStorable } from './storable.js';

/** What became of a batch; together as many as it has events. */
export interface Stored {
  stored: number;
  /** Had been stored before. */
  duplicates: number;
  deadLettered: number;
}

/** A transaction locks every index of every partition that it makes, and the server has room for some thousand locks. */
const DAYS_A_TRANSACTION = 16;
const UNIQUE_VIOLATION = '23505';

/** Stores events, each of them once, however often it comes. */
@Injectable()
export class MovementWriter {
  private readonly logger = new Logger(MovementWriter.name);

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Stores a batch in one transaction. Given again, whole or in part, it changes nothing. Only a batch that holds an
   * event that the database refuses, or events of many days, takes several.
   *
   * @param letters what belongs to the batch and could not be read as an event; kept with it.
   * @param replayed id of the dead letter that the events come from: when it is gone by then, with the person whom it
   *   told of, nothing is stored.
   * @throws what the database failed with when it is away or broken: then it may have been stored or not.
   */
  async store(
    events: readonly MovementEvent[],
    letters: readonly DeadLetter[] = [],
    replayed: number | null = null,
  ): Promise<Stored> {
    const refused = [...letters];
    const fit = events.filter((event) => {
      const detail = notStorable(event);
      if (detail !== null) refused.push({ reason: 'not_storable', detail, content: event });
      return detail === null;
    });
    const groups = byDays(fit);
    const all = await this.storeWhole(groups[0] ?? [], refused, replayed);
    for (const group of groups.slice(1)) add(all, await this.storeWhole(group, [], replayed));
    return all;
  }

  private async storeWhole(
    events: readonly MovementEvent[],
    letters: readonly DeadLetter[],
    replayed: number | null,
  ): Promise<Stored> {
    try {
      return await this.attempt(events, letters, replayed);
    } catch (error) {
      if (!speaksOfData(codeOf(error)) || events.length === 0) throw error;
      return events.length === 1
        ? this.refuse(events[0]!, letters, replayed, error as Error)
        : this.storeHalves(events, letters, replayed);
    }
  }

  /** One event of them is refused; the others must not wait for it. */
  private async storeHalves(
    events: readonly MovementEvent[],
    letters: readonly DeadLetter[],
    replayed: number | null,
  ): Promise<Stored> {
    const middle = events.length >> 1;
    const all = await this.storeWhole(events.slice(0, middle), letters, replayed);
    add(all, await this.storeWhole(events.slice(middle), [], replayed));
    return all;
  }

  private async refuse(
    event: MovementEvent,
    letters: readonly DeadLetter[],
    replayed: number | null,
    error: Error,
  ): Promise<Stored> {
    // It was stored so long ago that its id is forgotten.
    if (codeOf(error) === UNIQUE_VIOLATION) {
      await this.attempt([], letters, replayed);
      return { stored: 0, duplicates: 1, deadLettered: letters.length };
    }
    this.logger.warn(`An event can't be stored and is kept as a dead letter: ${error.message}`);
    const detail = `The database refuses it: ${error.message}.`;
    return this.attempt([], [...letters, { reason: 'not_storable', detail, content: event }], replayed);
  }

  private attempt(
    events: readonly MovementEvent[],
    letters: readonly DeadLetter[],
    replayed: number | null,
  ): Promise<Stored> {
    return repeatBrokenOff(() =>
      inTransaction(
        this.dataSource,
        async (client) =>
          replayed === null || (await isLetterThere(client, replayed))
            ? storeWithin(client, events, letters)
            : { stored: 0, duplicates: 0, deadLettered: 0 },
        BEGIN_STORING,
      ),
    );
  }
}

async function storeWithin(
  client: pg.PoolClient,
  events: readonly MovementEvent[],
  letters: readonly DeadLetter[],
): Promise<Stored> {
  if (events.length === 0) {
    await keepDeadLetters(client, letters);
    return { stored: 0, duplicates: 0, deadLettered: letters.length };
  }
  const names = [...new Set(events.map((event) => event.store))];
  const keys = await resolveStores(client, names);
  await ensureMovementPartitions(client, events.map(dayOf));
  const { fresh, repeated, clashing } = await takeIds(
    client,
    events.map((event) => keyed(event, keys.get(event.store) ?? 0)),
  );
  if (fresh.length > 0) {
    await copyEvents(client, fresh);
    await noteTouched(client, fresh);
  }
  const clashes = clashing.map(clashOf);
  await keepDeadLetters(client, [...letters, ...clashes]);
  return { stored: fresh.length, duplicates: repeated, deadLettered: letters.length + clashes.length };
}

function keyed(event: MovementEvent, storeKey: number): KeyedEvent {
  const unmappedName = storeKey === 0 ? foldName(event.store.trim()) : null;
  return { event, storeKey, unmappedName, digest: contentDigest(event) };
}

function clashOf({ event }: KeyedEvent): DeadLetter {
  return {
    reason: 'event_id_conflict',
    detail: `The store has another event under the id '${event.eventId}'. One id stands for one event: the first holds.`,
    content: event,
  };
}

function dayOf(event: MovementEvent): number {
  return Math.floor(event.atUs / DAY_US);
}

/** In groups of few days; nearly always one. */
function byDays(events: readonly MovementEvent[]): MovementEvent[][] {
  const days = [...new Set(events.map(dayOf))].sort((a, b) => a - b);
  if (days.length <= DAYS_A_TRANSACTION) return events.length === 0 ? [] : [[...events]];
  const groups: MovementEvent[][] = [];
  for (const event of events) {
    const group = Math.floor(days.indexOf(dayOf(event)) / DAYS_A_TRANSACTION);
    (groups[group] ??= []).push(event);
  }
  return groups;
}

function add(all: Stored, more: Stored): void {
  all.stored += more.stored;
  all.duplicates += more.duplicates;
  all.deadLettered += more.deadLettered;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? '');
}

/** Codes of SQLSTATE that say that a value is not one for its column, or too long for an index: tried again it fails again. */
function speaksOfData(code: string): boolean {
  return /^2[23][0-9A-Z]{3}$/.test(code) || code === '54000';
}
