import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedDatabaseError } from './failure.js';
import { identifyProcess, isAlive } from './process-identity.js';

const WAIT_MS = 15 * 60_000;
const RETRY_MS = 20;

interface Holder {
  /** Zero: given back. */
  pid: number;
  startToken: string;
}

/**
 * Runs `work` while no other process runs inside the same lock; a lock whose holder died is taken over.
 *
 * The lock is a row of numbered files, of which the highest counts and is never removed. Who wants the lock makes
 * the next number, which one alone can do. Removing a dead holder's file instead would let two processes that saw the
 * same corpse remove each other's fresh lock.
 * @param directory the lock's own folder; made when missing
 * @throws EmbeddedDatabaseError when a living holder keeps it for a quarter of an hour
 */
export async function withLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(directory, { recursive: true });
  const held = await acquire(directory);
  try {
    return await work();
  } finally {
    writeHolder(directory, { pid: 0, startToken: '' }, (draft) => renameSync(draft, held));
  }
}

async function acquire(directory: string): Promise<string> {
  const self = { pid: process.pid, startToken: identifyProcess(process.pid)?.startToken ?? '' };
  const attempts = WAIT_MS / RETRY_MS;
  let pid = 0;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const highest = highestNumber(directory);
    const holder = highest === 0 ? undefined : readHolder(fileOf(directory, highest));
    if (holder === undefined || !isAlive(holder.pid, holder.startToken)) {
      if (take(directory, highest + 1, self)) return fileOf(directory, highest + 1);
    } else {
      pid = holder.pid;
      await delay(RETRY_MS);
    }
  }
  throw new EmbeddedDatabaseError(
    `Another process (number ${pid}) has been starting or stopping the database for ${WAIT_MS / 60_000} minutes ` +
      `and keeps the lock ${directory}: end that process, then start again.`,
  );
}

function take(directory: string, number: number, self: Holder): boolean {
  const mine = fileOf(directory, number);
  try {
    // A link appears with its whole content or not at all, and never replaces a file.
    writeHolder(directory, self, (draft) => linkSync(draft, mine));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  // A process that was held up may make a number that others have long gone past and cleared away.
  if (highestNumber(directory) !== number) {
    rmSync(mine, { force: true });
    return false;
  }
  for (const older of numbers(directory)) {
    if (older < number) rmSync(fileOf(directory, older), { force: true });
  }
  return true;
}

function writeHolder(directory: string, holder: Holder, publish: (draft: string) => void): void {
  const draft = path.join(directory, `draft-${randomUUID()}`);
  writeFileSync(draft, JSON.stringify(holder));
  try {
    publish(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch (error) {
    // Cleared away since the folder was listed: look again, under the number that replaced it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function numbers(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function highestNumber(directory: string): number {
  return Math.max(0, ...numbers(directory));
}

function fileOf(directory: string, number: number): string {
  return path.join(directory, String(number));
}
