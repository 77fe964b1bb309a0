/** A record that is no row: it was passed over, and reading went on at the next physical line. */
export interface BadRecord {
  line: number;
  code: 'bad_quotes' | 'row_too_long';
  detail: string;
  /** The line as it stands in the file, at most 4,097 characters of it. */
  raw: string;
}

/** A stretch of a CSV file: its rows in order, and the records between them that are none. */
export interface CsvBlock {
  rows: string[][];
  bad: BadRecord[];
  /** Bytes of the file that were read so far. */
  bytesRead: number;
  /** Physical line on which a row of `rows` starts; the first line is 1. */
  lineOf(index: number): number;
  /** A row's text as it stands in the file, without its line ending. */
  rawOf(index: number): string;
  /** Offset in the file of the first byte of a row that is no UTF-8 (U+FFFD in its text); null where there is none. */
  damagedByteOf(index: number): number | null;
}

/** A record is at most this many characters long, so that no file can make the reader hold it whole. */
export const MAX_RECORD_LENGTH = 64 * 1024;

/** Characters of a bad record that are kept: one more than 4 KB, so that whoever keeps 4 KB sees that there is more. */
export const MAX_RAW_LENGTH = 4097;
