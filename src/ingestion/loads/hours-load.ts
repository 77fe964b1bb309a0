import type pg from 'pg';
import type { HoursWriter, StoreWindows } from '../../stores/calendar/hours.writer.js';
import { FileLoad, type LoadCounts } from './file-load.js';
import { HoursRowParser } from '../rows/hours-row.js';
import { StoreNumbers } from './store-numbers.js';

const TIMES = 86_401;

/** A file of business hours. Each row becomes one number, so that the hours of a million stores fit in memory. */
export class HoursLoad extends FileLoad<HoursRowParser> {
  private readonly windows = new StoreNumbers();
  private superseded = 0;
  private readonly rejected = new Set<number>();

  constructor(private readonly writer: HoursWriter) {
    super('hours');
  }

  protected override parserFor(header: readonly string[]): HoursRowParser {
    return new HoursRowParser(this.columns(header), this.stores);
  }

  protected override keep({ store, weekday, start, end }: HoursRowParser): void {
    this.windows.add(store, (weekday * TIMES + start) * TIMES + end);
  }

  protected override passOver({ store }: HoursRowParser): void {
    if (store >= 0) this.rejected.add(store);
  }

  override async merge(client: pg.PoolClient): Promise<readonly LoadCounts[]> {
    const { ids } = this.stores;
    const given = this.windows.byStore(ids.length);
    const counts = await this.writer.merge(client, {
      storeIds: given.stores.map((store) => ids[store]!),
      storeWindows: this.windowsOf(given.stores, given.of),
      rejectedStoreIds: [...this.rejected].flatMap((store) =>
        given.of(store).length > 0 ? [] : [ids[store]!],
      ),
    });
    return [{ ...counts, superseded: this.superseded, range: null }];
  }

  private *windowsOf(
    stores: readonly number[],
    of: (store: number) => Float64Array,
  ): Generator<StoreWindows> {
    for (const [place, store] of stores.entries()) {
      const triples: number[] = [];
      let former = -1;
      for (const window of of(store).sort()) {
        // The same row again: the later line stands for both.
        if (window === former) this.superseded++;
        else {
          const rest = Math.floor(window / TIMES);
          triples.push(Math.floor(rest / TIMES), rest % TIMES, window % TIMES);
        }
        former = window;
      }
      yield { store: place, triples };
    }
  }
}
