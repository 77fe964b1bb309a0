import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Environment } from '../environment.js';

/** A file that lies whole under its name. */
export interface StoredFile {
  name: string;
  bytes: number;
  sha256: string;
}

const TEMPORARY = '.part';
const STALE_MS = 3_600_000;

/** The folder of finished files. A name is one of ours, never a part of a request. */
@Injectable()
export class FileStorage implements OnApplicationBootstrap {
  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.sweep();
  }

  /**
   * Writes a file so that nobody ever sees a part of it: under a temporary name, flushed to the disk, then renamed.
   * Killed at any point it leaves the old file or none, and a temporary one that `sweep` removes.
   *
   * @param token tells apart two runs that write the same name at once.
   * @param pieces the content in order, UTF-8.
   */
  async publish(
    name: string,
    token: string,
    pieces: AsyncIterable<string> | Iterable<string>,
  ): Promise<StoredFile> {
    await mkdir(this.environment.reportsDir, { recursive: true });
    const temporary = this.pathOf(`${name}.${token}${TEMPORARY}`);
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(temporary, 'w');
    try {
      for await (const piece of pieces) {
        const buffer = Buffer.from(piece, 'utf8');
        hash.update(buffer);
        bytes += buffer.length;
        await file.writeFile(buffer);
      }
      await file.sync();
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await file.close();
    await rename(temporary, this.pathOf(name));
    return { name, bytes, sha256: hash.digest('hex') };
  }

  /** The file's size, or null when it is not there. */
  async bytesOf(name: string): Promise<number | null> {
    try {
      return (await stat(this.pathOf(name))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  read(name: string): Readable {
    return createReadStream(this.pathOf(name));
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  /** Where a person finds the file. */
  pathOf(name: string): string {
    return path.join(this.environment.reportsDir, name);
  }

  /** Removes what killed runs left behind: temporary files that nobody has written to for an hour. */
  private async sweep(): Promise<void> {
    const oldestMs = this.clock.nowUs() / 1000 - STALE_MS;
    await mkdir(this.environment.reportsDir, { recursive: true });
    for (const name of await readdir(this.environment.reportsDir)) {
      if (!name.endsWith(TEMPORARY)) continue;
      const { mtimeMs } = await stat(this.pathOf(name));
      if (mtimeMs < oldestMs) await rm(this.pathOf(name), { force: true });
    }
  }
}
