import pg from 'pg';
import { FACT_LOCK } from '../../../src/platform/database/locks.js';
import { waitFor } from '../../../src/platform/wait.js';
import { pause } from './pause.js';
import { STORED_LIVE_POLLS } from './poll-client.js';
import { type PollDigest, STORED_POLLS } from './poll-files.js';

export const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 5;
const PAUSE_MS = 50;

/** Where an import stands, as its rows say. */
export interface ImportState {
  status: string;
  attempts: number;
  error: string | null;
}

/** What a load of one file does one after another. */
export type LoadPhase = 'reading' | 'merging';

/** What the tests look at in the database, past the product, and do to it. */
export class SiteDatabase {
  constructor(private readonly url: string) {}

  /** One statement on a connection of its own. */
  async query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return this.withClient(async (client) => (await client.query<T>(sql, values)).rows);
  }

  async withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.url });
    // A server that is stopped ends idle connections too; the next statement tells.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  async storedPolls(): Promise<PollDigest> {
    const [row] = await this.query<PollDigest & pg.QueryResultRow>(STORED_POLLS);
    return row!;
  }

  /** Leaves nothing but empty tables. While nothing runs. */
  async empty(): Promise<void> {
    await this.query(
      'TRUNCATE stores, business_hours, store_day_polls, imports, import_files, import_rejects CASCADE',
    );
  }

  /** Ends every connection to the database but the one that does so. */
  async endConnections(): Promise<void> {
    await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
  }

  /** Looks again while PostgreSQL is away. @throws what is no matter of its being away, or the last refusal. */
  async whenBack<T>(look: () => Promise<T>): Promise<T> {
    for (const begun = performance.now(); ; await pause(PAUSE_MS)) {
      try {
        return await look();
      } catch (error) {
        if (!isAway(error) || performance.now() - begun > PATIENCE_MS) throw error;
      }
    }
  }

  /**
   * Does something to PostgreSQL that ends every connection, and waits until it has and PostgreSQL answers again.
   *
   * @param harm is given one of its processes.
   */
  async throughRestart(harm: (backendPid: number) => void): Promise<void> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const ended = new Promise((resolve) => client.once('end', resolve));
    harm(rows[0]!.pid);
    await ended;
    await this.whenBack(() => this.query('SELECT 1'));
  }

  /** What is there of live polls, when none waits any more: how often each number. */
  async storedLivePolls(): Promise<Map<number, number>> {
    const folded = await waitFor(async () => {
      const [row] = await this.query<{ waits: boolean }>('SELECT EXISTS (SELECT FROM poll_inbox) AS waits');
      return row!.waits ? null : true;
    }, PATIENCE_MS);
    if (folded === null) throw new Error('Live polls still wait to be folded.');
    const rows = await this.query<{ number: number; times: number }>(STORED_LIVE_POLLS);
    return new Map(rows.map(({ number, times }) => [number, times]));
  }

  /** How often PostgreSQL has ended a transaction because two waited for each other. */
  async deadlocks(): Promise<number> {
    const [row] = await this.query<{ deadlocks: number }>(
      'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
    );
    return row!.deadlocks;
  }

  async importState(id: string): Promise<ImportState> {
    return this.withClient((client) => importState(client, id));
  }

  /**
   * Waits, looking every few milliseconds, until the import's first file is read, or merges, or the import has ended:
   * a kill that comes late finds an end, which has to hold as well.
   */
  async reached(id: string, phase: LoadPhase): Promise<void> {
    await this.withClient(async (client) => {
      for (
        const begun = performance.now();
        performance.now() - begun < PATIENCE_MS;
        await pause(LOOK_EVERY_MS)
      ) {
        const { status } = await importState(client, id);
        if (!['pending', 'running'].includes(status)) return;
        if (phase === 'reading' ? status === 'running' : await isMerging(client)) return;
      }
      throw new Error(`The import ${id} has not come to its ${phase}.`);
    });
  }
}

async function importState(client: pg.Client, id: string): Promise<ImportState> {
  const { rows } = await client.query<ImportState>(
    'SELECT status, attempts, error FROM imports WHERE import_id = $1',
    [id],
  );
  return rows[0]!;
}

async function isMerging(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1 AND d.datname = current_database()`,
    [FACT_LOCK],
  );
  return rowCount !== 0;
}

/** What a client is told of a server that is on its way down, away, or on its way up. */
function isAway(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03'].includes(code ?? '') ||
    /Connection terminated/.test(message)
  );
}
