import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setImmediate as giveBackEventLoop } from 'node:timers/promises';
import Papa from 'papaparse';
import { type BadRecord, type CsvBlock, MAX_RECORD_LENGTH } from './csv-block.js';
import { damageFinder, DamagedBytes } from './damaged-bytes.js';
import { TextOfBytes } from './decode-text.js';
import { isBlank, RecordScanner } from './record-scanner.js';

export interface CsvOptions {
  /** Bytes that are gathered before a block is cut; about this much is held at a time. */
  blockBytes?: number;
  maxRecordLength?: number;
}

/**
 * Small enough that a block's text dies young. V8 keeps a string of 128 KB and more apart, among the old ones as soon
 * as it outlives a single collection, and dozens of them pile up there; two bytes a character, this stays below.
 */
const DEFAULT_BLOCK_BYTES = 60 * 1024;

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Reads a CSV file in blocks, by the rules of RFC 4180 and then some: UTF-8 (UTF-16 with its mark), any mixture of
 * LF, CRLF and CR, and the delimiter among comma, semicolon, tab and bar that the first line shows. Blank lines are
 * passed over. Memory is flat whatever the file holds: a record that is too long, or whose quotes are wrong, is told
 * as bad and reading goes on at the next physical line. The first row of the first block is the header.
 */
export class CsvReader {
  /** Bytes that were read so far. */
  bytesRead = 0;
  /** The header as it stands in the file, without its line ending; null until the first block, or where it is no row. */
  header: string | null = null;
  /** What parts the cells; '' until the first block. */
  delimiter = '';

  private readonly hash = createHash('sha256');
  private readonly blockBytes: number;
  private readonly maxRecordLength: number;
  /** Text that is not yet decided: the beginning of a record whose end was not seen. */
  private carry = '';
  private readonly decoder = new TextOfBytes();
  private readonly damaged = new DamagedBytes(this.decoder.damagedAt);
  private line = 1;
  private started = false;
  private skipping = false;

  constructor(
    private readonly source: string | AsyncIterable<Buffer>,
    options: CsvOptions = {},
  ) {
    this.blockBytes = options.blockBytes ?? DEFAULT_BLOCK_BYTES;
    this.maxRecordLength = options.maxRecordLength ?? MAX_RECORD_LENGTH;
  }

  /** SHA-256 of the file, in hex, once all its blocks were read. */
  sha256(): string {
    return this.hash.copy().digest('hex');
  }

  /** The blocks in order. The next one is read when it is asked for. */
  async *blocks(): AsyncGenerator<CsvBlock> {
    const chunks: AsyncIterable<Buffer> =
      typeof this.source === 'string'
        ? createReadStream(this.source, { highWaterMark: this.blockBytes })
        : this.source;
    let gathered = '';
    let bytes = 0;
    for await (const chunk of chunks) {
      this.bytesRead += chunk.length;
      this.hash.update(chunk);
      gathered += this.decoder.push(chunk);
      bytes += chunk.length;
      if (bytes < this.blockBytes) continue;
      const block = this.cut(gathered, false);
      gathered = '';
      bytes = 0;
      if (block !== null) yield block;
      // A file in the page cache is always ready, so without this the loop would starve timers and sockets.
      await giveBackEventLoop();
    }
    const last = this.cut(gathered + this.decoder.end(), true);
    if (last !== null) yield last;
  }

  private cut(more: string, atEnd: boolean): CsvBlock | null {
    let text = this.carry + more;
    this.carry = '';
    if (this.skipping) {
      const skipped = text;
      text = this.skipLine(text, atEnd);
      this.damaged.take(skipped.slice(0, skipped.length - text.length));
    }
    if (text === '' || this.skipping || !this.knowsDelimiter(text, atEnd)) return null;
    const plain = text.includes('"') ? null : this.cutPlain(text, atEnd);
    const block = plain ?? this.cutScanned(text, atEnd);
    this.seekHeader(block);
    return block.rows.length === 0 && block.bad.length === 0 ? null : block;
  }

  /** The first record is the header, unless it is none that can be read. */
  private seekHeader({ rows, bad, lineOf, rawOf }: CsvBlock): void {
    if (this.started || (rows.length === 0 && bad.length === 0)) return;
    this.started = true;
    const isFirst = rows.length > 0 && (bad.length === 0 || lineOf(0) < bad[0]!.line);
    if (isFirst) this.header = rawOf(0);
  }

  /** Drops the rest of a line that was too long. */
  private skipLine(text: string, atEnd: boolean): string {
    const end = text.search(/[\r\n]/);
    if (end < 0) return '';
    if (text[end] === '\r' && end + 1 === text.length && !atEnd) {
      this.carry = '\r';
      return '';
    }
    this.skipping = false;
    this.line++;
    return text.slice(end + (text.startsWith('\r\n', end) ? 2 : 1));
  }

