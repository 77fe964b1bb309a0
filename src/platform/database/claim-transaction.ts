import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { ClaimLost } from './claim.js';
import { inTransaction } from './connection.js';

/**
 * A transaction of a run that ends, wherever the database is in it, once the run has lost its claim. One long
 * statement would otherwise go on to its end, with its locks held, for a result that is thrown away.
 *
 * @param signal of the claim, or of the first one of several that is lost.
 */
export function inClaimedTransaction<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  use: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return inTransaction(dataSource, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    let stopping: Promise<unknown> = Promise.resolve();
    const stop = (): void => {
      if (!(signal.reason instanceof ClaimLost)) return;
      // Where even that can't be sent, the claim itself keeps the transaction from being committed.
      stopping = dataSource.query('SELECT pg_cancel_backend($1)', [rows[0]!.pid]).catch(() => undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      return await use(client);
    } finally {
      signal.removeEventListener('abort', stop);
      // Sent late it would hit whoever has the connection next.
      await stopping;
    }
  });
}
