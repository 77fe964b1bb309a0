import { validate as isUuid } from 'uuid';
import { placeOfCursor } from '../platform/http/cursor.js';
import { parseDate } from '../platform/wall-time.js';
import type { Counted } from '../platform/database/row-count.js';

export type Cell = string | number | null;
export type TableRow = Record<string, Cell>;

/** Values of the keys by which a table is paged: the place of a row in its order. */
export type Position = readonly (string | number)[];
/** `instant`: microseconds since 1970. */
export type KeyType = 'integer' | 'instant' | 'date' | 'uuid' | 'text';

/** A row as the statement gives it, with `at`, its position. */
export type Fetched = Record<string, Cell> & { at: Position };

/** A table as people see it. Rows come in the order of keys of the database's own, so that every page is a few reads. */
export interface ShownTable {
  name: string;
  aliases: readonly string[];
  title: string;
  columns: readonly string[];
  counted: Counted;
  keys: readonly KeyType[];
  /** Before the first row. */
  start: Position;
  /** The position is $1 and following, then how many rows; each row has a member `at`, its position as JSON. */
  sql: string;
  row(fetched: Fetched): TableRow;
}

/** @returns null for what no page of the table gave. */
export function positionOf(cursor: string, keys: readonly KeyType[]): Position | null {
  let position: unknown;
  try {
    position = JSON.parse(placeOfCursor(cursor) ?? '');
  } catch {
    return null;
  }
  if (!Array.isArray(position) || position.length !== keys.length) return null;
  return keys.every((type, index) => FITS[type](position[index])) ? position : null;
}

const MOST_INTEGER = 2 ** 31 - 1;
const LONGEST_TEXT = 1_000;

const FITS: Readonly<Record<KeyType, (value: unknown) => boolean>> = {
  integer: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_INTEGER,
  instant: (value) => Number.isSafeInteger(value),
  date: (value) => typeof value === 'string' && parseDate(value) !== null,
  uuid: (value) => isUuid(value),
  // The database takes no NUL.
  text: (value) => typeof value === 'string' && value.length <= LONGEST_TEXT && !value.includes('\0'),
};
