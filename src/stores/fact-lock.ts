import type pg from 'pg';
import { FACT_LOCK } from '../platform/database/locks.js';

/**
 * Where polls lie in shards: a transaction that has used several of them at once may make no partition any more. Without
 * Citus the setting is one that nobody reads.
 */
const ONE_SHARD_AFTER_ANOTHER = `set_config('citus.multi_shard_modify_mode', 'sequential', true)`;

/**
 * Waits until no other transaction writes facts, and keeps others waiting until this one ends. Merges one after
 * another are no slower than merges that wait for each other's rows, and they cannot deadlock. Readers never wait.
 */
export async function lockFacts(client: pg.ClientBase): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock($1), ${ONE_SHARD_AFTER_ANOTHER}`, [FACT_LOCK]);
}

/** Keeps writers waiting until the transaction ends; others may do so at the same time. Waits for one at work. */
export async function lockFactsShared(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1)', [FACT_LOCK]);
}

/** Whether the session of a server process keeps writers waiting now. */
export async function keepsFactsLocked(client: pg.ClientBase, pid: number): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_locks
                     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                       AND classid = 0 AND objid = $1 AND objsubid = 1 AND granted AND pid = $2) AS held`,
    [FACT_LOCK, pid],
  );
  return rows[0]!.held;
}

/** As `lockFacts`, but never waits. @returns whether the lock is held now. */
export async function tryLockFacts(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT pg_try_advisory_xact_lock($1) AS held, ${ONE_SHARD_AFTER_ANOTHER}`,
    [FACT_LOCK],
  );
  return rows[0]!.held;
}
