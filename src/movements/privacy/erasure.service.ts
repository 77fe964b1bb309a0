import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { WaitingEvents } from '../buffer/waiting-events.js';
import { forgetPerson } from '../digest/forget-person.js';
import { lockMovements } from '../storing/movement-lock.js';
import type { ErasedPersonView } from './erasure.view.js';
import type { Person } from './person.js';
import { UserIds } from './user-ids.js';

const LETTERS_AT_ONCE = 1_000;

/** Erases what is known of a person. */
@Injectable()
export class ErasureService {
  private readonly logger = new Logger(ErasureService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly waiting: WaitingEvents,
    private readonly userIds: UserIds,
  ) {}

  /**
   * Removes a person's events, wherever they are, and all that was worked out of them. Done again, it removes what
   * came meanwhile. The ids of the events stay for some days, so that one that is sent again does not come back.
   *
   * @param userId as cameras send it, or as lists show it.
   * @throws Problem 503 when some of it can't be reached now; then it has to be done again.
   */
  async erase(userId: string): Promise<ErasedPersonView> {
    const person = this.userIds.person(userId);
    // First what is not stored yet, so that none of it is stored after.
    const waiting = await this.waiting.removePerson(person);
    const erased = await inTransaction(this.dataSource, async (client) => {
      await lockMovements(client);
      // As everywhere, before anything of theirs: a clearing makes us wait while we hold nothing that it wants.
      await client.query('LOCK TABLE stores IN ACCESS SHARE MODE');
      return { ...(await eraseHere(client, person)), cleared_rows: await eraseCleared(client, person) };
    });
    this.logger.log(
      `A person was erased: ${erased.events} events, ${erased.sessions} sessions, ${waiting} waiting, ${erased.dead_letters} dead letters.`,
    );
    return { ...erased, waiting_events: waiting };
  }
}

interface Erased {
  readonly events: number;
  readonly sessions: number;
  readonly dead_letters: number;
}

/** In the tables that the search path leads to. */
async function eraseHere(client: pg.ClientBase, person: Person): Promise<Erased> {
  const ids = [...person.ids];
  return {
    events: await deleted(client, 'DELETE FROM movement_events WHERE user_id = ANY ($1::text[])', [ids]),
    sessions: await forgetPerson(client, ...ids),
    dead_letters: await eraseLetters(client, person),
  };
}

/** What could not be read as an event is kept as it came: there the id stands as the camera sent it. */
async function eraseLetters(client: pg.ClientBase, person: Person): Promise<number> {
  const ids = [...person.ids];
  let removed = await deleted(client, 'DELETE FROM movement_dead_letters WHERE user_id = ANY ($1::text[])', [
    ids,
  ]);
  for (let after = '0', more = true; more; ) {
    const { rows } = await client.query<{ id: string; content: string }>(
      `SELECT dead_letter AS id, content FROM movement_dead_letters
        WHERE NOT readable AND dead_letter > $1 ORDER BY dead_letter LIMIT ${LETTERS_AT_ONCE}`,
      [after],
    );
    const named = rows.filter(({ content }) => person.isNamedIn(content)).map(({ id }) => id);
    removed += await deleted(
      client,
      'DELETE FROM movement_dead_letters WHERE dead_letter = ANY ($1::bigint[])',
      [named],
    );
    more = rows.length === LETTERS_AT_ONCE;
    after = rows.at(-1)?.id ?? after;
  }
  return removed;
}

/**
 * Data that were cleared can be taken back for a day; a person who was erased must not come back with them, neither by
 * name nor as one more in what was counted there. @returns how many rows that were.
 */
async function eraseCleared(client: pg.ClientBase, person: Person): Promise<number> {
  // Locked, so that nobody drops one of them meanwhile.
  const { rows } = await client.query<{ schema: string; path: string }>(
    `SELECT schema_name AS schema, current_setting('search_path') AS path FROM cleared_data
      WHERE to_regclass(format('%I.movement_events', schema_name)) IS NOT NULL ORDER BY 1 FOR UPDATE`,
  );
  let removed = 0;
  for (const { schema, path } of rows) {
    await client.query(`SELECT set_config('search_path', quote_ident($1), true)`, [schema]);
    const { events, sessions, dead_letters } = await eraseHere(client, person);
    await client.query(`SELECT set_config('search_path', $1, true)`, [path]);
    await client.query(
      `UPDATE cleared_data
          SET counts = jsonb_set(counts, '{movement_logs}', to_jsonb(greatest(0, (counts ->> 'movement_logs')::bigint - $2)))
        WHERE schema_name = $1 AND counts ? 'movement_logs'`,
      [schema, events],
    );
    removed += events + sessions + dead_letters;
  }
  return removed;
}

async function deleted(client: pg.ClientBase, statement: string, values: unknown[]): Promise<number> {
  return (await client.query(statement, values)).rowCount ?? 0;
}
