import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StoreDay } from './store-day.js';

/** Numbers that a run is written or read by. */
export const BUFFER_NUMBERS = 32 * 1024;
const HEAD = 3;

/** A temporary file of sorted store-days. It has no name: the moment the process ends, however it ends, it is gone. */
export class RunFile {
  private constructor(private readonly handle: number) {}

  static create(): RunFile {
    const folder = mkdtempSync(path.join(tmpdir(), 'storewatch-load-'));
    try {
      return new RunFile(openSync(path.join(folder, 'run'), 'wx+', 0o600));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  append(numbers: Float64Array): void {
    const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.handle, bytes, at);
  }

  /** Fills `numbers` from a place in the file (counted in numbers); returns how many there were. */
  read(numbers: Float64Array, from: number): number {
    const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    let at = 0;
    for (let got = -1; got !== 0 && at < bytes.length; at += got)
      got = readSync(this.handle, bytes, at, bytes.length - at, from * 8 + at);
    return at / 8;
  }

  close(): void {
    closeSync(this.handle);
  }
}

/** Writes store-days: store, day, count, and the codes, each as one number. */
export class RunWriter {
  private at = 0;

  /** @param buffer lent until `end()`. */
  constructor(
    private readonly file: RunFile,
    private readonly buffer: Float64Array,
  ) {}

  /** Returns whether something went to the disk. */
  add({ store, day, polls }: StoreDay): boolean {
    const flushed = this.at + HEAD + polls.length > this.buffer.length;
    if (flushed) this.end();
    this.buffer[this.at++] = store;
    this.buffer[this.at++] = day;
    this.buffer[this.at++] = polls.length;
    if (this.at + polls.length > this.buffer.length) {
      this.end();
      this.file.append(polls);
    } else {
      this.buffer.set(polls, this.at);
      this.at += polls.length;
    }
    return flushed;
  }

  end(): void {
    this.file.append(this.buffer.subarray(0, this.at));
    this.at = 0;
  }
}

/** Reads a run from its beginning. `current` is good until `next()`. */
export class RunReader {
  current: StoreDay | null = null;

  private held = 0;
  private at = 0;
  private place = 0;

  /** @param buffer lent for as long as the run is read; of any length: it is replaced where a store-day is longer. */
  constructor(
    private readonly file: RunFile,
    private buffer: Float64Array,
  ) {
    this.next();
  }

  next(): void {
    if (!this.has(HEAD)) {
      this.current = null;
      return;
    }
    const store = this.buffer[this.at]!;
    const day = this.buffer[this.at + 1]!;
    const count = this.buffer[this.at + 2]!;
    this.at += HEAD;
    if (!this.has(count)) throw new Error('A temporary file of this load was cut short.');
    this.current = { store, day, polls: this.buffer.subarray(this.at, this.at + count), origins: null };
    this.at += count;
  }

  /** Sees to it that so many numbers lie in the buffer from `at` on. */
  private has(count: number): boolean {
    if (this.held - this.at >= count) return true;
    const rest = this.buffer.subarray(this.at, this.held);
    const larger = count > this.buffer.length ? new Float64Array(count * 2) : this.buffer;
    larger.set(rest);
    this.buffer = larger;
    this.held = rest.length;
    this.at = 0;
    const got = this.file.read(this.buffer.subarray(this.held), this.place);
    this.held += got;
    this.place += got;
    return this.held >= count;
  }
}
