import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { inClaimedTransaction } from '../../platform/database/claim-transaction.js';
import { isDistributed } from '../../platform/database/distributed.js';
import { keepsFactsLocked, lockFactsShared } from '../../stores/fact-lock.js';

/**
 * One state of the facts for all shards of a run. `exported`: a snapshot of PostgreSQL, which can be joined while its
 * maker lives and stays good for whoever has. `locked`: where the facts lie on several servers there is no such thing;
 * the maker's session keeps writers waiting instead.
 */
export type SharedSnapshot = { kind: 'exported'; id: string } | { kind: 'locked'; pid: number };

/** A transaction that sees one state of the facts, and can let others see it. */
export interface SnapshotTransaction {
  client: pg.PoolClient;
  kind: SharedSnapshot['kind'];
}

/** Between two shards, and while others finish theirs, it is idle; a server that ends it for that ends the snapshot. */
const STAYS_OPEN = 'SET LOCAL idle_in_transaction_session_timeout = 0';
/** How PostgreSQL says that a snapshot is gone: of a process that has ended, unknown, or unknown to older versions. */
const GONE = new Set(['55000', '42704', '22023']);

/** Lends a transaction on a new snapshot, which ends once the claim is lost. */
export async function inNewSnapshot<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  use: (snapshot: SnapshotTransaction) => Promise<T>,
): Promise<T> {
  const distributed = await isDistributed(dataSource);
  return inClaimedTransaction(
    dataSource,
    signal,
    async (client) => {
      if (!distributed) return use({ client, kind: 'exported' });
      await lockFactsShared(client);
      return use({ client, kind: 'locked' });
    },
    // With a lock, what was committed before it was granted has to be seen by every statement after it.
    `BEGIN ${distributed ? '' : 'ISOLATION LEVEL REPEATABLE READ'}; ${STAYS_OPEN}`,
  );
}

/** Lets others see what the transaction sees. @returns its name, for `parseSnapshot` */
export async function exportSnapshot({ client, kind }: SnapshotTransaction): Promise<string> {
  const what = kind === 'exported' ? 'pg_export_snapshot()' : 'pg_backend_pid()';
  const { rows } = await client.query<{ name: string }>(`SELECT $1 || ':' || ${what} AS name`, [kind]);
  return rows[0]!.name;
}

/** @throws when it is no name that `exportSnapshot` gave */
export function parseSnapshot(name: string): SharedSnapshot {
  const [, id, pid] = /^(?:exported:([0-9A-F-]+)|locked:(\d+))$/.exec(name) ?? [];
  if (id !== undefined) return { kind: 'exported', id };
  if (pid !== undefined) return { kind: 'locked', pid: Number(pid) };
  throw new Error(`'${name}' names no snapshot.`);
}

/** What begins a transaction that sees the same as the snapshot's maker. */
export function beginIn(snapshot: SharedSnapshot): string {
  return snapshot.kind === 'exported'
    ? `BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '${snapshot.id}'; ${STAYS_OPEN}`
    : `BEGIN; ${STAYS_OPEN}`;
}

export function isSnapshotGone(error: unknown): boolean {
  return GONE.has((error as { code?: string }).code ?? '');
}

/** Asked after the last fact was read: whether all that was read is of the one state. */
export async function wasKept(snapshot: SharedSnapshot, client: pg.ClientBase): Promise<boolean> {
  return snapshot.kind === 'exported' || keepsFactsLocked(client, snapshot.pid);
}
