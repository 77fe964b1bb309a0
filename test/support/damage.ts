import { COLUMNS, type FileKind } from '../../src/ingestion/file-kind.js';
import type { RejectCode } from '../../src/ingestion/rows/problems.js';

/** The kinds of which files are made and damaged. */
export type DamagedKind = 'polls' | 'hours' | 'zones';
export const DAMAGED_KINDS: readonly DamagedKind[] = ['polls', 'hours', 'zones'];

/** A row by the names that the program has for its columns. */
export type Values = Readonly<Record<string, string>>;

/** How a file writes its rows. */
export interface Format {
  delimiter: string;
  /** Names of the columns in the order of the file; `note` is one that nobody asked for. */
  columns: readonly string[];
}

/** What becomes of a damaged row. */
export type Effect =
  /** Line of each reject, counted from the row's first; its code; the column that is told. */
  | { rejects: readonly (readonly [number, RejectCode, string | null])[] }
  /** The rows that are loaded all the same. */
  | { good: readonly Values[] };

export interface Damaged {
  /** The row with what was done to it, without its line ending. */
  text: string;
  effect: Effect;
}

export interface Damage {
  name: string;
  kinds: readonly FileKind[];
  apply(values: Values, format: Format): Damaged;
}

/** Characters that stand for bytes which are no UTF-8, until a file is encoded. */
const BAD_BYTES: ReadonlyMap<string, number[]> = new Map([
  ['\ue000', [0xff]],
  ['\ue001', [0xe2, 0x82]],
  ['\ue002', [0xe9]],
]);

export function encode(text: string): Buffer {
  const parts = text
    .split(/([\ue000-\ue002])/)
    .map((part) => Buffer.from(BAD_BYTES.get(part) ?? Buffer.from(part)));
  return Buffer.concat(parts);
}

export function write(values: Values, { columns, delimiter }: Format): string {
  return columns.map((column) => values[column] ?? 'n').join(delimiter);
}

/** A column holds something that it may not hold. */
function cell(
  name: string,
  kinds: readonly DamagedKind[],
  column: string,
  value: string,
  code: RejectCode,
): Damage {
  return {
    name,
    kinds,
    apply: (values, format) => ({
      text: write({ ...values, [column]: value }, format),
      effect: { rejects: [[0, code, column]] },
    }),
  };
}

/** A column says the same in other words, or something else that is allowed. */
function fine(
  name: string,
  kinds: readonly DamagedKind[],
  column: string,
  spell: (value: string) => string,
  isSame = true,
): Damage {
  return {
    name,
    kinds,
    apply: (values, format) => {
      const spelt = spell(values[column] ?? '');
      const text = write({ ...values, [column]: spelt }, format);
      return { text, effect: { good: [isSame ? values : { ...values, [column]: spelt }] } };
    },
  };
}

/** The row as a whole is no row. */
function whole(
  name: string,
  code: RejectCode,
  spoil: (row: string, format: Format, values: Values) => string,
  kinds: readonly DamagedKind[] = DAMAGED_KINDS,
): Damage {
  return {
    name,
    kinds,
    apply: (values, format) => ({
      text: spoil(write(values, format), format, values),
      effect: { rejects: [[0, code, null]] },
    }),
  };
}

const ALL = DAMAGED_KINDS;

