import type { Availability } from '../../availability/index.js';
import type { StoreRecord } from '../../stores/store-facts.reader.js';

/** Sums over stores, in microseconds. */
export interface WindowTotals {
  unobservedUs: number;
  /** How much of it lies in stretches in which polls stopped for nearly all stores. */
  unobservedInOutageUs: number;
  /** What stores would have been open outside their active dates. */
  inactiveUs: number;
}

/** Counts and sums over the stores of a shard, or of a report. */
export interface ReportSums {
  stores: number;
  assumedZone: number;
  assumedHours: number;
  hoursRejected: number;
  /** Stores that would have been open in the week outside their active dates. */
  partlyInactive: number;
  lastHour: WindowTotals;
  lastDay: WindowTotals;
  lastWeek: WindowTotals;
}

const COUNTS = ['stores', 'assumedZone', 'assumedHours', 'hoursRejected', 'partlyInactive'] as const;
const WINDOWS = ['lastHour', 'lastDay', 'lastWeek'] as const;

export function noSums(): ReportSums {
  return {
    stores: 0,
    assumedZone: 0,
    assumedHours: 0,
    hoursRejected: 0,
    partlyInactive: 0,
    lastHour: noTotals(),
    lastDay: noTotals(),
    lastWeek: noTotals(),
  };
}

export function addStore(sums: ReportSums, store: StoreRecord, availability: Availability): void {
  sums.stores += 1;
  sums.assumedZone += Number(store.assumedZone);
  sums.assumedHours += Number(store.assumedHours);
  sums.hoursRejected += Number(store.hoursRejected);
  sums.partlyInactive += Number(availability.lastWeek.inactiveUs > 0);
  for (const window of WINDOWS) addTotals(sums[window], availability[window]);
}

/** What several shards come to. */
export function sumOf(parts: readonly ReportSums[]): ReportSums {
  const sums = noSums();
  for (const part of parts) {
    for (const count of COUNTS) sums[count] += part[count];
    for (const window of WINDOWS) addTotals(sums[window], part[window]);
  }
  return sums;
}

function noTotals(): WindowTotals {
  return { unobservedUs: 0, unobservedInOutageUs: 0, inactiveUs: 0 };
}

function addTotals(totals: WindowTotals, more: WindowTotals): void {
  totals.unobservedUs += more.unobservedUs;
  totals.unobservedInOutageUs += more.unobservedInOutageUs;
  totals.inactiveUs += more.inactiveUs;
}
