/**
 * Reads for many at once. Who asks while a read is under way shares the next one with all who do: so a thousand
 * requests a second are a few hundred reads, and nobody gets an answer from before the question.
 */
export class SharedReads<T> {
  private keys = new Set<string>();
  private next: Promise<ReadonlyMap<string, T>> | null = null;
  private last: Promise<unknown> = Promise.resolve();

  /** @param readAll what there is of several keys; what there is not is left out */
  constructor(private readonly readAll: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** @returns undefined when there is nothing; rejects as the read does. */
  async get(key: string): Promise<T | undefined> {
    this.keys.add(key);
    this.next ??= this.last.then(() => this.begin());
    return (await this.next).get(key);
  }

  private begin(): Promise<ReadonlyMap<string, T>> {
    const keys = [...this.keys];
    this.keys = new Set();
    this.next = null;
    const read = this.readAll(keys);
    // The next ones have their own: one that failed is no reason for them to.
    this.last = read.catch(() => undefined);
    return read;
  }
}
