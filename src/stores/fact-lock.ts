import type pg from 'pg';

/** Any number, as long as every writer of facts asks for the same lock. */
const FACT_LOCK = 7_331_002;

/**
 * Waits until no other transaction writes facts, and keeps others waiting until this one ends. Merges one after
 * another are no slower than merges that wait for each other's rows, and they cannot deadlock. Readers never wait.
 */
export async function lockFacts(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [FACT_LOCK]);
}

/** As `lockFacts`, but never waits. @returns whether the lock is held now. */
export async function tryLockFacts(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [
    FACT_LOCK,
  ]);
  return rows[0]!.held;
}
