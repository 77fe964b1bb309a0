import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedDatabase } from '../../../src/platform/database/embedded/index.js';

/** How PostgreSQL is told to stop: at once as in a crash, or after it has rolled back what is open. */
export const STOPS = { immediate: 'SIGQUIT', fast: 'SIGINT' } as const;

/** A PostgreSQL that a test may stop, and that comes back by itself at the same address. */
export interface OwnPostgres {
  url: string;
  stop(how: keyof typeof STOPS): void;
  close(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'storewatch-faults-'));
  // Started by root, the database runs as another user, who has to pass through.
  chmodSync(folder, 0o755);
  // A server that is stopped loses nothing that the system holds for it; only a power cut would.
  const database = await startEmbeddedDatabase({
    directory: path.join(folder, 'postgres'),
    settings: { fsync: 'off' },
  });
  const pidFile = path.join(database.directory, 'data', 'postmaster.pid');
  return {
    url: database.url,
    stop: (how) => {
      process.kill(Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]), STOPS[how]);
    },
    async close() {
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
