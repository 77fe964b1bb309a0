import { DAY_SECONDS, parseTimeOfDay } from '../../platform/wall-time.js';
import { COLUMNS } from '../file-kind.js';
import type { ColumnPlaces } from './header.js';
import { type RowProblem, shown } from './problems.js';
import { suggestTime, suggestWeekday } from './reject-suggestions.js';
import { RowParser } from './row.js';
import type { StoreIndex } from './store-index.js';

/** Rows of business hours: a store, a weekday (0 is Monday), and the wall time at which it opens and closes. */
export class HoursRowParser extends RowParser {
  weekday = 0;
  /** Seconds after midnight. */
  start = 0;
  /** Seconds after midnight; 86400 is 24:00. Kept as it was given: rules 1 and 2 are the engine's. */
  end = 0;

  constructor(columns: ColumnPlaces, stores: StoreIndex) {
    super(
      columns,
      COLUMNS.hours.map(([name]) => name),
      stores,
    );
  }

  protected override parseValues(cells: readonly string[]): RowProblem | null {
    const weekday = this.cell(cells, 1);
    if (!/^[0-6]$/.test(weekday)) {
      const detail = `${shown(weekday)} is no weekday. Allowed are 0 (Monday) to 6 (Sunday).`;
      return { column: 'day', code: 'bad_weekday', detail, suggestion: suggestWeekday(weekday) };
    }
    const start = parseTimeOfDay(this.cell(cells, 2));
    if (start === null || start === DAY_SECONDS)
      return badTime('start_time_local', this.cell(cells, 2), '23:59:59');
    const end = parseTimeOfDay(this.cell(cells, 3));
    if (end === null) return badTime('end_time_local', this.cell(cells, 3), '24:00:00');
    this.weekday = Number(weekday);
    this.start = start;
    this.end = end;
    return null;
  }
}

function badTime(column: string, text: string, last: string): RowProblem {
  const detail = `${shown(text)} is no time of day. Allowed is hh:mm:ss or hh:mm, from 00:00:00 to ${last}.`;
  return { column, code: 'bad_time', detail, suggestion: suggestTime(text) };
}
