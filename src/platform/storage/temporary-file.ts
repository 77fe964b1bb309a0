import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { OtherContent, type Pieces, StorageFull } from './file-storage.js';

const TEMPORARY = '.part';
const STALE_MS = 3_600_000;

/** A file that is whole and on the disk, under a name that nobody looks for. */
export interface TemporaryFile {
  path: string;
  bytes: number;
  sha256: string;
}

/**
 * Writes the pieces to a temporary file and flushes it. Nothing is left of it when that fails.
 *
 * @throws StorageFull, OtherContent, and whatever `pieces` throws
 */
export async function writeTemporary(
  folder: string,
  { name, token, expectedSha256 }: { name: string; token: string; expectedSha256: string | undefined },
  pieces: Pieces,
): Promise<TemporaryFile> {
  const temporary = path.join(folder, `${name}.${token}${TEMPORARY}`);
  try {
    await mkdir(folder, { recursive: true });
    const written = await fill(temporary, pieces);
    if (expectedSha256 !== undefined && written.sha256 !== expectedSha256) throw new OtherContent(name);
    return { path: temporary, ...written };
  } catch (error) {
    await rm(temporary, { force: true });
    throw isFull(error) ? new StorageFull(folder) : error;
  }
}

async function fill(temporary: string, pieces: Pieces): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(temporary, 'w');
  try {
    for await (const piece of pieces) {
      const buffer = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
      hash.update(buffer);
      bytes += buffer.length;
      await file.writeFile(buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Removes temporary files that nobody has written to for an hour. */
export async function removeStale(folder: string, nowMs: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!name.endsWith(TEMPORARY)) continue;
    const file = path.join(folder, name);
    if ((await modifiedMs(file)) < nowMs - STALE_MS) await rm(file, { force: true });
  }
}

/** Another process may have renamed or removed it since it was listed: then it is nobody's leftover. */
async function modifiedMs(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
