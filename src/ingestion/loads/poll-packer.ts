import { setImmediate as giveBackEventLoop } from 'node:timers/promises';
import { ArrivalSorter } from './arrival-sorter.js';
import { FileUnion } from './file-union.js';
import { groupByStore, layOut } from './group-by-store.js';
import { mergeRuns } from './run-merge.js';
import { BUFFER_NUMBERS, RunFile, RunWriter } from './run-file.js';
import type { StoreDay } from './store-day.js';

/** More polls than seconds: nothing that polls a store does that. */
const MOST_POLLS_A_DAY = 86_400;

/** Thrown where a store-day holds more than can be stored. */
export class StoreDayTooFull extends Error {
  constructor(
    readonly store: number,
    readonly day: number,
  ) {
    super(`Store number ${store} has more than ${MOST_POLLS_A_DAY} polls on day ${day}.`);
    this.name = 'StoreDayTooFull';
  }
}

/** Thrown where files that were to be loaded together have to be loaded one by one. Nothing is wrong with them. */
export class NotTogether extends Error {
  constructor(why: string) {
    super(`The files are loaded one by one: ${why}`);
    this.name = 'NotTogether';
  }
}

const DAY_CODES = 86_400_000_000 * 2;
const DEFAULT_CAPACITY = 1 << 21;

/**
 * Gathers a file's polls in columns of numbers and gives them back by store and day. What does not fit into its
 * memory goes to temporary files as sorted runs, so that the memory is the same for any file. Of several polls of one
 * store at one instant the last that was added holds, within a run and across runs. Several files that fit into it
 * can be gathered together.
 */
export class PollPacker {
  /** Polls that a later one of the same store and instant has replaced; complete when all days were given back. */
  superseded = 0;

  private codes: Float64Array;
  private stores: Int32Array;
  /** Polls laid out by store. One for all runs: new ones would pile up until the garbage collector comes. */
  private grouped: Float64Array;
  private spillBuffer: Float64Array | null = null;
  private readonly runs: RunFile[] = [];
  private count = 0;
  private storeCount = 0;
  /** Where each file begins among the polls, for what is counted file by file; null: there is one file. */
  private readonly starts: number[] | null;
  /** Of several files; counts what became of each one's polls. */
  readonly union: FileUnion | null;

  /**
   * @param capacity polls that are held in memory at a time.
   * @param files that are gathered together; each begins with `beginFile()`.
   */
  constructor(capacity = DEFAULT_CAPACITY, files = 1) {
    this.codes = new Float64Array(capacity);
    this.stores = new Int32Array(capacity);
    this.grouped = new Float64Array(capacity);
    this.starts = files > 1 ? [] : null;
    this.union = files > 1 ? new FileUnion(files) : null;
  }

  /** What is added from now on is another file's. */
  beginFile(): void {
    this.starts?.push(this.count);
  }

  get isFull(): boolean {
    return this.count === this.codes.length;
  }

  /** All polls are in memory still, so that the days can be given back in any order of stores. */
  get isInMemory(): boolean {
    return this.runs.length === 0;
  }

  /** @param store its number in the file. Not when it is full: `spill()` first. */
  add(store: number, code: number): void {
    this.codes[this.count] = code;
    this.stores[this.count] = store;
    this.count++;
    if (store >= this.storeCount) this.storeCount = store + 1;
  }

  /** Makes room: writes what is in memory to a temporary file. @throws NotTogether when there are several files. */
  async spill(): Promise<void> {
    if (this.union !== null) throw new NotTogether('they hold too many polls.');
    if (this.count === 0) return;
    const run = RunFile.create();
    this.runs.push(run);
    this.spillBuffer ??= new Float64Array(BUFFER_NUMBERS);
    const writer = new RunWriter(run, this.spillBuffer);
    for (const storeDay of this.sorted(null)) {
      if (writer.add(storeDay)) await giveBackEventLoop();
    }
    writer.end();
    this.count = 0;
  }

  /**
   * Gives everything back; nothing can be added then.
   *
   * @param order numbers of all stores in the order wanted; only while `isInMemory`, else stores come by number.
   * @throws StoreDayTooFull
   */
  async *storeDays(order: Int32Array | null): AsyncGenerator<StoreDay> {
    if (this.isInMemory) {
      yield* this.sorted(order);
      return;
    }
    await this.spill();
    this.codes = new Float64Array(0);
    this.stores = new Int32Array(0);
    // In memory that is there already: what was given up just now stays until the garbage collector comes.
    for (const storeDay of mergeRuns(this.runs, this.grouped, (count) => (this.superseded += count))) {
      if (storeDay.polls.length > MOST_POLLS_A_DAY) throw new StoreDayTooFull(storeDay.store, storeDay.day);
      yield storeDay;
    }
  }

  /** Frees the temporary files. */
  dispose(): void {
    for (const run of this.runs) run.close();
    this.runs.length = 0;
  }

  /** Sorts what is in memory: first by store, by counting, then each store's few polls. */
  private *sorted(order: Int32Array | null): Generator<StoreDay> {
    const { ends, values } = groupByStore(this.stores, this.codes, this.count, this.storeCount, this.grouped);
    const sources = this.union === null ? null : this.sourcesByStore(ends);
    const sorter = new ArrivalSorter();
    for (let index = 0; index < this.storeCount; index++) {
      const store = order === null ? index : (order[index] ?? 0);
      const start = store === 0 ? 0 : (ends[store - 1] ?? 0);
      const end = ends[store] ?? 0;
      if (start === end) continue;
      if (sources !== null) {
        const { polls, origins } = this.union!.unite(
          values.subarray(start, end),
          sources.subarray(start, end),
        );
        yield* splitAtDays(store, polls, origins);
        continue;
      }
      const sorted = sorter.sort(values.subarray(start, end));
      this.superseded += end - start - sorted.length;
      yield* splitAtDays(store, sorted, null);
    }
  }

  /** The file of each poll, laid out as the polls are. */
  private sourcesByStore(ends: Int32Array): Uint8Array {
    const starts = this.starts!;
    const arrived = new Uint8Array(this.count);
    for (const [file, start] of starts.entries()) arrived.fill(file, start, starts[file + 1] ?? this.count);
    const sources = new Uint8Array(this.count);
    layOut(this.stores, arrived, this.count, ends, sources);
    return sources;
  }
}

function* splitAtDays(store: number, polls: Float64Array, origins: Uint8Array | null): Generator<StoreDay> {
  let start = 0;
  while (start < polls.length) {
    const day = Math.floor(polls[start]! / DAY_CODES);
    const bound = (day + 1) * DAY_CODES;
    let end = start + 1;
    while (end < polls.length && polls[end]! < bound) end++;
    if (end - start > MOST_POLLS_A_DAY) throw new StoreDayTooFull(store, day);
    yield { store, day, polls: polls.subarray(start, end), origins: origins && origins.subarray(start, end) };
    start = end;
  }
}
