import type pg from 'pg';
import { FIGURES_LOCK, FLOOR_LOCK } from '../../platform/database/locks.js';

/**
 * Begins a transaction that works figures out. Stores come first, as everywhere: a clearing makes us wait before we
 * hold anything that it wants.
 */
export const BEGIN_DIGEST = `
  BEGIN;
  LOCK TABLE stores IN ACCESS SHARE MODE;
  SELECT pg_advisory_xact_lock_shared(${FIGURES_LOCK})`;

/**
 * Keeps everybody else from working out figures of a store until the transaction ends.
 * @param patienceMs how long to wait for whoever does at the moment
 * @returns whether it is held now
 */
export async function lockFloor(
  client: pg.ClientBase,
  storeKey: number,
  patienceMs: number,
): Promise<boolean> {
  if (patienceMs <= 0) {
    const { rows } = await client.query<{ held: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1, $2) AS held',
      [FLOOR_LOCK, storeKey],
    );
    return rows[0]!.held;
  }
  await client.query('SAVEPOINT unlocked');
  await client.query(`SELECT set_config('lock_timeout', $1, true)`, [`${Math.ceil(patienceMs)}ms`]);
  try {
    await client.query('SELECT pg_advisory_xact_lock($1, $2)', [FLOOR_LOCK, storeKey]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    await client.query('ROLLBACK TO SAVEPOINT unlocked');
    return false;
  }
  await client.query('RELEASE SAVEPOINT unlocked; SET LOCAL lock_timeout = DEFAULT');
  return true;
}

const LOCK_NOT_AVAILABLE = '55P03';

/** Waits until nobody works out figures, and keeps everybody from it until the transaction ends. */
export async function lockAllFloors(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [FIGURES_LOCK]);
}
