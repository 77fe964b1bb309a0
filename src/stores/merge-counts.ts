/** What became of the rows that were given, each counted once. */
export interface MergeCounts {
  /** Nothing was known under their key. */
  inserted: number;
  /** Took the place of something else. */
  replaced: number;
  /** Were known already, exactly so. */
  unchanged: number;
}

export function noCounts(): MergeCounts {
  return { inserted: 0, replaced: 0, unchanged: 0 };
}
