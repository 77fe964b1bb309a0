import type { Readable } from 'node:stream';
import { Hopeless } from '../database/claim.js';

/** A file that lies whole under its name. */
export interface StoredFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** What lies under a name at the moment. */
export interface FileState {
  bytes: number;
  /** Another one whenever the content may be another. */
  version: string;
  /** The hash that the storage itself vouches for; null: whoever wants to know has to read the content. */
  sha256: string | null;
}

/** Both ends belong to it. */
export interface ByteRange {
  first: number;
  last: number;
}

/** In order; text is written as UTF-8. */
export type Pieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** Where finished files lie: a folder or a bucket. A name is one of ours, never a part of a request. */
export abstract class FileStorage {
  /**
   * Writes a file so that nobody ever sees a part of it: it appears whole, or what lay there before stays. Killed at
   * any point it leaves at most something temporary, which `sweep` removes.
   *
   * @param token tells apart two runs that write the same name at once.
   * @param expectedSha256 where the content has to be what it was before: with another one nothing appears.
   * @throws StorageFull, OtherContent, PlaceTaken, and whatever `pieces` throws
   */
  abstract publish(name: string, token: string, pieces: Pieces, expectedSha256?: string): Promise<StoredFile>;

  /** Null when there is no such file. */
  abstract look(name: string): Promise<FileState | null>;

  /**
   * The content, or a part of it. Whoever asked ends the stream, also where nothing is read from it.
   *
   * @throws FileMissing
   */
  abstract read(name: string, range?: ByteRange): Promise<Readable>;

  /** Nothing happens when it is not there. */
  abstract remove(name: string): Promise<void>;

  /** Where a person finds the file. */
  abstract pathOf(name: string): string;

  /** Says that files can be kept, in a sentence; cheap enough to be asked every second. @throws when they can't */
  abstract check(): Promise<string>;

  /** As `check`, but tries it out: a process that could keep no file had better not start. */
  abstract prepare(): Promise<void>;

  /** Removes what killed runs left behind, and nothing that may still be written. */
  abstract sweep(): Promise<void>;
}

/** There is no room for a file. Trying again would not make any. */
export class StorageFull extends Hopeless {
  constructor(where: string) {
    super(
      `There is no room left in ${where} for a file that was being written; nothing of it was kept. ` +
        'Free some space and ask again.',
    );
    this.name = 'StorageFull';
  }
}

/** There is no such file, or none any more. */
export class FileMissing extends Error {
  constructor(name: string) {
    super(`There is no file ${name}.`);
    this.name = 'FileMissing';
  }
}

/** Writing again what was there before gave something else. */
export class OtherContent extends Error {
  constructor(name: string) {
    super(`What was written for ${name} is not what it was before, so it was not kept.`);
    this.name = 'OtherContent';
  }
}

/** Something that is no file lies under a file's name, and is not ours to remove. */
export class PlaceTaken extends Hopeless {
  constructor(place: string) {
    super(
      `A folder lies at ${place}, where a file is to be. It is left as it is: move it away, and try again.`,
    );
    this.name = 'PlaceTaken';
  }
}
