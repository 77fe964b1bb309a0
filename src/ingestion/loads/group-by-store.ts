/** Numbers that belong to stores, laid out store by store. */
export interface ByStore {
  /** Behind the last number of each store; a store starts where the one before it ends. */
  ends: Int32Array;
  /** Within a store in the order in which they came. */
  values: Float64Array;
}

/**
 * Lays out the first `count` values by the store that each belongs to: by counting, in two passes.
 *
 * @param target takes them, so that it can be used again; it has room for `count`.
 */
export function groupByStore(
  stores: Int32Array,
  values: Float64Array,
  count: number,
  storeCount: number,
  target: Float64Array,
): ByStore {
  const ends = new Int32Array(storeCount);
  for (let index = 0; index < count; index++) ends[stores[index]!]!++;
  for (let store = 1; store < storeCount; store++) ends[store]! += ends[store - 1]!;
  const grouped = target.subarray(0, count);
  layOut(stores, values, count, ends, grouped);
  return { ends, values: grouped };
}

/** Lays out values as `groupByStore` has laid out others of the same stores, whose ends it gave. */
export function layOut<T extends Float64Array | Uint8Array>(
  stores: Int32Array,
  values: T,
  count: number,
  ends: Int32Array,
  target: T,
): void {
  const next = Int32Array.from(ends);
  // From the back, so that equal stores keep their order.
  for (let index = count - 1; index >= 0; index--) target[--next[stores[index]!]!] = values[index]!;
}
