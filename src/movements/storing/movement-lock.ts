import type pg from 'pg';
import { MOVEMENT_LOCK } from '../../platform/database/locks.js';

/**
 * Waits until no transaction is storing events, and keeps others from it until this one ends. For whoever changes what
 * is stored already, as linking a name or erasing a person does: an event that was looked up before and committed
 * after would be left as it was.
 */
export async function lockMovements(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [MOVEMENT_LOCK]);
}

/**
 * Begins a transaction that stores events.
 *
 * - What was answered has to survive the server's power going off, whatever its setting.
 * - Stores come first, as everywhere: a clearing that has them makes us wait before we hold anything that it wants. And
 *   while we hold them the keys that are looked up stay valid.
 * - Nobody may drop a partition between our seeing that it is there and our writing to it.
 */
export const BEGIN_STORING = `
  BEGIN;
  SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock_shared(${MOVEMENT_LOCK});
  LOCK TABLE stores IN ACCESS SHARE MODE;
  LOCK TABLE ONLY movement_events IN ROW EXCLUSIVE MODE`;
