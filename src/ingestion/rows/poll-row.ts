import { COLUMNS } from '../file-kind.js';
import type { ColumnPlaces } from './header.js';
import { type RowProblem, shown } from './problems.js';
import { suggestInstant, suggestStatus } from './reject-suggestions.js';
import { RowParser } from './row.js';
import type { StoreIndex } from './store-index.js';
import { lacksZone, MOST_AHEAD_US, OLDEST_POLL_US, TimestampParser } from './timestamp.js';

const DAY_US = 86_400_000_000;

/** Rows of polls: a store, its status, an instant. */
export class PollRowParser extends RowParser {
  /** The poll of the row last parsed: its instant in microseconds since 1970, times two, plus one when active. */
  code = NaN;

  private readonly timestamps = new TimestampParser();
  private readonly newestUs: number;
  private readonly oldestUs: number;

  /**
   * @param nowUs the clock when the load starts: polls far ahead of it are rejected.
   * @param retentionDays polls from before so many days are rejected, since they would be dropped again; null: none.
   */
  constructor(
    columns: ColumnPlaces,
    stores: StoreIndex,
    nowUs: number,
    private readonly retentionDays: number | null = null,
  ) {
    super(
      columns,
      COLUMNS.polls.map(([name]) => name),
      stores,
    );
    this.newestUs = nowUs + MOST_AHEAD_US;
    this.oldestUs = Math.max(OLDEST_POLL_US, nowUs - (retentionDays ?? Infinity) * DAY_US);
  }

  protected override parseValues(cells: readonly string[]): RowProblem | null {
    const status = this.cell(cells, 1);
    const active = status === 'active' ? 1 : status === 'inactive' ? 0 : otherSpelling(status);
    if (active < 0) return badStatus(status);
    const text = this.cell(cells, 2);
    const us = this.timestamps.parse(text);
    if (!(us >= this.oldestUs && us <= this.newestUs)) return this.badInstant(text, us);
    this.code = us * 2 + active;
    return null;
  }

  private badInstant(text: string, us: number): RowProblem {
    const column = 'timestamp_utc';
    if (us < OLDEST_POLL_US) {
      const detail = `${shown(text)} lies before 2000-01-01, the first day that polls may have.`;
      return { column, code: 'too_old', detail, suggestion: null };
    }
    if (us < this.oldestUs) {
      const detail = `${shown(text)} lies more than ${this.retentionDays} days back; older polls are not kept here (RETENTION_DAYS).`;
      return { column, code: 'too_old', detail, suggestion: null };
    }
    if (us > this.newestUs) {
      const detail = `${shown(text)} lies more than 10 minutes ahead of the clock.`;
      return { column, code: 'future_timestamp', detail, suggestion: null };
    }
    if (lacksZone(text)) {
      const detail = `${shown(text)} names no zone. A timestamp ends in UTC, Z or an offset such as +05:30.`;
      return { column, code: 'no_zone', detail, suggestion: suggestInstant(text) };
    }
    const detail = `${shown(text)} is no instant. Allowed is 2023-01-22 12:09:39.388884 UTC: a date that exists, 00:00:00 to 23:59:59, at most six digits of a second, and UTC, Z or an offset such as +05:30.`;
    return { column, code: 'bad_timestamp', detail, suggestion: suggestInstant(text) };
  }
}

function otherSpelling(status: string): 1 | 0 | -1 {
  const folded = status.toLowerCase();
  return folded === 'active' ? 1 : folded === 'inactive' ? 0 : -1;
}

function badStatus(status: string): RowProblem {
  return {
    column: 'status',
    code: 'bad_status',
    detail: `${shown(status)} is no status. Allowed are active and inactive.`,
    suggestion: suggestStatus(status),
  };
}
