import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { FileMissing, FileStorage, type StoredFile } from './file-storage.js';

const MOST_REMEMBERED = 10_000;

/**
 * Tells whether a file still is what was written. Its content is read once; from then on it is known by its size,
 * time of change and place on the disk, so that downloading it again costs no second reading.
 */
@Injectable()
export class StoredFiles {
  /** Name to the version and the hash that it had. */
  private readonly known = new Map<string, { version: string; sha256: string }>();

  constructor(private readonly storage: FileStorage) {}

  /** False also for one that is not there. */
  async isWhole(file: StoredFile): Promise<boolean> {
    const state = await this.storage.look(file.name);
    if (state === null || state.bytes !== file.bytes) return false;
    if (state.sha256 !== null) return state.sha256 === file.sha256;
    const known = this.known.get(file.name);
    if (known?.version === state.version) return known.sha256 === file.sha256;
    const sha256 = await this.hashOf(file.name);
    if (sha256 === null) return false;
    this.remember(file.name, state.version, sha256);
    return sha256 === file.sha256;
  }

  /** Null: it was removed since it was looked at. */
  private async hashOf(name: string): Promise<string | null> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of await this.storage.read(name)) hash.update(chunk as Buffer);
    } catch (error) {
      if (error instanceof FileMissing) return null;
      throw error;
    }
    return hash.digest('hex');
  }

  private remember(name: string, version: string, sha256: string): void {
    if (this.known.size >= MOST_REMEMBERED) {
      const [oldest] = this.known.keys();
      this.known.delete(oldest!);
    }
    this.known.set(name, { version, sha256 });
  }
}