/** Ways in which a good row is damaged, or looks as if it were. */
export const DAMAGES: readonly Damage[] = [
  whole('a cell is missing', 'too_few_cells', (row, { delimiter }) =>
    row.slice(0, row.lastIndexOf(delimiter)),
  ),
  whole('a cell too many', 'too_many_cells', (row, { delimiter }) => `${row}${delimiter}what`),
  whole('the end-of-data mark of COPY', 'too_few_cells', () => '\\.'),
  whole('a quote is opened at the start and never closed', 'bad_quotes', (row) => `"${row}`),
  whole('a quote is opened at the last cell and never closed', 'bad_quotes', (row, { delimiter }) => {
    const at = row.lastIndexOf(delimiter) + 1;
    return `${row.slice(0, at)}"${row.slice(at)}`;
  }),
  whole('a quote inside a cell', 'bad_quotes', (row) => `x"${row}`),
  whole('text behind a closing quote', 'bad_quotes', (row) => `"x"${row}`),
  whole(
    'a space before a quote',
    'bad_quotes',
    (row, { delimiter }) => ` "x"${row.slice(row.indexOf(delimiter))}`,
  ),
  whole('a row longer than 64 KB', 'row_too_long', (row) => 'x'.repeat(65_600) + row),
  whole('a quoted cell longer than 64 KB', 'row_too_long', (row) => `"${'x'.repeat(65_600)}"${row}`),
  {
    name: 'a lone carriage return inside the row',
    kinds: ['polls', 'hours'],
    apply: (values, format) => ({
      text: write(values, format).replace(format.delimiter, `${format.delimiter}\r`),
      effect: {
        rejects: [
          [0, 'too_few_cells', null],
          [1, 'too_few_cells', null],
        ],
      },
    }),
  },
  {
    name: 'empty cells at the end',
    kinds: ALL,
    apply: (values, format) => ({
      text: `${write(values, format)}${format.delimiter}${format.delimiter} `,
      effect: { good: [values] },
    }),
  },
  { name: 'nothing is left of the row', kinds: ALL, apply: () => ({ text: '', effect: { good: [] } }) },
  { name: 'spaces are left of the row', kinds: ALL, apply: () => ({ text: '  ', effect: { good: [] } }) },
  {
    name: 'every cell in quotes',
    kinds: ALL,
    apply: (values, { columns, delimiter }) => ({
      text: columns.map((column) => `"${values[column] ?? 'n'}"`).join(delimiter),
      effect: { good: [values] },
    }),
  },
  {
    name: 'white space around cells',
    kinds: ALL,
    apply: (values, { columns, delimiter }) => ({
      text: columns.map((column) => ` ${values[column] ?? 'n'}  `).join(delimiter),
      effect: { good: [values] },
    }),
  },
  {
    name: 'the row stands there twice',
    kinds: ALL,
    apply: (values, format) => ({
      text: `${write(values, format)}\n${write(values, format)}`,
      effect: { good: [values, values] },
    }),
  },
  {
    name: 'a byte that is no UTF-8 in a column that nobody asked for',
    kinds: ALL,
    apply: (values, format) => ({
      text: write({ ...values, note: '\ue000' }, format),
      effect: { good: [values] },
    }),
  },
  cell('a NUL in the store id', ALL, 'store_id', 'a\0b', 'control_character'),
  cell('an escape character in the store id', ALL, 'store_id', 'a\u001bb', 'control_character'),
  cell('a line break in the store id', ALL, 'store_id', 'a\u0085b', 'control_character'),
  cell('a byte that is no UTF-8 in the store id', ALL, 'store_id', 'a\ue000b', 'bad_encoding'),
  cell('half a character in the store id', ALL, 'store_id', 'a\ue001', 'bad_encoding'),
  cell('a letter of Latin-1 in the store id', ALL, 'store_id', 'caf\ue002', 'bad_encoding'),
  cell('no store id', ALL, 'store_id', '', 'store_id_empty'),
  cell('a store id of spaces', ALL, 'store_id', '   ', 'store_id_empty'),
  cell('a store id of 65 characters', ALL, 'store_id', 'x'.repeat(65), 'store_id_too_long'),
  fine('a store id of 64 characters', ALL, 'store_id', () => '😀'.repeat(64), false),
  fine('a formula for a store id', ALL, 'store_id', () => '=1+1', false),

  cell('a status with a slip', ['polls'], 'status', 'actvie', 'bad_status'),
  cell('a status in other words', ['polls'], 'status', 'up', 'bad_status'),
  cell('no status', ['polls'], 'status', '', 'bad_status'),
  cell('a byte that is no UTF-8 in the status', ['polls'], 'status', 'act\ue000ve', 'bad_encoding'),
  fine('a status in capitals', ['polls'], 'status', (status) => status.toUpperCase()),
  cell('an instant without a zone', ['polls'], 'timestamp_utc', '2023-01-22 12:00:00', 'no_zone'),
  cell('a date that does not exist', ['polls'], 'timestamp_utc', '2023-02-30 12:00:00 UTC', 'bad_timestamp'),
  cell('the hour 24', ['polls'], 'timestamp_utc', '2023-01-22 24:00:00 UTC', 'bad_timestamp'),
  cell('the second 60', ['polls'], 'timestamp_utc', '2023-01-22 23:59:60 UTC', 'bad_timestamp'),
  cell(
    'seven digits of a second',
    ['polls'],
    'timestamp_utc',
    '2023-01-22 12:00:00.1234567 UTC',
    'bad_timestamp',
  ),
  cell('the name of a zone', ['polls'], 'timestamp_utc', '2023-01-22 12:00:00 EST', 'bad_timestamp'),
  cell('a word for an instant', ['polls'], 'timestamp_utc', 'tomorrow', 'bad_timestamp'),
  cell('seconds since 1970', ['polls'], 'timestamp_utc', '1674389379', 'bad_timestamp'),
  cell('slashes in a date', ['polls'], 'timestamp_utc', '2023/01/22 12:00:00 UTC', 'bad_timestamp'),
  cell('an instant in the future', ['polls'], 'timestamp_utc', '2099-01-01 00:00:00 UTC', 'future_timestamp'),
  cell('an instant before 2000', ['polls'], 'timestamp_utc', '1999-12-31 23:59:59 UTC', 'too_old'),
  fine('an offset for the zone', ['polls'], 'timestamp_utc', (at) =>
    at.replace(' UTC', '+00:00').replace(' ', 'T'),
  ),

  cell('the weekday 7', ['hours'], 'day', '7', 'bad_weekday'),
  cell('the name of a weekday', ['hours'], 'day', 'Mon', 'bad_weekday'),
  cell('a weekday with a fraction', ['hours'], 'day', '0.0', 'bad_weekday'),
  cell('the hour 25', ['hours'], 'end_time_local', '25:00:00', 'bad_time'),
  cell('opening at 24:00', ['hours'], 'start_time_local', '24:00', 'bad_time'),
  cell('the minute 60', ['hours'], 'end_time_local', '09:60', 'bad_time'),
  cell('a time with AM', ['hours'], 'start_time_local', '9:00 AM', 'bad_time'),
  fine('a time without seconds', ['hours'], 'start_time_local', (time) => time.slice(0, 5)),
  fine('closing at 24:00', ['hours'], 'end_time_local', () => '24:00:00', false),

  cell('a zone that does not exist', ['zones'], 'timezone_str', 'Mars/Phobos', 'unknown_zone'),
  cell('a zone with a slip', ['zones'], 'timezone_str', 'America/Chicgo', 'unknown_zone'),
  cell('a rule for a zone', ['zones'], 'timezone_str', 'FOO+5', 'unknown_zone'),
  cell('no zone', ['zones'], 'timezone_str', '', 'unknown_zone'),
  fine('a zone in lower case', ['zones'], 'timezone_str', (zone) => zone.toLowerCase()),
];

