/** Why a row was set aside. */
export const REJECT_CODES = [
  'bad_quotes',
  'row_too_long',
  'too_few_cells',
  'too_many_cells',
  'control_character',
  'bad_encoding',
  'store_id_empty',
  'store_id_too_long',
  'bad_status',
  'bad_timestamp',
  'no_zone',
  'future_timestamp',
  'too_old',
  'bad_weekday',
  'bad_time',
  'bad_date',
  'unknown_zone',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** What is wrong with one row: a code for programs, a sentence for people, and what may have been meant. */
export interface RowProblem {
  /** Name of the column, as the file's header says it; null where the row as a whole is wrong. */
  column: string | null;
  code: RejectCode;
  detail: string;
  suggestion: string | null;
}

/** A row whose bytes are no UTF-8 is found again by the offset of the first of them in the file. */
export function withDamagedByte(problem: RowProblem, byte: number | null): RowProblem {
  if (byte === null) return problem;
  return {
    ...problem,
    detail: `${problem.detail} The first such byte of the row is byte ${byte} of the file.`,
  };
}

/** Why a file was refused whole. */
export type RefusalCode =
  | 'file_unreadable'
  | 'file_empty'
  | 'not_csv'
  | 'header_missing'
  | 'column_missing'
  | 'column_duplicate'
  | 'wrong_kind'
  | 'delimiter_unknown'
  | 'quotes_broken'
  | 'too_many_rejects'
  | 'store_day_too_full';

/** Thrown where a file cannot be taken at all. Nothing of it is loaded; the message is for people. */
export class FileRefused extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
    this.name = 'FileRefused';
  }
}

const SHOWN_LENGTH = 60;

/** Foreign text for a sentence: in quotes, short, and with nothing in it that a terminal would obey. */
export function shown(text: string): string {
  const short = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return `'${short.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}'`;
}
