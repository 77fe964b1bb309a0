import type { OpenMoment } from '../../availability/index.js';

/** One store of a list. */
export interface Standing {
  storeKey: number;
  sinceUs: number;
  /** Poll code; null: none counts. */
  poll: number | null;
  downUs: number;
  leftUs: number;
}

/** A place in a list, after which its next page begins. */
export interface StandingPlace {
  tenths: number;
  storeKey: number;
}

const FIRST_CAPACITY = 1_024;
const TENTH_US = 100_000;
/** More stores than there are keys for them in a list: what lies above it in an order is the time. */
const MOST_STORES = 2 ** 30;

/**
 * Stores that are in the same state, longest first: by since when, to a tenth of a second, then by key. Kept in plain
 * arrays of numbers, some forty bytes a store, since nearly all of a million stores may be in it.
 */
export class StoreStandings {
  private keys = new Int32Array(FIRST_CAPACITY);
  private since = new Float64Array(FIRST_CAPACITY);
  private polls = new Float64Array(FIRST_CAPACITY);
  private down = new Float64Array(FIRST_CAPACITY);
  private left = new Float64Array(FIRST_CAPACITY);
  private order: Float64Array | null = null;
  private earliestUs = Infinity;
  private used = 0;

  get size(): number {
    return this.used;
  }

  /** Stores are added in the order of their keys. */
  add(storeKey: number, { sinceUs, poll, downUs, leftUs }: OpenMoment): void {
    const at = this.used;
    if (at === this.keys.length) this.resize(at * 2);
    this.keys[at] = storeKey;
    this.since[at] = sinceUs;
    this.polls[at] = poll ?? -1;
    this.down[at] = downUs;
    this.left[at] = leftUs;
    this.earliestUs = Math.min(this.earliestUs, sinceUs);
    this.used += 1;
  }

  /** Puts them in order, once all are in. */
  seal(): void {
    this.resize(this.used);
    const earliest = tenthsOf(this.earliestUs);
    const order = new Float64Array(this.used);
    // A whole number that holds both: numbers alone are sorted ten times faster than by a function.
    for (let i = 0; i < this.used; i++) order[i] = (tenthsOf(this.since[i]!) - earliest) * MOST_STORES + i;
    this.order = order.sort();
  }

  /** @param after null: from the first on */
  page(after: StandingPlace | null, limit: number): Standing[] {
    const from = after === null ? 0 : this.firstAfter(after);
    const standings: Standing[] = [];
    for (let place = from; place < this.used && standings.length < limit; place++)
      standings.push(this.at(place));
    return standings;
  }

  private at(place: number): Standing {
    const i = this.indexAt(place);
    const poll = this.polls[i]!;
    return {
      storeKey: this.keys[i]!,
      sinceUs: this.since[i]!,
      poll: poll < 0 ? null : poll,
      downUs: this.down[i]!,
      leftUs: this.left[i]!,
    };
  }

  private firstAfter({ tenths, storeKey }: StandingPlace): number {
    let low = 0;
    let high = this.used;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const i = this.indexAt(middle);
      const at = tenthsOf(this.since[i]!);
      if (at < tenths || (at === tenths && this.keys[i]! <= storeKey)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private indexAt(place: number): number {
    if (this.order === null) throw new Error('Mistake in the program: the standings are not in order yet.');
    return this.order[place]! % MOST_STORES;
  }

  private resize(length: number): void {
    this.keys = resized(this.keys, new Int32Array(length));
    this.since = resized(this.since, new Float64Array(length));
    this.polls = resized(this.polls, new Float64Array(length));
    this.down = resized(this.down, new Float64Array(length));
    this.left = resized(this.left, new Float64Array(length));
  }
}

export function placeOf({ sinceUs, storeKey }: Standing): StandingPlace {
  return { tenths: tenthsOf(sinceUs), storeKey };
}

function tenthsOf(us: number): number {
  return Math.floor(us / TENTH_US);
}

function resized<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from.length > to.length ? from.subarray(0, to.length) : from);
  return to;
}
