import type pg from 'pg';
import type { DataSource } from 'typeorm';

/**
 * Lends one raw connection of TypeORM's pool, for COPY and for work that must stay on one connection.
 *
 * A connection whose use threw is thrown away rather than handed to the next user: it may stand in the middle of a
 * COPY, where a ROLLBACK would wait for ever.
 */
export async function withConnection<T>(
  dataSource: DataSource,
  use: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const pool = (dataSource.driver as unknown as { master: pg.Pool }).master;
  const client = await pool.connect();
  let failed = true;
  try {
    const result = await use(client);
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}

/**
 * For the pool's `onConnect`. The server may end a connection at any moment, and tell so more than once: while it is
 * lent and no statement runs, or after the pool has thrown it away. With nobody listening just then, the process would
 * end; whoever uses the connection learns of it by the next statement that fails.
 */
export function outliveConnection(client: pg.ClientBase): void {
  client.on('error', () => undefined);
}

/** For `inTransaction`, where several statements have to tell of one moment. */
export const ONE_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ';

/** Runs `use` in one transaction; a throw leaves nothing behind, since the connection is closed with it. */
export async function inTransaction<T>(
  dataSource: DataSource,
  use: (client: pg.PoolClient) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  return withConnection(dataSource, async (client) => {
    await client.query(begin);
    const result = await use(client);
    await client.query('COMMIT');
    return result;
  });
}
