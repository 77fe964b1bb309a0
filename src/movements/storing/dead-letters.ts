import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MovementEvent } from '../movement-event.js';
import type { DeadLetterReason } from './dead-letter.js';
import { MovementWriter, type Stored } from './movement.writer.js';

/** A dead letter as it is kept. */
export interface KeptLetter {
  readonly id: number;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** JSON of the event; or what can't be read as one. */
  readonly content: string;
  /** Whether the content is an event. */
  readonly readable: boolean;
  readonly eventId: string | null;
  readonly store: string | null;
  readonly keptAt: Date;
}

const COLUMNS = `dead_letter::float8 AS id, reason, detail, content, readable, event_id AS "eventId",
                 store_name AS store, kept_at AS "keptAt"`;

/** What was accepted and could not be stored. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly dataSource: DataSource,
    private readonly writer: MovementWriter,
  ) {}

  /** The newest first. @param before the id of the last one of the page before; null: from the newest. */
  list(before: number | null, limit: number): Promise<KeptLetter[]> {
    return this.dataSource.query(
      `SELECT ${COLUMNS} FROM movement_dead_letters WHERE dead_letter < coalesce($1::bigint, 9223372036854775807)
        ORDER BY dead_letter DESC LIMIT $2`,
      [before, limit],
    );
  }

  async find(id: number): Promise<KeptLetter | null> {
    const rows: KeptLetter[] = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM movement_dead_letters WHERE dead_letter = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  async count(): Promise<number> {
    const rows: { count: number }[] = await this.dataSource.query(
      'SELECT count(*)::int AS count FROM movement_dead_letters',
    );
    return rows[0]!.count;
  }

  /** @returns whether it was there. */
  async remove(id: number): Promise<boolean> {
    const [, removed] = (await this.dataSource.query(
      'DELETE FROM movement_dead_letters WHERE dead_letter = $1',
      [id],
    )) as [unknown, number];
    return removed === 1;
  }

  /**
   * Tries to store it again. One whose id belongs to another event gets an id of its own: whoever replays it says that
   * it is a different one. Cut off anywhere it can be done again, and the event is stored once.
   *
   * @param read reads what was not an event when it was kept; it throws what is wrong with it still.
   * @returns null when there is none, also when it is erased meanwhile. It is gone unless it was refused again.
   */
  async replay(
    id: number,
    read: (text: string) => MovementEvent | Promise<MovementEvent>,
  ): Promise<Stored | null> {
    const letter = await this.find(id);
    if (letter === null) return null;
    const event = letter.readable
      ? (JSON.parse(letter.content) as MovementEvent)
      : await read(letter.content);
    const stored = await this.writer.store([{ ...event, eventId: replayedId(letter, event) }], [], id);
    if (stored.stored + stored.duplicates + stored.deadLettered === 0) return null;
    if (stored.deadLettered === 0) await this.remove(id);
    return stored;
  }
}

/** The same for each attempt, so that one that was cut off after it had stored the event is taken for a repetition. */
function replayedId({ id, reason, readable }: KeptLetter, { eventId }: MovementEvent): string {
  if (!readable) return `dead-letter-${id}`;
  return reason === 'event_id_conflict' ? `${eventId}~${id}` : eventId;
}
