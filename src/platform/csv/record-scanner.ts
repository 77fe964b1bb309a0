import Papa from 'papaparse';
import { type BadRecord, MAX_RAW_LENGTH } from './csv-block.js';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** What a record turned out to be, from its start to where it ends or goes wrong. */
type Ending = 'good' | 'broken' | 'unfinished';

/**
 * Reads text with quotes in it, record by record. It decides where each record ends and whether its quotes are
 * right; papaparse then splits every run of good records that share a line ending. Papaparse alone would take one
 * unclosed quote for a row that holds the rest of the file, and one line ending for all.
 */
export class RecordScanner {
  readonly rows: string[][] = [];
  readonly bad: BadRecord[] = [];
  /** Line, start and end (offsets into the text) of each row. */
  readonly lines: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** The text ended inside a record that is already too long: what follows, up to the next line end, belongs to it. */
  skipping = false;

  private at = 0;
  private runStart = 0;
  private runEnd = 0;
  private runNext = -1;
  private runEnding = '';
  private runRows = 0;

  constructor(
    private readonly text: string,
    private readonly delimiter: string,
    private line: number,
    private readonly maxRecordLength: number,
  ) {}

  /** Number of the line that the scan has come to. */
  get nextLine(): number {
    return this.line;
  }

  /**
   * Reads as far as the text decides; returns the offset of what must be seen again together with the text to come.
   * At the end of the file nothing is left over.
   */
  scan(atEnd: boolean): number {
    let start = 0;
    while (start < this.text.length && !this.skipping) {
      const ending = this.findEnd(start, atEnd);
      const next = ending === 'good' ? this.take(start, atEnd) : this.reject(start, atEnd, ending);
      if (next === null) break;
      start = next;
    }
    this.flush();
    return start;
  }

  /** Leaves `at` on the line end, or the end of the text, that closes the record. */
  private findEnd(start: number, atEnd: boolean): Ending {
    const { text } = this;
    const delimiter = this.delimiter.charCodeAt(0);
    let at = start;
    for (;;) {
      if (text.charCodeAt(at) === QUOTE) {
        at = this.findClosingQuote(at + 1);
        if (at < 0) return 'unfinished';
        at++;
        if (at === text.length) {
          if (!atEnd) return 'unfinished';
          this.at = at;
          return 'good';
        }
        const follows = text.charCodeAt(at);
        if (follows !== delimiter && follows !== LF && follows !== CR) return 'broken';
      } else {
        for (; at < text.length; at++) {
          const code = text.charCodeAt(at);
          if (code === delimiter || code === LF || code === CR) break;
          if (code === QUOTE) return 'broken';
        }
      }
      if (at === text.length || text.charCodeAt(at) !== delimiter) {
        this.at = at;
        return at < text.length || atEnd ? 'good' : 'unfinished';
      }
      at++;
    }
  }

  private findClosingQuote(from: number): number {
    const { text } = this;
    let at = text.indexOf('"', from);
    while (at >= 0 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
    return at;
  }

  /** Takes the record that ends at `at`; null when its line ending may go on in the text to come. */
  private take(start: number, atEnd: boolean): number | null {
    const { text } = this;
    const end = this.at;
    if (end - start > this.maxRecordLength) return this.reject(start, atEnd, 'broken');
    let ending = '';
    if (end < text.length) {
      ending = text[end] ?? '';
      if (ending === '\r') {
        if (end + 1 === text.length && !atEnd) return null;
        if (text.charCodeAt(end + 1) === LF) ending = '\r\n';
      }
    }
    const next = end + ending.length;
    if (!isBlank(text, start, end)) this.add(start, end, ending, next);
    this.line += 1 + this.countLineEnds(start, end);
    return next;
  }

  private add(start: number, end: number, ending: string, next: number): void {
    if (this.runNext !== start || this.runEnding !== ending) {
      this.flush();
      this.runStart = start;
      this.runEnding = ending;
    }
    this.runEnd = end;
    this.runNext = next;
    this.runRows++;
    this.lines.push(this.line);
    this.starts.push(start);
    this.ends.push(end);
  }

  private flush(): void {
    if (this.runRows === 0) return;
    const parser = new Papa.Parser({
      delimiter: this.delimiter,
      newline: (this.runEnding || '\n') as '\n' | '\r' | '\r\n',
    });
    const parsed = parser.parse(this.text.slice(this.runStart, this.runEnd), 0, false) as Papa.ParseResult<
      string[]
    >;
    if (parsed.errors.length > 0 || parsed.data.length !== this.runRows)
      throw new Error(
        `papaparse read ${parsed.data.length} rows where ${this.runRows} stand, before line ${this.line}`,
      );
    for (const row of parsed.data) this.rows.push(row);
    this.runRows = 0;
    this.runNext = -1;
  }

  /**
   * Passes over the first physical line of a record that is no row. Null: whether it is one is for the text to come
   * to decide. What is reported depends on the file alone, never on where the text happens to be cut.
   */
  private reject(start: number, atEnd: boolean, ending: Ending): number | null {
    const { text, maxRecordLength } = this;
    const undecided = !atEnd && text.length - start <= maxRecordLength;
    if (undecided && ending === 'unfinished') return null;
    const end = this.lineEnd(start);
    if (end === text.length && undecided) return null;
    const long = end - start > maxRecordLength;
    this.bad.push({
      line: this.line,
      code: long ? 'row_too_long' : 'bad_quotes',
      detail: long
        ? `The row is longer than ${maxRecordLength} characters, the most that is read.`
        : 'A quote stands where none may be, or is never closed. A quoted cell starts and ends with a quote, and a quote inside it is doubled.',
      raw: text.slice(start, Math.min(end, start + MAX_RAW_LENGTH)),
    });
    if (end === text.length) {
      if (atEnd) this.line++;
      this.skipping = !atEnd;
      return end;
    }
    if (text[end] === '\r' && end + 1 === text.length && !atEnd) {
      this.skipping = true;
      return end;
    }
    this.line++;
    return end + (text.startsWith('\r\n', end) ? 2 : 1);
  }

  private lineEnd(start: number): number {
    const { text } = this;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LF || code === CR) break;
    }
    return at;
  }

  private countLineEnds(start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end; at++) {
      const code = this.text.charCodeAt(at);
      if (code === LF || (code === CR && this.text.charCodeAt(at + 1) !== LF)) count++;
    }
    return count;
  }
}

/** Nothing but spaces and tabs: no row. */
export function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09) return false;
  }
  return true;
}
