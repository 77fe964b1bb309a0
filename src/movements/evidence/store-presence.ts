import type { Interval } from '../../availability/index.js';
import { QUARTER_US } from '../meaning/pieces.js';

export const QUARTERS_OF_A_DAY = 96;
/** So far back reach the pattern of a store and the memory of its cameras (docs/evidence.md, rules 6 and 9). */
export const DAYS_REMEMBERED = 28;

/** The cameras that a store's mapping names, from an instant on until the next such list. */
export interface MappedCameras {
  readonly fromUs: number;
  /** Keys of those that are enabled. */
  readonly cameras: readonly string[];
}

/** What the cameras of one store told. Lists of quarters are sorted. */
export interface StorePresence {
  /** The quarters with people whose being there is a sign that the store is open. */
  readonly withPeople: ReadonlySet<number>;
  /** By camera, the quarters in which it sent anything; of events without a camera under ''. */
  readonly sent: ReadonlyMap<string, readonly number[]>;
  /** In order of time. */
  readonly mapped: readonly MappedCameras[];
  /** Of which time events were stored that no presence tells of yet; null: of none. */
  readonly pending: Interval | null;
}

/** Whether it is not known yet that nobody was there. */
export function isPending({ pending }: Pick<StorePresence, 'pending'>, quarter: number): boolean {
  return pending !== null && quarterOf(pending.startUs) <= quarter && quarter * QUARTER_US < pending.endUs;
}

/** The quarter that holds an instant. */
export function quarterOf(instantUs: number): number {
  return Math.floor(instantUs / QUARTER_US);
}

/** The greatest of sorted numbers that is not above another; null when there is none. */
export function lastUpTo(sorted: readonly number[], limit: number): number | null {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1] ?? null;
}
