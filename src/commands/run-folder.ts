import { chmod, lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stopAbandonedDatabase } from '../platform/database/embedded/index.js';

const PREFIX = 'storewatch-run-';
/** Names the process that the folder belongs to. */
const OWNER = 'pid';

/** A folder for a database that lives for one run. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), PREFIX));
  await writeFile(path.join(folder, OWNER), String(process.pid));
  // As root the database runs as another user, who has to be able to pass through.
  await chmod(folder, 0o755);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  // A server that is on its way out may still be writing.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** Ends the databases of runs that were killed, and removes their folders: nobody else would ever. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(tmpdir(), name);
    if (!(await isAbandoned(folder))) continue;
    if (await stopAbandonedDatabase(path.join(folder, 'db'))) await removeFolder(folder);
  }
}

/**
 * Whether a folder is ours and its process is gone. One that names no process is being made. One of another user, or a
 * link, is left alone: what lies in it could lead to the removal of a database that is in use.
 */
async function isAbandoned(folder: string): Promise<boolean> {
  try {
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    const pid = Number(await readFile(path.join(folder, OWNER), 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
