import { CsvReader } from '../../platform/csv/csv-reader.js';
import { COLUMNS, FILE_KINDS, type FileKind, KIND_TITLES } from '../file-kind.js';
import { findColumns, headerOf } from '../rows/header.js';
import { FileRefused, shown } from '../rows/problems.js';
import { UploadedFileRefused } from './upload-problems.js';

const SHOWN_COLUMNS = 12;

/**
 * The kind whose columns a header names.
 *
 * @throws UploadedFileRefused 422 where it fits no kind, or more than one.
 */
export function kindOfHeader(header: readonly string[]): FileKind {
  const fitting: FileKind[] = [];
  const refusals: FileRefused[] = [];
  for (const kind of FILE_KINDS) {
    const refusal = refusalOf(kind, header);
    if (refusal === null) fitting.push(kind);
    else refusals.push(refusal);
  }
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length > 1) {
    throw new UploadedFileRefused(
      422,
      'kind_ambiguous',
      `The header names the columns of more than one kind of file: ${fitting.join(', ')}. Name the kind with the form field 'kind' before the file.`,
    );
  }
  // All but a missing column says more than that the kind is unknown.
  const telling = refusals.find(({ code }) => code === 'column_duplicate' || code === 'delimiter_unknown');
  if (telling !== undefined) throw asUploadProblem(telling);
  const found = header.slice(0, SHOWN_COLUMNS).map(shown).join(', ');
  throw new UploadedFileRefused(
    422,
    'kind_unknown',
    `The first line names the columns of no kind of file; found ${found}${header.length > SHOWN_COLUMNS ? ', …' : ''}. Wanted, in any order: ${FILE_KINDS.map(wanted).join('; ')}.`,
  );
}

/**
 * Reads the header of a file, and says what kind it is of.
 *
 * @param kind what the caller named; null: the header tells.
 * @throws UploadedFileRefused where the header is none, or not that of the kind.
 */
export async function kindOfFile(file: string, kind: FileKind | null): Promise<FileKind> {
  try {
    const header = await headerOfFile(file);
    if (kind === null) return kindOfHeader(header);
    findColumns(kind, header);
    return kind;
  } catch (error) {
    if (error instanceof FileRefused) throw asUploadProblem(error);
    throw error;
  }
}

async function headerOfFile(file: string): Promise<readonly string[]> {
  for await (const block of new CsvReader(file).blocks()) return headerOf(block);
  throw new FileRefused('file_empty', 'The file is empty: not even a header stands in it.');
}

function refusalOf(kind: FileKind, header: readonly string[]): FileRefused | null {
  try {
    findColumns(kind, header);
    return null;
  } catch (error) {
    if (error instanceof FileRefused) return error;
    throw error;
  }
}

function asUploadProblem({ code, message }: FileRefused): UploadedFileRefused {
  return new UploadedFileRefused(code === 'not_csv' ? 415 : 422, code, message);
}

function wanted(kind: FileKind): string {
  return `${COLUMNS[kind].map(([name]) => name).join(', ')} for ${KIND_TITLES[kind]}`;
}