  /** The delimiter is the one that the first line with anything in it shows most often outside of quotes. */
  private knowsDelimiter(text: string, atEnd: boolean): boolean {
    if (this.delimiter !== '') return true;
    const first = /^[ \t\r\n]*([^\r\n]*)([\r\n]?)/.exec(text);
    const header = first?.[1] ?? '';
    if (first?.[2] === '' && !atEnd && header.length <= this.maxRecordLength) {
      this.carry = text;
      return false;
    }
    const unquoted = header.replace(/"(?:[^"]|"")*"/g, '');
    const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length);
    this.delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
    return true;
  }

  /** The way of nearly all text: no quotes, so lines are rows. Null when a line is too long for it. */
  private cutPlain(text: string, atEnd: boolean): CsvBlock | null {
    const hasCr = text.includes('\r');
    const end = atEnd ? text.length : lastLineEnd(text, hasCr);
    if (text.length - end > this.maxRecordLength) return null;
    let body = text.slice(0, end);
    if (hasCr) body = body.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
    if (hasLongLine(body, this.maxRecordLength)) return null;
    this.carry = text.slice(end);
    if (body.endsWith('\n')) body = body.slice(0, -1);
    else if (body === '')
      return this.block(
        [],
        [],
        [],
        () => '',
        () => null,
      );

    const parser = new Papa.Parser({ delimiter: this.delimiter, newline: '\n', fastMode: true });
    const parsed = (parser.parse(body, 0, false) as Papa.ParseResult<string[]>).data;
    // Papaparse gives no row for empty text, which is one empty line here.
    const lineCount = Math.max(1, parsed.length);
    const { rows, lines } = this.withoutBlanks(parsed);
    const { delimiter } = this;
    const first = this.line;
    this.line += lineCount;
    const damagedByteOf = damageFinder(this.damaged.take(body), (from, to) =>
      rows.slice(Math.max(0, from), to).join(),
    );
    const rawOf = (index: number): string => (rows[index] ?? []).join(delimiter);
    return this.block(rows, [], lines ?? first, rawOf, damagedByteOf);
  }

  /** Rows without blank ones; `lines` only when some were, since otherwise a row's line follows from its index. */
  private withoutBlanks(parsed: string[][]): { rows: string[][]; lines: number[] | null } {
    if (!parsed.some((row) => this.isBlankRow(row))) return { rows: parsed, lines: null };
    const rows: string[][] = [];
    const lines: number[] = [];
    parsed.forEach((row, index) => {
      if (this.isBlankRow(row)) return;
      rows.push(row);
      lines.push(this.line + index);
    });
    return { rows, lines };
  }

  private isBlankRow(row: string[]): boolean {
    const first = row[0] ?? '';
    if (first.length > 0 && first.charCodeAt(0) > 0x20) return false;
    if (row.length > 1 && this.delimiter !== '\t') return false;
    const raw = row.join(this.delimiter);
    return isBlank(raw, 0, raw.length);
  }

  private cutScanned(text: string, atEnd: boolean): CsvBlock {
    const scanner = new RecordScanner(text, this.delimiter, this.line, this.maxRecordLength);
    const consumed = scanner.scan(atEnd);
    this.carry = text.slice(consumed);
    this.line = scanner.nextLine;
    this.skipping = scanner.skipping;
    const { starts, ends } = scanner;
    const damagedByteOf = damageFinder(this.damaged.take(text.slice(0, consumed)), (from, to) =>
      text.slice(from < 0 ? 0 : starts[from], starts[to]),
    );
    const rawOf = (index: number): string => text.slice(starts[index], ends[index]);
    return this.block(scanner.rows, scanner.bad, scanner.lines, rawOf, damagedByteOf);
  }

  private block(
    rows: string[][],
    bad: BadRecord[],
    lines: number | number[],
    rawOf: (index: number) => string,
    damagedByteOf: (index: number) => number | null,
  ): CsvBlock {
    return {
      rows,
      bad,
      bytesRead: this.bytesRead,
      lineOf: (index) => (typeof lines === 'number' ? lines + index : (lines[index] ?? 0)),
      rawOf,
      damagedByteOf,
    };
  }
}

/** Offset behind the last line end of which it is sure that it is whole: a CR at the end may be half of a CRLF. */
function lastLineEnd(text: string, hasCr: boolean): number {
  const lf = text.lastIndexOf('\n');
  const cr = !hasCr || text.length < 2 ? -1 : text.lastIndexOf('\r', text.length - 2);
  return Math.max(lf, cr) + 1;
}

/** Leaps from line end to line end, so a block costs a few searches and not one for each line. */
function hasLongLine(body: string, limit: number): boolean {
  let at = 0;
  while (body.length - at > limit) {
    const end = body.lastIndexOf('\n', at + limit);
    if (end < at) return true;
    at = end + 1;
  }
  return false;
}
