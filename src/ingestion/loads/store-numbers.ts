import { groupByStore } from './group-by-store.js';

/** The rows of a file as a number each, so that those of a million stores fit in memory; given back store by store. */
export class StoreNumbers {
  private numbers = new Float64Array(1 << 10);
  private owners = new Int32Array(1 << 10);
  private count = 0;

  add(store: number, value: number): void {
    if (this.count === this.numbers.length) this.grow();
    this.numbers[this.count] = value;
    this.owners[this.count] = store;
    this.count++;
  }

  /** The stores that have numbers, and the numbers of each in the order in which they came. */
  byStore(storeCount: number): { stores: number[]; of(store: number): Float64Array } {
    const { ends, values } = groupByStore(
      this.owners,
      this.numbers,
      this.count,
      storeCount,
      new Float64Array(this.count),
    );
    const startOf = (store: number): number => (store === 0 ? 0 : ends[store - 1]!);
    const stores: number[] = [];
    for (const [store, end] of ends.entries()) if (end > startOf(store)) stores.push(store);
    return { stores, of: (store) => values.subarray(startOf(store), ends[store]) };
  }

  private grow(): void {
    const numbers = new Float64Array(this.numbers.length * 2);
    numbers.set(this.numbers);
    this.numbers = numbers;
    const owners = new Int32Array(this.owners.length * 2);
    owners.set(this.owners);
    this.owners = owners;
  }
}
