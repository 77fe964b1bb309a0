import type pg from 'pg';

/**
 * Until the transaction ends, nobody else decides whether the result's rows and files are still referred to, or adds a
 * file to them.
 */
export async function lockResult(client: pg.ClientBase, resultId: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`result ${resultId}`]);
}
