import type { ColumnPlaces } from './header.js';
import { type RowProblem, shown } from './problems.js';
import type { StoreIndex } from './store-index.js';

const MAX_ID_LENGTH = 64;

// oxlint-disable-next-line no-control-regex -- looking for control characters is its task
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * What all rows have in common: enough cells, clean text, a store. A row that is good leaves its values in the
 * parser's fields; that way millions of good rows make no objects.
 */
export abstract class RowParser {
  /** Number of the store of the row last parsed, also of a rejected row; -1 where that is what is wrong. */
  store = -1;

  constructor(
    protected readonly columns: ColumnPlaces,
    /** Those of the kind as this program calls them, in order. */
    private readonly columnNames: readonly string[],
    private readonly stores: StoreIndex,
  ) {}

  /** @returns null for a good row. */
  parse(cells: readonly string[]): RowProblem | null {
    this.store = -1;
    if (cells.length !== this.columns.width) {
      const problem = this.checkWidth(cells);
      if (problem !== null) return problem;
    }
    const problem = this.parseStore(cells) ?? this.parseValues(cells);
    // No good value holds a control character or a damaged one, so it is enough to look for them in bad rows.
    return problem === null ? null : this.asTheHeaderSays(this.findBadCharacter(cells) ?? problem);
  }

  /** People look for the name that stands in their file, not for the one by which this program knows the column. */
  private asTheHeaderSays(problem: RowProblem): RowProblem {
    const index = problem.column === null ? -1 : this.columnNames.indexOf(problem.column);
    return { ...problem, column: this.columns.names?.[index] ?? problem.column };
  }

  private parseStore(cells: readonly string[]): RowProblem | null {
    const id = this.cell(cells, 0);
    this.store = this.stores.numberOf(id);
    if (this.store >= 0) return null;
    // Each id is checked once, not once a row.
    const problem = checkStoreId(id);
    if (problem === null) this.store = this.stores.add(id);
    return problem;
  }

  protected abstract parseValues(cells: readonly string[]): RowProblem | null;

  /** A cell of the n-th column of the kind; white space around it is not part of it. */
  protected cell(cells: readonly string[], column: number): string {
    return (cells[this.columns.places[column] ?? -1] ?? '').trim();
  }

  private checkWidth(cells: readonly string[]): RowProblem | null {
    const { width } = this.columns;
    if (cells.length < width) {
      const detail = `The row has ${cells.length} of ${width} cells.`;
      return { column: null, code: 'too_few_cells', detail, suggestion: null };
    }
    // Spreadsheets leave empty cells at the end of rows; they say nothing.
    if (cells.slice(width).every((cell) => cell.trim() === '')) return null;
    const detail = `The row has ${cells.length} cells, but the header names ${width}. A cell with the delimiter in it has to stand in quotes.`;
    return { column: null, code: 'too_many_cells', detail, suggestion: null };
  }

  private findBadCharacter(cells: readonly string[]): RowProblem | null {
    for (const [index, column] of this.columnNames.entries()) {
      const cell = cells[this.columns.places[index] ?? -1] ?? '';
      if (CONTROL.test(cell)) {
        const detail = `${shown(cell)} holds a control character, which no ${column} has.`;
        return { column, code: 'control_character', detail, suggestion: null };
      }
      if (cell.includes('\ufffd')) {
        const detail = `${shown(cell)} holds bytes that are no UTF-8. Save the file as UTF-8.`;
        return { column, code: 'bad_encoding', detail, suggestion: null };
      }
    }
    return null;
  }
}

function checkStoreId(id: string): RowProblem | null {
  const column = 'store_id';
  if (id === '') {
    const detail = 'The store_id is empty. Every row has to name its store.';
    return { column, code: 'store_id_empty', detail, suggestion: null };
  }
  if (isLongerThan(id, MAX_ID_LENGTH)) {
    const detail = `The store_id ${shown(id)} is longer than ${MAX_ID_LENGTH} characters.`;
    return { column, code: 'store_id_too_long', detail, suggestion: null };
  }
  if (/[\p{Cc}\ufffd]/u.test(id)) {
    const detail = `The store_id ${shown(id)} holds a control character.`;
    return { column, code: 'control_character', detail, suggestion: null };
  }
  return null;
}

/** By characters, as the database counts them: one outside the basic plane is two code units here. */
function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  return text.length > 2 * limit || Array.from(text).length > limit;
}
