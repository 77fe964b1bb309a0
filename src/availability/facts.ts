/** One row of business hours in local wall time, before rules 1 and 2 are applied. */
export interface WeeklyWindow {
  /** 0 is Monday, 6 is Sunday. */
  readonly weekday: number;
  /** Seconds after the local 00:00, 0..86400. */
  readonly startSecond: number;
  /** Seconds after the local 00:00, 0..86400; at or before the start it means the next date (rule 2). */
  readonly endSecond: number;
}

/** Everything that is known about one store. */
export interface StoreFacts {
  /** An IANA name that `isZone` accepts. */
  readonly zone: string;
  /** In any order; null when there is no row at all, which means open around the clock (rule 3). */
  readonly hours: readonly WeeklyWindow[] | null;
  /** Poll codes, sorted, one for each instant. Polls before `earliestRelevantUs(asOf)` may be left out. */
  readonly polls: Float64Array | readonly number[];
}
