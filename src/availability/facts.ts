/** One row of business hours in local wall time, before rules 1 and 2 are applied. */
export interface WeeklyWindow {
  /** 0 is Monday, 6 is Sunday. */
  readonly weekday: number;
  /** Seconds after the local 00:00, 0..86400. */
  readonly startSecond: number;
  /** Seconds after the local 00:00, 0..86400; at or before the start it means the next date (rule 2). */
  readonly endSecond: number;
}

/** A window of one date, in seconds after its local 00:00, before rules 1 and 2 are applied. */
export type DatedWindow = Omit<WeeklyWindow, 'weekday'>;

/** From 00:00 of a date on, by the zone in force before, the store's clock shows another zone (rule 6a). */
export interface ZoneChange {
  /** Days since 1970-01-01. */
  readonly fromDate: number;
  /** An IANA name that `isZone` accepts. */
  readonly zone: string;
}

/** From the business day of a date on, other weekly hours hold (rule 3a). */
export interface HoursChange {
  /** Days since 1970-01-01. */
  readonly fromDate: number;
  /** As in `StoreFacts.hours`. */
  readonly hours: readonly WeeklyWindow[] | null;
}

/** What differs from date to date. Dates are days since 1970-01-01. */
export interface StoreCalendar {
  /** In order of date, one for a date at most; `StoreFacts.zone` holds before the first. */
  readonly zoneChanges: readonly ZoneChange[];
  /** In order of date, one for a date at most; `StoreFacts.hours` hold before the first. */
  readonly hoursChanges: readonly HoursChange[];
  /** Dates with windows of their own in place of the weekly ones; none: closed (rule 3b). */
  readonly exceptions: ReadonlyMap<number, readonly DatedWindow[]>;
  /** First and last date of business, both included; null: no bound (rule 4a). */
  readonly activeFrom: number | null;
  readonly activeUntil: number | null;
}

/** Everything that is known about one store. */
export interface StoreFacts {
  /** An IANA name that `isZone` accepts. */
  readonly zone: string;
  /** In any order; null when there is no row at all, which means open around the clock (rule 3). */
  readonly hours: readonly WeeklyWindow[] | null;
  /** What holds on some dates only; absent or null where the same holds on all of them. */
  readonly calendar?: StoreCalendar | null;
  /** Poll codes, sorted, one for each instant. Polls before `earliestRelevantUs(asOf)` may be left out. */
  readonly polls: Float64Array | readonly number[];
}
