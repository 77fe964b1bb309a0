import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.js';
import {
  type ByteRange,
  FileMissing,
  type FileState,
  FileStorage,
  PlaceTaken,
  type Pieces,
  type StoredFile,
} from './file-storage.js';
import { removeStale, writeTemporary } from './temporary-file.js';

/** Finished files in a folder. */
export class DiskStorage extends FileStorage {
  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {
    super();
  }

  async publish(name: string, token: string, pieces: Pieces, expectedSha256?: string): Promise<StoredFile> {
    const written = await writeTemporary(this.folder, { name, token, expectedSha256 }, pieces);
    try {
      await rename(written.path, this.pathOf(name));
    } catch (error) {
      await rm(written.path, { force: true });
      throw isFolder(error) ? new PlaceTaken(this.pathOf(name)) : error;
    }
    return { name, bytes: written.bytes, sha256: written.sha256 };
  }

  async look(name: string): Promise<FileState | null> {
    try {
      const found = await stat(this.pathOf(name), { bigint: true });
      const { size, mtimeNs, ino } = found;
      // Whatever else lies there is none of ours; a pipe would be read for ever.
      if (!found.isFile()) return null;
      return { bytes: Number(size), version: `${size}-${mtimeNs}-${ino}`, sha256: null };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable> {
    try {
      const file = await open(this.pathOf(name), 'r');
      return file.createReadStream(range && { start: range.first, end: range.last });
    } catch (error) {
      throw isMissing(error) ? new FileMissing(name) : error;
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await rm(this.pathOf(name), { force: true });
    } catch (error) {
      if (!isFolder(error)) throw error;
    }
  }

  pathOf(name: string): string {
    return path.join(this.folder, name);
  }

  async check(): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    await access(this.folder, constants.W_OK);
    return `Reports can be written to ${this.folder}.`;
  }

  async prepare(): Promise<void> {
    const name = `check-${randomUUID()}`;
    try {
      await this.publish(name, 'start', ['Can a file be written, flushed, renamed and removed?\n']);
      await this.remove(name);
    } catch (error) {
      const why = (error as Error).message;
      throw new Error(
        `Finished reports can't be kept in ${this.folder}: ${why}. Make it writable or name another folder.`,
        {
          cause: error,
        },
      );
    }
  }

  async sweep(): Promise<void> {
    await removeStale(this.folder, this.clock.nowUs() / 1000);
  }
}

/** A file can neither be put in the place of a folder nor removed from it. */
function isFolder(error: unknown): boolean {
  return ['EISDIR', 'ERR_FS_EISDIR', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
