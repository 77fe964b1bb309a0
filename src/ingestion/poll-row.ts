import { COLUMNS } from './file-kind.js';
import type { ColumnPlaces } from './header.js';
import { type RowProblem, shown } from './problems.js';
import { RowParser } from './row.js';
import type { StoreIndex } from './store-index.js';
import { lacksZone, MOST_AHEAD_US, OLDEST_POLL_US, TimestampParser } from './timestamp.js';

/** Rows of polls: a store, its status, an instant. */
export class PollRowParser extends RowParser {
  /** The poll of the row last parsed: its instant in microseconds since 1970, times two, plus one when active. */
  code = NaN;

  private readonly timestamps = new TimestampParser();
  private readonly newestUs: number;

  /** @param nowUs the clock when the load starts: polls far ahead of it are rejected. */
  constructor(columns: ColumnPlaces, stores: StoreIndex, nowUs: number) {
    super(
      columns,
      COLUMNS.polls.map(([name]) => name),
      stores,
    );
    this.newestUs = nowUs + MOST_AHEAD_US;
  }

  protected override parseValues(cells: readonly string[]): RowProblem | null {
    const status = this.cell(cells, 1);
    const active = status === 'active' ? 1 : status === 'inactive' ? 0 : otherSpelling(status);
    if (active < 0) return badStatus(status);
    const text = this.cell(cells, 2);
    const us = this.timestamps.parse(text);
    if (!(us >= OLDEST_POLL_US && us <= this.newestUs)) return this.badInstant(text, us);
    this.code = us * 2 + active;
    return null;
  }

  private badInstant(text: string, us: number): RowProblem {
    const column = 'timestamp_utc';
    if (us < OLDEST_POLL_US) {
      const detail = `${shown(text)} lies before 2000-01-01, the first day that polls may have.`;
      return { column, code: 'too_old', detail, suggestion: null };
    }
    if (us > this.newestUs) {
      const detail = `${shown(text)} lies more than 10 minutes ahead of the clock.`;
      return { column, code: 'future_timestamp', detail, suggestion: null };
    }
    if (lacksZone(text)) {
      const detail = `${shown(text)} names no zone. A timestamp ends in UTC, Z or an offset such as +05:30.`;
      return { column, code: 'no_zone', detail, suggestion: `${text} UTC` };
    }
    const detail = `${shown(text)} is no instant. Allowed is 2023-01-22 12:09:39.388884 UTC: a date that exists, 00:00:00 to 23:59:59, at most six digits of a second, and UTC, Z or an offset such as +05:30.`;
    return { column, code: 'bad_timestamp', detail, suggestion: null };
  }
}

function otherSpelling(status: string): 1 | 0 | -1 {
  const folded = status.toLowerCase();
  return folded === 'active' ? 1 : folded === 'inactive' ? 0 : -1;
}

function badStatus(status: string): RowProblem {
  const folded = status.toLowerCase();
  const near = ['active', 'inactive'].filter((word) => isOneSlipAway(folded, word));
  return {
    column: 'status',
    code: 'bad_status',
    detail: `${shown(status)} is no status. Allowed are active and inactive.`,
    suggestion: near.length === 1 ? (near[0] ?? null) : null,
  };
}

/** Whether one letter too many, too few, wrong, or two swapped make the difference. */
function isOneSlipAway(text: string, word: string): boolean {
  if (Math.abs(text.length - word.length) > 1) return false;
  let start = 0;
  while (start < word.length && text[start] === word[start]) start++;
  const rest = text.slice(start);
  const wordRest = word.slice(start);
  const swapped = (wordRest[1] ?? '') + (wordRest[0] ?? '') + wordRest.slice(2);
  return (
    rest.slice(1) === wordRest ||
    rest === wordRest.slice(1) ||
    rest.slice(1) === wordRest.slice(1) ||
    rest === swapped
  );
}
