import type pg from 'pg';
import { lockFacts } from '../stores/fact-lock.js';
import { FACT_TABLES } from './facts.js';

const PATIENCE = '3s';
/**
 * Whoever asks for a table meanwhile waits too, so each wait is short. And shorter than the second after which the
 * server looks for deadlocks: others take the tables in orders of their own, and it is this one that has to let go.
 * Only the last is longer: a vacuum gives way after a second.
 */
const WAITS = ['200ms', '200ms', '200ms', '200ms', '200ms', '2s'];
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Keeps everybody else from facts, and work from beginning, until the transaction ends. Reports may be read on.
 *
 * @throws the database's error 55P03 when it can't be had within some three seconds.
 */
export async function lockEverything(client: pg.ClientBase): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = '${PATIENCE}'`);
  await lockFacts(client);
  for (const [index, wait] of WAITS.entries()) {
    if (await lockTables(client, wait, index === WAITS.length - 1)) break;
  }
  await client.query(`SET LOCAL lock_timeout = '${PATIENCE}'`);
}

/** @returns whether all are locked now; else none is. */
async function lockTables(client: pg.ClientBase, wait: string, isLast: boolean): Promise<boolean> {
  await client.query(`SAVEPOINT unlocked; SET LOCAL lock_timeout = '${wait}'`);
  try {
    await client.query(
      `LOCK TABLE ${FACT_TABLES.join(', ')} IN ACCESS EXCLUSIVE MODE; LOCK TABLE reports, labs IN SHARE ROW EXCLUSIVE MODE`,
    );
    return true;
  } catch (error) {
    if (isLast || (error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    await client.query('ROLLBACK TO SAVEPOINT unlocked');
    return false;
  }
}
