import { existsSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { findPointedHome, isElsewhere } from './home.js';
import { withLock } from './lock.js';
import { countOwners } from './owners.js';
import { stopServer } from './server.js';

/**
 * Ends the server that a killed program left on its folder, so that the folder can be removed. Files of it that lie
 * under /var/lib/storewatch, where nobody would find them once the folder is gone, are REMOVED at once: call it only
 * for a folder that is to go. A folder that is missing, half made, or no database's, is left as it is.
 * @param directory the folder that `startEmbeddedDatabase` was given
 * @returns true: nobody uses the folder, and no server runs on it; false: a living program uses it, nothing was done
 * @throws EmbeddedDatabaseError when the server belongs to another user
 */
export async function stopAbandonedDatabase(
  directory: string,
  log: (line: string) => void = () => undefined,
): Promise<boolean> {
  const asked = path.resolve(directory);
  if (!isFolder(asked)) return true;
  const root = realpathSync(asked);
  const pointed = findPointedHome(root);
  if (pointed !== undefined && !(await stopUnused(pointed, isElsewhere(pointed), log))) return false;
  return stopUnused(root, false, log);
}

async function stopUnused(home: string, remove: boolean, log: (line: string) => void): Promise<boolean> {
  const lock = path.join(home, 'lock');
  // The lock is the first thing a start makes: without it no server was ever started here.
  if (!isFolder(lock)) return true;
  const unused = await withLock(lock, async () => {
    const owners = path.join(home, 'owners');
    if (isFolder(owners) && countOwners(owners) > 0) return false;
    await stopServer(path.join(home, 'data'), log);
    if (remove) removeAllBut('lock', home);
    return true;
  });
  // The lock goes last, and only when nobody has begun a new database behind it.
  if (unused && remove && readdirSync(home).join() === 'lock') rmSync(home, { recursive: true, force: true });
  return unused;
}

function removeAllBut(kept: string, directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name !== kept) rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}

function isFolder(file: string): boolean {
  return existsSync(file) && statSync(file).isDirectory();
}
