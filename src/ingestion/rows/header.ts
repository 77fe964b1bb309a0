import type { CsvBlock } from '../../platform/csv/csv-block.js';
import { COLUMNS, FILE_KINDS, FILE_NAMES, type FileKind, KIND_TITLES } from '../file-kind.js';
import { FileRefused, shown } from './problems.js';

/** Where the columns of a kind stand in a file, in the order of `COLUMNS`. */
export interface ColumnPlaces {
  places: readonly number[];
  /** What the header calls them; absent where rows come without one. */
  names?: readonly string[];
  /** Cells that a row has to have. */
  width: number;
}

/**
 * Finds the columns of a kind in a header: by name, in any order, any letter case, white space apart. Columns that
 * nobody asked for are passed over.
 *
 * @throws FileRefused when a column is missing or stands there twice; it names what was found, and the kind that the
 *   header looks like where that is another.
 */
export function findColumns(kind: FileKind, header: readonly string[]): ColumnPlaces {
  const names = header.map((name) => name.trim().toLowerCase());
  refuseBinary(header.join());
  const missing: string[] = [];
  const places = COLUMNS[kind].map((aliases: readonly string[]) => {
    const found = names.flatMap((name, place) => (aliases.includes(name) ? [place] : []));
    if (found.length > 1) {
      throw new FileRefused(
        'column_duplicate',
        `The header names the column ${aliases[0]} ${found.length} times (${found.map((place) => shown(header[place] ?? '')).join(', ')}). Keep one of them.`,
      );
    }
    if (found.length === 0) missing.push(aliases[0] ?? '');
    return found[0] ?? -1;
  });
  if (missing.length > 0) throw refusal(kind, header, names, missing);
  return { places, names: places.map((place) => (header[place] ?? '').trim()), width: header.length };
}

/**
 * The header of a file, out of its first block.
 *
 * @throws FileRefused when the first line is no row.
 */
export function headerOf(block: CsvBlock): readonly string[] {
  const [header] = block.rows;
  const [bad] = block.bad;
  if (bad === undefined || (header !== undefined && block.lineOf(0) < bad.line)) {
    refuseBinary((header ?? []).join(), block.damagedByteOf(0));
    return header ?? [];
  }
  refuseBinary(bad.raw);
  throw new FileRefused(
    'header_missing',
    `Line ${bad.line} should name the columns and is no row. ${bad.detail}`,
  );
}

function refuseBinary(text: string, byte: number | null = null): void {
  // oxlint-disable-next-line no-control-regex -- looking for control characters is its task
  if (!/[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/.test(text)) return;
  throw new FileRefused(
    'not_csv',
    `The file is no CSV text: its first line holds bytes that are no UTF-8 text${byte === null ? '' : `, the first of them at byte ${byte}`}. Save it as CSV in UTF-8.`,
  );
}

function refusal(kind: FileKind, header: readonly string[], names: string[], missing: string[]): FileRefused {
  const wanted = COLUMNS[kind].map(([name]) => name).join(', ');
  const found = header.slice(0, 12).map(shown).join(', ') + (header.length > 12 ? ', …' : '');
  const other = FILE_KINDS.find((one) => one !== kind && coversKind(one, names));
  if (other !== undefined) {
    return new FileRefused(
      'wrong_kind',
      `This file should hold ${KIND_TITLES[kind]} (columns ${wanted}), but its header is that of ${KIND_TITLES[other]} (${FILE_NAMES[other]}): ${found}.`,
    );
  }
  const separator = otherSeparator(kind, header);
  if (separator !== null) {
    return new FileRefused(
      'delimiter_unknown',
      `The header parts its columns by ${shown(separator)}. Allowed are comma, semicolon, tab and bar (|); wanted are the columns ${wanted}.`,
    );
  }
  const known = new Set<string>(FILE_KINDS.flatMap((one) => COLUMNS[one].flat()));
  if (!names.some((name) => known.has(name))) {
    return new FileRefused(
      'header_missing',
      `The first line has to name the columns (${wanted}), in any order; found ${found}.`,
    );
  }
  return new FileRefused(
    'column_missing',
    `The header lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${missing.join(', ')}. Wanted: ${wanted}, in any order; found ${found}.`,
  );
}

/** What stands between the names where a header has all columns, but parted by something that is no delimiter. */
function otherSeparator(kind: FileKind, header: readonly string[]): string | null {
  if (header.length > 1) return null;
  const names = (header[0] ?? '').toLowerCase().split(/[^a-z0-9_]+/);
  return coversKind(kind, names) ? (/[^a-z0-9_]+/i.exec((header[0] ?? '').trim())?.[0] ?? null) : null;
}

function coversKind(kind: FileKind, names: readonly string[]): boolean {
  return COLUMNS[kind].every((aliases: readonly string[]) => names.some((name) => aliases.includes(name)));
}
