import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ServerAccount } from './account.js';
import { findBinaries } from './binaries.js';
import { ensureDatabase, prepareCluster } from './cluster.js';
import { findHome, type Home } from './home.js';
import { withLock } from './lock.js';
import { pruneLogs } from './logs.js';
import { addOwner, countOwners, removeOwner } from './owners.js';
import { readLastPort, type ServerPlan, settleServer, startServer, stopServer } from './server.js';
import { serverSettings } from './settings.js';
import { watchServer } from './watch.js';

export { stopAbandonedDatabase } from './abandoned.js';
export { EmbeddedDatabaseError } from './failure.js';

const PRUNE_LOGS_MS = 10 * 60_000;

/** A PostgreSQL of our own that runs. */
export interface EmbeddedDatabase {
  /** `postgres://storewatch:<password>@127.0.0.1:<port>/storewatch` */
  url: string;
  /** It ran already: another process uses it, or one that was killed left it. */
  reused: boolean;
  /** Where its files lie: the folder asked for, unless the server's user cannot enter that. */
  directory: string;
  /** Gives it up; the last user who does ends the server. May be called twice. */
  stop(): Promise<void>;
}

interface EmbeddedDatabaseOptions {
  /** The folder for its files; made when missing. */
  directory: string;
  /** Takes a line for people, when there is something to say. */
  log?: (line: string) => void;
  /** Settings of PostgreSQL that win over ours. They count when the server starts, not when it is reused. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Starts PostgreSQL on a folder, or joins the server that already runs on it. It listens on a free port of 127.0.0.1,
 * asks for a password that was made with the folder, and outlives this process unless `stop` is called. Should it end
 * before that, it is started again on its port.
 * @throws EmbeddedDatabaseError with a sentence for people: no programs for this platform, a folder that cannot be
 * used, data of another major version, no space, no port
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const log = options.log ?? (() => undefined);
  const home = findHome(options.directory, log);
  const owners = path.join(home.directory, 'owners');
  const data = path.join(home.directory, 'data');
  const logDirectory = path.join(home.directory, 'log');
  const lock = path.join(home.directory, 'lock');
  return withLock(lock, async () => {
    const note = addOwner(owners);
    try {
      const { url, reused, plan, port } = await startOrJoin(
        home,
        data,
        logDirectory,
        options.settings ?? {},
        log,
      );
      const endWatch = watchServer(plan, port, lock, log);
      const pruning = setInterval(() => pruneLogs(logDirectory), PRUNE_LOGS_MS).unref();
      const stop = once(async () => {
        clearInterval(pruning);
        await endWatch();
        await release(home.directory, data, note, log);
      });
      return { url, reused, directory: home.directory, stop };
    } catch (error) {
      removeOwner(note);
      if (countOwners(owners) === 0) await stopServer(data, log);
      throw error;
    }
  });
}

async function startOrJoin(
  home: Home,
  data: string,
  logDirectory: string,
  overrides: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<{ url: string; reused: boolean; plan: ServerPlan; port: number }> {
  const { directory, account } = home;
  const binaries = await findBinaries(directory, account, log);
  const credentials = await prepareCluster(directory, binaries, account, overrides['fsync'] !== 'off');
  const plan = {
    binaries,
    account,
    data,
    logDirectory,
    startupLog: path.join(directory, 'startup.log'),
    settings: serverSettings(logDirectory, overrides),
  };
  const state = await settleServer(data);
  const reused = state.kind === 'running';
  if (!reused) prepareLogs(logDirectory, account);
  // Others whose server ended a moment ago hold addresses that name its port; our own note is there already.
  const isShared = countOwners(path.join(directory, 'owners')) > 1;
  const port = reused ? state.port : await startServer(plan, isShared ? readLastPort(data) : undefined);
  return { url: await ensureDatabase(port, credentials), reused, plan, port };
}

function prepareLogs(logDirectory: string, account: ServerAccount): void {
  mkdirSync(logDirectory, { recursive: true });
  chmodSync(logDirectory, 0o700);
  if (account !== undefined) chownSync(logDirectory, account.uid, account.gid);
  pruneLogs(logDirectory);
}

function release(directory: string, data: string, note: string, log: (line: string) => void): Promise<void> {
  return withLock(path.join(directory, 'lock'), async () => {
    removeOwner(note);
    if (countOwners(path.join(directory, 'owners')) === 0) await stopServer(data, log);
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
