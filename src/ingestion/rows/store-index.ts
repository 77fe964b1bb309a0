/** The stores of one file: each id once, under a number that counts from 0 in the order of appearance. */
export class StoreIndex {
  readonly ids: string[] = [];
  private readonly numbers = new Map<string, number>();

  /** -1 for an id that was not added. */
  numberOf(id: string): number {
    return this.numbers.get(id) ?? -1;
  }

  /** An id that is not there yet. */
  add(id: string): number {
    // A copy that stands alone: a piece of a block of the file would keep the whole block in memory.
    const own = Buffer.from(id).toString();
    this.numbers.set(own, this.ids.length);
    return this.ids.push(own) - 1;
  }
}