/** A file that is damaged as a whole, and the word with which it is refused; null: it is read as if nothing was. */
export interface FileDamage {
  name: string;
  refusal: string | null;
  apply(bytes: Buffer): Buffer;
}

const afterHeader = (text: string): string => text.replace(/^[^\r\n]*(?:\r\n|\r|\n)/, '');
const asText = (name: string, refusal: string | null, spoil: (text: string) => string): FileDamage => ({
  name,
  refusal,
  apply: (bytes) => Buffer.from(spoil(bytes.toString())),
});

/** Ways in which a good file is damaged as a whole. */
export const FILE_DAMAGES: readonly FileDamage[] = [
  { name: 'nothing is left of it', refusal: 'file_empty', apply: () => Buffer.alloc(0) },
  asText('blank lines are left of it', 'file_empty', (text) => text.replace(/[^\r\n]/g, '')),
  asText('its header is gone', 'header_missing', (text) => `1,2,3\n${afterHeader(text)}`),
  asText('a column has another name', 'column_missing', (text) => text.replace(/store_id/i, 'shop')),
  asText('a column stands there twice', 'column_duplicate', (text) =>
    text.replace('note', 'Store_ID').replace('NOTE', 'store_id'),
  ),
  asText('its header has an unclosed quote', 'header_missing', (text) => text.replace(/^\ufeff?/, '"')),
  asText('it begins as an archive does', 'not_csv', (text) => `PK\u0003\u0004${text}`),
  asText('eleven rows in a row open a quote', 'quotes_broken', (text) => `${text}\n${'"1\n'.repeat(11)}`),
  asText('line feeds stand before its header', null, (text) => `\n\n${text.replace('\ufeff', '')}`),
  asText('it ends without a line ending', null, (text) => text.replace(/[\r\n]+$/, '')),
  {
    name: 'it is saved as UTF-16',
    refusal: null,
    apply: (bytes) => Buffer.from(`\ufeff${bytes.toString().replace('\ufeff', '')}`, 'utf16le'),
  },
];

/** What a row says, as the database tells it, and what it is about: of rows about the same thing the last one holds. */
export function factOf(kind: DamagedKind, values: Values): { about: string; fact: string } {
  const of = (index: number): string => values[COLUMNS[kind][index]?.[0] ?? ''] ?? '';
  if (kind === 'zones') return { about: of(0), fact: `${of(0)} ${of(1)}` };
  if (kind === 'hours') {
    const fact = `${of(0)} ${of(1)} ${of(2)} ${of(3)}`;
    return { about: fact, fact };
  }
  return { about: `${of(0)} ${of(2)}`, fact: `${of(0)} ${of(1)} ${of(2).replace(' UTC', '')}` };
}
