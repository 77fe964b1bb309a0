import type pg from 'pg';
import { type CopyToStreamQuery, to as copyTo } from 'pg-copy-streams';

/** Signature (11 bytes), flags (4), length of the header extension (4). */
const HEADER_BYTES = 19;
const TWO_TO_32 = 4_294_967_296;
const PAGE_BYTES = 1 << 18;
/** What the server sends at a time, at most; a page is full by less than that. */
const CHUNK_BYTES = 1 << 16;
/** Stands where a row's number of fields would: there are no more rows. */
const TRAILER = -1;

/**
 * Runs `COPY (query) TO STDOUT` and hands over all rows in binary form. For results that fit in memory: callers
 * cut their work into pieces that do.
 *
 * @param query SQL without parameters (COPY takes none); only numbers of our own may be written into it.
 */
export async function copyOut(client: pg.PoolClient, query: string): Promise<BinaryRows> {
  const chunks: Buffer[] = [];
  for await (const chunk of copyStream(client, query)) chunks.push(chunk as Buffer);
  return new BinaryRows(withoutHeader(Buffer.concat(chunks)));
}

/**
 * As `copyOut`, but for results of any size: page after page of whole rows, about 256 KB each. A page is good until
 * the next one is asked for: all lie in the same memory, since the garbage collector would let dozens of them gather.
 */
export async function* copyOutPages(client: pg.PoolClient, query: string): AsyncGenerator<BinaryRows> {
  let memory = Buffer.allocUnsafe(PAGE_BYTES + CHUNK_BYTES);
  let held = 0;
  let first = true;
  const page = (): Buffer => {
    const bytes = memory.subarray(0, held);
    const rows = first ? withoutHeader(bytes) : bytes;
    first = false;
    return rows;
  };
  for await (const piece of copyStream(client, query)) {
    const chunk = piece as Buffer;
    if (held + chunk.length > memory.length) memory = enlarged(memory, held, held + chunk.length);
    held += chunk.copy(memory, held);
    if (held < PAGE_BYTES) continue;
    const rows = page();
    const end = endOfWholeRows(rows);
    yield new BinaryRows(rows.subarray(0, end));
    held = rows.copy(memory, 0, end);
  }
  yield new BinaryRows(page());
}

/** For a row that is longer than a page. */
function enlarged(memory: Buffer, held: number, least: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(least, memory.length * 2));
  memory.copy(larger, 0, 0, held);
  return larger;
}

function copyStream(client: pg.PoolClient, query: string): CopyToStreamQuery {
  return client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT binary)`));
}

function withoutHeader(buffer: Buffer): Buffer {
  return buffer.subarray(HEADER_BYTES + buffer.readInt32BE(HEADER_BYTES - 4));
}

/** The server cuts its answer wherever a packet is full; a row's end is found by walking over the field lengths. */
function endOfWholeRows(buffer: Buffer): number {
  let end = 0;
  while (end + 2 <= buffer.length) {
    const fields = buffer.readInt16BE(end);
    if (fields === TRAILER) break;
    let at = end + 2;
    for (let field = 0; field < fields; field++) {
      if (at + 4 > buffer.length) return end;
      at += 4 + Math.max(0, buffer.readInt32BE(at));
    }
    if (at > buffer.length) return end;
    end = at;
  }
  return end;
}

/**
 * Walks over the rows of PostgreSQL's binary COPY format. After `next()` the fields are read in order, each exactly
 * once, by the method of its type; null comes back as null.
 *
 * Several times faster than rows of text, which matters for arrays: a report reads a million of them.
 */
export class BinaryRows {
  private offset = 0;

  /** Reads numbers in a third of the time that the buffer's own methods take, and there are millions of them. */
  private readonly view: DataView;

  /** @param buffer whole rows, with or without the trailer, without the header. */
  constructor(private readonly buffer: Buffer) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }

  /** Steps to the next row. @returns false after the last one. */
  next(): boolean {
    if (this.offset >= this.buffer.length) return false;
    const fields = this.view.getInt16(this.offset);
    this.offset += 2;
    return fields !== TRAILER;
  }

  int4(): number | null {
    const length = this.length();
    if (length < 0) return null;
    this.offset += 4;
    return this.view.getInt32(this.offset - 4);
  }

  /** An int8 as a number: exact up to 2^53, which instants and polls stay below. */
  int8(): number | null {
    const length = this.length();
    if (length < 0) return null;
    this.offset += 8;
    return this.int8At(this.offset - 8);
  }

  float8(): number | null {
    const length = this.length();
    if (length < 0) return null;
    this.offset += 8;
    return this.view.getFloat64(this.offset - 8);
  }

  /** Good as long as the rows are: it lies in their memory. */
  bytes(): Buffer | null {
    const length = this.length();
    if (length < 0) return null;
    this.offset += length;
    return this.buffer.subarray(this.offset - length, this.offset);
  }

  bool(): boolean | null {
    const length = this.length();
    if (length < 0) return null;
    this.offset += 1;
    return this.buffer[this.offset - 1] === 1;
  }

  text(): string | null {
    const length = this.length();
    if (length < 0) return null;
    this.offset += length;
    return this.buffer.toString('utf8', this.offset - length, this.offset);
  }

  int4Array(): Int32Array | null {
    const length = this.length();
    if (length < 0) return null;
    const end = this.offset + length;
    const values = new Int32Array(this.elements());
    for (let i = 0, at = this.offset + 24; i < values.length; i++, at += 8)
      values[i] = this.view.getInt32(at);
    this.offset = end;
    return values;
  }

  /** A text[] without nulls. */
  textArray(): string[] {
    const end = this.length() + this.offset;
    const values = Array.from<string>({ length: this.elements() });
    for (let i = 0, at = this.offset + 20; i < values.length; i++) {
      const from = at + 4;
      at = from + this.view.getInt32(at);
      values[i] = this.buffer.toString('utf8', from, at);
    }
    this.offset = end;
    return values;
  }

  /** Appends the elements of an int8[] to `target` from `at` on. @returns the position after the last one. */
  int8ArrayInto(target: Float64Array, at: number): number {
    const end = this.length() + this.offset;
    const count = this.elements();
    for (let i = 0, from = this.offset + 24; i < count; i++, from += 12) target[at + i] = this.int8At(from);
    this.offset = end;
    return at + count;
  }

  /** How many elements the int8[] field that comes next has, without reading it. */
  peekElements(): number {
    this.length();
    const count = this.elements();
    this.offset -= 4;
    return count;
  }

  private length(): number {
    this.offset += 4;
    return this.view.getInt32(this.offset - 4);
  }

  /** An array's header: dimensions, flags, element type, then for its only dimension the size and lower bound. */
  private elements(): number {
    return this.view.getInt32(this.offset) === 0 ? 0 : this.view.getInt32(this.offset + 12);
  }

  private int8At(at: number): number {
    return this.view.getInt32(at) * TWO_TO_32 + this.view.getUint32(at + 4);
  }
}
