import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runAs, type ServerAccount } from './account.js';
import type { Binaries } from './binaries.js';
import { EmbeddedDatabaseError, explainFailure } from './failure.js';
import { readLogTail } from './logs.js';
import { findFreePort } from './ports.js';
import { commandOf, identifyProcess } from './process-identity.js';

const LOOK_MS = 10;
const START_LIMIT_MS = 10 * 60_000;
const STOP_LIMIT_MS = 60_000;
const START_ATTEMPTS = 40;

/** What the data folder's postmaster.pid says, checked against the processes there are. */
type ServerState =
  | { kind: 'stopped' }
  /** The file names a process that is dead, a zombie, or not this server. */
  | { kind: 'stale'; pid: number }
  | { kind: 'running'; pid: number; port: number; status: string };

/** Everything a start needs to know. */
export interface ServerPlan {
  binaries: Binaries;
  account: ServerAccount;
  data: string;
  logDirectory: string;
  startupLog: string;
  settings: Readonly<Record<string, string>>;
}

/** Looks whether a server runs on a data folder. */
function inspectServer(data: string): ServerState {
  let lines: string[];
  try {
    lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'stopped' };
    throw error;
  }
  const pid = Math.abs(Number(lines[0]));
  const identity = identifyProcess(pid);
  const serverData = lines[1] ?? '';
  // A copied folder carries the file of the original's server, which is not ours to join or to stop.
  const isServer = serverData === data && commandOf(pid).some((word) => word.includes(data));
  if (identity === undefined || identity.zombie || !isServer) return { kind: 'stale', pid };
  return { kind: 'running', pid, port: Number(lines[3]), status: (lines[7] ?? '').trim() };
}

/** True while a server runs on a data folder, be it on its way up or down. */
export function isServerRunning(data: string): boolean {
  return inspectServer(data).kind === 'running';
}

/** The port at which the server of a data folder last came up; undefined when it never did. */
export function readLastPort(data: string): number | undefined {
  const file = path.join(data, 'postmaster.opts');
  const port = existsSync(file) ? /"-p" "(\d+)"/.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return port === undefined ? undefined : Number(port);
}

/** Waits while a running server is still on its way up or down; gives what it came to. */
export async function settleServer(data: string): Promise<ServerState> {
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += LOOK_MS) {
    const state = inspectServer(data);
    if (state.kind !== 'running' || state.status === 'ready') return state;
    await delay(LOOK_MS);
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL in ${data} has been starting or stopping for ${START_LIMIT_MS / 60_000} minutes: ` +
      `look into its log beside that folder, and end it if it hangs.`,
  );
}

/**
 * Starts the server and waits until it takes connections.
 * @param fixedPort the port that its users know already; a free one when undefined
 * @returns the port
 */
export async function startServer(plan: ServerPlan, fixedPort?: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = fixedPort ?? (await findFreePort());
    const output = await tryStart(plan, port);
    if (output === undefined) return port;
    // The port may be taken between choosing and binding. After a kill of the main process its helpers need a moment
    // to notice and leave; until then their shared memory keeps a second server off the data, as it must.
    const passing = /Address already in use|could not bind|pre-existing shared memory block/.test(output);
    if (!passing || attempt >= START_ATTEMPTS) {
      throw explainFailure('PostgreSQL did not start', plan.data, output);
    }
    await delay(attempt * LOOK_MS);
  }
}

/** Undefined when the server came up, what it printed when it did not. */
async function tryStart(plan: ServerPlan, port: number): Promise<string | undefined> {
  const before = inspectServer(plan.data);
  const env = runAs(plan.account).env;
  // PostgreSQL takes a lock file as left over if it names its own "grandparent". A zombie, or a stranger that got the
  // old number, would count as a living server otherwise. Unlike removing the file, this keeps the second check, that
  // nobody uses the old server's shared memory.
  if (before.kind === 'stale') env['PG_GRANDPARENT_PID'] = String(before.pid);
  const output = openSync(plan.startupLog, 'w', 0o600);
  let child: ChildProcess;
  try {
    const settings = Object.entries(plan.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    child = spawn(plan.binaries.postgres, ['-D', plan.data, '-p', String(port), ...settings], {
      ...runAs(plan.account),
      env,
      // A session of its own: Ctrl-C in the terminal must not end the database before the program has shut down.
      detached: true,
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
  child.unref();
  return waitForStart(child, plan);
}

async function waitForStart(child: ChildProcess, plan: ServerPlan): Promise<string | undefined> {
  let spawnError: Error | undefined;
  child.once('error', (error) => {
    spawnError = error;
  });
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += LOOK_MS) {
    await delay(LOOK_MS);
    if (spawnError !== undefined) return spawnError.message;
    if (child.exitCode !== null || child.signalCode !== null) {
      return readLogTail(plan.startupLog, plan.logDirectory);
    }
    const state = inspectServer(plan.data);
    if (state.kind === 'running' && state.pid === child.pid && state.status === 'ready') return undefined;
  }
  child.kill('SIGQUIT');
  return `It was not ready after ${START_LIMIT_MS / 60_000} minutes.\n${readLogTail(plan.startupLog, plan.logDirectory)}`;
}

/**
 * Ends the server: open transactions are rolled back, a checkpoint is written.
 * @throws EmbeddedDatabaseError when the server belongs to another user
 */
export async function stopServer(data: string, log: (line: string) => void): Promise<void> {
  const state = inspectServer(data);
  if (state.kind !== 'running') return;
  signal(state.pid, 'SIGINT', data);
  for (let waitedMs = 0; waitedMs < STOP_LIMIT_MS; waitedMs += LOOK_MS) {
    if (inspectServer(data).kind !== 'running') return;
    await delay(LOOK_MS);
  }
  log(
    `PostgreSQL did not end within ${STOP_LIMIT_MS / 1000} s; it is stopped at once and recovers at the next start.`,
  );
  signal(state.pid, 'SIGQUIT', data);
}

function signal(pid: number, name: NodeJS.Signals, data: string): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    throw new EmbeddedDatabaseError(
      `PostgreSQL in ${data} (process ${pid}) could not be stopped: ${(error as Error).message}. ` +
        `It was started by another user; stop it as that user.`,
    );
  }
}
