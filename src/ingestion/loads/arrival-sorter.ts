/** Sorts poll codes in the order of their arrival, list after list in the same memory. */
export class ArrivalSorter {
  private scratch = new Float64Array(4096);

  /**
   * One code for each instant, the one that arrived last, sorted.
   *
   * @returns a list that is good until the next call.
   */
  sort(arrived: Float64Array): Float64Array {
    if (this.scratch.length < arrived.length) this.scratch = new Float64Array(arrived.length * 2);
    const sorted = this.scratch.subarray(0, arrived.length);
    sorted.set(arrived);
    sorted.sort();
    return sorted.subarray(0, keepLater(sorted, arrived));
  }
}

/**
 * Moves one poll for each instant to the front, the one that arrived last; returns how many that are.
 * Sorting has put inactive before active, whichever came first, so a clash is settled by the order of arrival.
 */
function keepLater(sorted: Float64Array, arrived: Float64Array): number {
  let last: Map<number, number> | null = null;
  let kept = 0;
  for (let index = 0; index < sorted.length; index++) {
    const code = sorted[index]!;
    const former = kept === 0 ? -1 : sorted[kept - 1]!;
    if (kept === 0 || Math.floor(code / 2) !== Math.floor(former / 2)) sorted[kept++] = code;
    else if (code !== former) {
      last ??= new Map(Array.from(arrived, (one) => [Math.floor(one / 2), one]));
      sorted[kept - 1] = last.get(Math.floor(code / 2)) ?? code;
    }
  }
  return kept;
}
