import type pg from 'pg';
import type { HoursWriter, StoreWindows } from '../stores/hours.writer.js';
import { FileLoad, type LoadCounts } from './file-load.js';
import { groupByStore } from './group-by-store.js';
import { HoursRowParser } from './hours-row.js';

const TIMES = 86_401;

/** A file of business hours. Each row becomes one number, so that the hours of a million stores fit in memory. */
export class HoursLoad extends FileLoad<HoursRowParser> {
  private windows = new Float64Array(1 << 16);
  private owners = new Int32Array(1 << 16);
  private count = 0;
  private superseded = 0;
  private readonly rejected = new Set<number>();

  constructor(private readonly writer: HoursWriter) {
    super('hours');
  }

  protected override parserFor(header: readonly string[]): HoursRowParser {
    return new HoursRowParser(this.columns(header), this.stores);
  }

  protected override keep({ store, weekday, start, end }: HoursRowParser): void {
    if (this.count === this.windows.length) this.grow();
    this.windows[this.count] = (weekday * TIMES + start) * TIMES + end;
    this.owners[this.count] = store;
    this.count++;
  }

  protected override passOver({ store }: HoursRowParser): void {
    if (store >= 0) this.rejected.add(store);
  }

  override async merge(client: pg.PoolClient): Promise<readonly LoadCounts[]> {
    const { ids } = this.stores;
    const { ends, values } = groupByStore(
      this.owners,
      this.windows,
      this.count,
      ids.length,
      new Float64Array(this.count),
    );
    const startOf = (store: number): number => (store === 0 ? 0 : ends[store - 1]!);
    const given = ids.flatMap((_, store) => (ends[store]! > startOf(store) ? [store] : []));
    const counts = await this.writer.merge(client, {
      storeIds: given.map((store) => ids[store]!),
      storeWindows: this.windowsOf(given, (store) => values.subarray(startOf(store), ends[store])),
      rejectedStoreIds: [...this.rejected].flatMap((store) =>
        ends[store]! > startOf(store) ? [] : [ids[store]!],
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

  private grow(): void {
    const windows = new Float64Array(this.windows.length * 2);
    windows.set(this.windows);
    this.windows = windows;
    const owners = new Int32Array(this.owners.length * 2);
    owners.set(this.owners);
    this.owners = owners;
  }
}
