import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/connection.js';
import { MovementBuffer } from '../buffer/movement-buffer.js';
import { forgetPerson } from '../digest/forget-person.js';
import { lockMovements } from '../storing/movement-lock.js';
import type { ErasedPersonView } from './erasure.view.js';
import { UserIds } from './user-ids.js';

/** Tables that name a person, in which nothing is counted again when they lie among data that were cleared. */
const TABLES_WITH_PEOPLE = [
  'movement_events',
  'movement_dead_letters',
  'movement_touched',
  'movement_sessions',
  'zone_visits',
  'line_crossings',
  'session_heat',
] as const;

/** Erases what is known of a person. */
@Injectable()
export class ErasureService {
  private readonly logger = new Logger(ErasureService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly buffer: MovementBuffer,
    private readonly userIds: UserIds,
  ) {}

  /**
   * Removes a person's events, wherever they are, and all that was worked out of them. Done again, it removes what
   * came meanwhile. The ids of the events stay for some days, so that one that is sent again does not come back.
   *
   * @param userId as cameras send it.
   * @throws Problem 503 when some of it can't be reached now; then it has to be done again.
   */
  async erase(userId: string): Promise<ErasedPersonView> {
    const kept = this.userIds.keep(userId);
    // First what is not stored yet, so that none of it is stored after.
    const waiting = await this.buffer.removePerson(kept);
    const erased = await inTransaction(this.dataSource, async (client) => {
      await lockMovements(client);
      // As everywhere, before anything of theirs: a clearing makes us wait while we hold nothing that it wants.
      await client.query('LOCK TABLE stores IN ACCESS SHARE MODE');
      return {
        events: await deleted(client, 'DELETE FROM movement_events WHERE user_id = $1', [kept]),
        sessions: await forgetPerson(client, kept),
        dead_letters: await eraseLetters(client, userId, kept),
        cleared_rows: await eraseCleared(client, kept),
      };
    });
    this.logger.log(
      `A person was erased: ${erased.events} events, ${erased.sessions} sessions, ${waiting} waiting, ${erased.dead_letters} dead letters.`,
    );
    return { ...erased, waiting_events: waiting };
  }
}

/** What could not be read as an event is kept as it came: there the id stands as the camera sent it. */
function eraseLetters(client: pg.ClientBase, userId: string, kept: string): Promise<number> {
  return deleted(
    client,
    `DELETE FROM movement_dead_letters WHERE user_id = $1 OR (NOT readable AND strpos(content, $2) > 0)`,
    [kept, JSON.stringify(userId)],
  );
}

/** Data that were cleared can be taken back for a day; a person who was erased must not come back with them. */
async function eraseCleared(client: pg.ClientBase, kept: string): Promise<number> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
       FROM cleared_data AS d
       JOIN pg_namespace AS n ON n.nspname = d.schema_name
       JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = ANY ($1::text[])
      ORDER BY 1`,
    [TABLES_WITH_PEOPLE],
  );
  let removed = 0;
  for (const { name } of rows)
    removed += await deleted(client, `DELETE FROM ${name} WHERE user_id = $1`, [kept]);
  return removed;
}

async function deleted(client: pg.ClientBase, statement: string, values: unknown[]): Promise<number> {
  return (await client.query(statement, values)).rowCount ?? 0;
}
