import type pg from 'pg';
import type { ExceptionsWriter, StoreDate } from '../../stores/calendar/exceptions.writer.js';
import { ExceptionsRowParser } from '../rows/exceptions-row.js';
import { FileLoad, type LoadCounts } from './file-load.js';
import { StoreNumbers } from './store-numbers.js';

/** One more than there are seconds, for 24:00, and one for a closed date. */
const TIMES = 86_402;
const CLOSED = 86_401 * TIMES + 86_401;
/** Dates before 1970 have numbers below 0; with this added none has. */
const DATES_BEFORE_1970 = 25_567;

/** A file of exceptions. Each row becomes one number, so that years of holidays of all stores fit in memory. */
export class ExceptionsLoad extends FileLoad<ExceptionsRowParser> {
  private readonly rows = new StoreNumbers();
  private superseded = 0;

  constructor(private readonly writer: ExceptionsWriter) {
    super('exceptions');
  }

  protected override parserFor(header: readonly string[]): ExceptionsRowParser {
    return new ExceptionsRowParser(this.columns(header), this.stores);
  }

  protected override keep({ store, date, closed, start, end }: ExceptionsRowParser): void {
    const window = closed ? CLOSED : start * TIMES + end;
    this.rows.add(store, (date + DATES_BEFORE_1970) * TIMES * TIMES + window);
  }

  override async merge(client: pg.PoolClient): Promise<readonly LoadCounts[]> {
    const { ids } = this.stores;
    const given = this.rows.byStore(ids.length);
    const counts = await this.writer.merge(client, {
      storeIds: given.stores.map((store) => ids[store]!),
      storeDates: this.datesOf(given.stores, given.of),
    });
    return [{ ...counts, superseded: this.superseded, range: null }];
  }

  private *datesOf(stores: readonly number[], of: (store: number) => Float64Array): Generator<StoreDate> {
    for (const [place, store] of stores.entries()) {
      const dates = new Map<number, Set<number>>();
      for (const row of of(store)) {
        const date = Math.floor(row / (TIMES * TIMES)) - DATES_BEFORE_1970;
        dates.set(date, this.unite(dates.get(date), row % (TIMES * TIMES)));
      }
      for (const [date, windows] of dates) yield { store: place, date, pairs: pairsOf(windows) };
    }
  }

  /** A date is closed or has windows; where lines of a file contradict, the later one holds. */
  private unite(windows: Set<number> | undefined, window: number): Set<number> {
    if (windows === undefined) return new Set([window]);
    if ((window === CLOSED) !== windows.has(CLOSED)) {
      this.superseded += windows.size;
      return new Set([window]);
    }
    // The same row again: the later line stands for both.
    if (windows.has(window)) this.superseded++;
    return windows.add(window);
  }
}

function pairsOf(windows: ReadonlySet<number>): number[] {
  return [...windows]
    .filter((window) => window !== CLOSED)
    .sort((a, b) => a - b)
    .flatMap((window) => [Math.floor(window / TIMES), window % TIMES]);
}
