import { DATE_RULE, DAY_SECONDS, parseDate, parseTimeOfDay } from '../../platform/wall-time.js';
import { COLUMNS } from '../file-kind.js';
import type { ColumnPlaces } from './header.js';
import { type RowProblem, shown } from './problems.js';
import { RowParser } from './row.js';
import type { StoreIndex } from './store-index.js';

/** Rows of exceptions: a store, a date, and the wall time at which it opens and closes then; neither: it is closed. */
export class ExceptionsRowParser extends RowParser {
  /** Days since 1970-01-01. */
  date = 0;
  /** The date is closed; `start` and `end` say nothing then. */
  closed = false;
  /** Seconds after midnight. */
  start = 0;
  /** Seconds after midnight; 86400 is 24:00. Kept as it was given: rules 1 and 2 are the engine's. */
  end = 0;

  constructor(columns: ColumnPlaces, stores: StoreIndex) {
    super(
      columns,
      COLUMNS.exceptions.map(([name]) => name),
      stores,
    );
  }

  protected override parseValues(cells: readonly string[]): RowProblem | null {
    const text = this.cell(cells, 1);
    const date = parseDate(text);
    if (date === null) {
      const detail = `${shown(text)} is no date. Allowed is ${DATE_RULE}.`;
      return { column: 'date', code: 'bad_date', detail, suggestion: null };
    }
    this.date = date;
    const opens = this.cell(cells, 2);
    const closes = this.cell(cells, 3);
    this.closed = opens === '' && closes === '';
    return this.closed ? null : this.parseWindow(opens, closes);
  }

  private parseWindow(opens: string, closes: string): RowProblem | null {
    const start = parseTimeOfDay(opens);
    if (start === null || start === DAY_SECONDS) return badTime('start_time_local', opens, '23:59:59');
    const end = parseTimeOfDay(closes);
    if (end === null) return badTime('end_time_local', closes, '24:00:00');
    this.start = start;
    this.end = end;
    return null;
  }
}

function badTime(column: string, text: string, last: string): RowProblem {
  const found = text === '' ? 'One of the two times is missing' : `${shown(text)} is no time of day`;
  const detail = `${found}. Allowed is hh:mm:ss or hh:mm, from 00:00:00 to ${last}; both times empty for a closed date.`;
  return { column, code: 'bad_time', detail, suggestion: null };
}
