// One at a time, across processes. It repeats what src/platform/database/embedded/lock.ts does, because it is needed
// before src is built; the reasons for its shape stand there.
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `work` while no other process runs inside the same lock; a lock whose holder died is taken over.
 * @param {string} directory the lock's own folder
 * @param {{ work: () => Promise<void>, waiting: (pid: number) => void }} options `waiting` is told once, when there is
 * a living holder
 */
export async function withLock(directory, { work, waiting }) {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const self = JSON.stringify({ pid: process.pid, startToken: startTokenOf(process.pid) });
  let told = false;
  for (;;) {
    const number = highestNumber(directory);
    const holder = number === 0 ? undefined : readHolder(path.join(directory, `${number}`));
    if (holder === undefined || startTokenOf(holder.pid) !== holder.startToken) {
      if (take(directory, number + 1, self)) {
        try {
          return await work();
        } finally {
          const free = JSON.stringify({ pid: 0, startToken: 'free' });
          publish(directory, free, (draft) => renameSync(draft, path.join(directory, `${number + 1}`)));
        }
      }
      continue;
    }
    if (!told) waiting(holder.pid);
    told = true;
    await delay(100);
  }
}

function take(directory, number, self) {
  const mine = path.join(directory, `${number}`);
  try {
    publish(directory, self, (draft) => linkSync(draft, mine));
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  if (highestNumber(directory) !== number) {
    rmSync(mine, { force: true });
    return false;
  }
  for (const older of numbers(directory)) {
    if (older < number) rmSync(path.join(directory, `${older}`), { force: true });
  }
  return true;
}

function publish(directory, text, place) {
  const draft = path.join(directory, `draft-${randomUUID()}`);
  writeFileSync(draft, text);
  try {
    place(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function numbers(directory) {
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function highestNumber(directory) {
  return Math.max(0, ...numbers(directory));
}

/** What tells a process from a later one of the same number; undefined when there is none. */
function startTokenOf(pid) {
  if (process.platform !== 'linux') return isThere(pid) ? 'there' : undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Start times count from boot.
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' ? undefined : `${bootId}.${fields[19]}`;
  } catch {
    return undefined;
  }
}

function isThere(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
