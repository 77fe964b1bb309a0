import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { ClaimLost } from './claim.js';
import { inTransaction } from './connection.js';

/**
 * A transaction of a run that ends, wherever the database is in it, once the run has lost its claim.
 *
 * @param signal of the claim, or of the first one of several that is lost.
 * @param begin what begins it.
 */
export function inClaimedTransaction<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  use: (client: pg.PoolClient) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  return inTransaction(
    dataSource,
    (client) => whileClaimed(dataSource, signal, client, () => use(client)),
    begin,
  );
}

/**
 * Ends what the database is doing on a connection once a claim is lost. One long statement would otherwise go on to
 * its end, with its locks held, for a result that is thrown away.
 */
export async function whileClaimed<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  client: pg.PoolClient,
  use: () => Promise<T>,
): Promise<T> {
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
    return await use();
  } catch (error) {
    // What the database says of a statement that was ended is not the reason why it was.
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
    // Sent late it would hit whoever has the connection next.
    await stopping;
  }
}
