/** What the stores of a window add up to. Sums are exact and rounded once, at the end. */
export class WindowTotalsView {
  /** Hours, as are all that end so. */
  open_hours: number;
  uptime_hours: number;
  downtime_hours: number;
  /** Open time on business days without a counting poll, however the report counts it. */
  unobserved_hours: number;
  /** Open time that is neither uptime nor downtime, since the report leaves unobserved time out. */
  excluded_hours: number;
  /** Uptime without what is unobserved and was counted as up. */
  observed_uptime_hours: number;
  /** Downtime without what is unobserved and was counted as down. */
  observed_downtime_hours: number;
  /** Least and most uptime that the polls allow. */
  uptime_min_hours: number;
  uptime_max_hours: number;
  /** What stores would have been open outside their active dates; it is no open time. */
  inactive_hours: number;
  /** Uptime in per cent of uptime and downtime; null where there is neither. */
  availability_percent: number | null;
  /** Between these lies the true uptime, in per cent of open time; null without open time. */
  availability_min_percent: number | null;
  availability_max_percent: number | null;
  /** Proved share of open time, 0 to 1; null without open time. */
  coverage: number | null;
  polls: number;
  polls_outside_hours: number;
  /** Stores by what became of their window; each store is in one of the five. */
  stores: WindowStoresView;
}

/** Stores by what became of their window; the five add up to all. */
export class WindowStoresView {
  /** Never counted as down. */
  always_up: number;
  /** Never counted as up. */
  always_down: number;
  /** Neither: up for a part of it. */
  partly_up: number;
  /** Open, without one counting poll on any of its business days. */
  fully_unobserved: number;
  without_open_time: number;
}

export class TotalsView {
  last_hour: WindowTotalsView;
  last_day: WindowTotalsView;
  last_week: WindowTotalsView;
}

/** Stores whose availability lies in `[from, to)` per cent; 100 belongs to the last bin. */
export class AvailabilityBinView {
  from: number;
  to: number;
  stores: number;
}

export class WindowDistributionView {
  bins: AvailabilityBinView[];
  /** Stores with neither uptime nor downtime. */
  without: number;
}

export class DistributionView {
  last_hour: WindowDistributionView;
  last_day: WindowDistributionView;
  last_week: WindowDistributionView;
}

/** The figure that so many per cent of the stores don't exceed: one that a store has (nearest rank). Null: no store. */
export class QuantilesView {
  p1: number | null;
  p5: number | null;
  p25: number | null;
  p50: number | null;
  p75: number | null;
  p95: number | null;
  p99: number | null;
}

/** Over the stores that have uptime or downtime in the window. */
export class WindowQuantilesView {
  availability_percent: QuantilesView;
  /** In the report's unit: minutes for the hour, hours for day and week. */
  downtime: QuantilesView;
}

export class WindowsQuantilesView {
  last_hour: WindowQuantilesView;
  last_day: WindowQuantilesView;
  last_week: WindowQuantilesView;
}

/** A store and its figures in a window, in the report's unit. */
export class WorstStoreView {
  store_id: string;
  zone: string | null;
  assumed_hours: boolean;
  uptime: number;
  downtime: number;
  unobserved: number;
  availability_percent: number | null;
}

/** At most ten of each window, most downtime first; only stores that were down. */
export class WorstStoresView {
  last_hour: WorstStoreView[];
  last_day: WorstStoreView[];
  last_week: WorstStoreView[];
}

export class ZoneTotalsView {
  /** Null in reports from before it was kept. */
  zone: string | null;
  stores: number;
  totals: TotalsView;
}

export class SummaryCountsView {
  assumed_zone: number;
  assumed_hours: number;
  /** Stores with an outage that reaches into the last week. */
  with_outages: number;
  /** Outages of all stores. */
  outages: number;
}

/** What a report's rows add up to. */
export class ReportSummaryView {
  /** Rows. */
  stores: number;
  totals: TotalsView;
  counts: SummaryCountsView;
  /** Stores by availability, in bins of 5 per cent. */
  distribution: DistributionView;
  quantiles: WindowsQuantilesView;
  worst: WorstStoresView;
  /** As `worst`, of stores that have business hours of their own and were up for a part of the window. */
  worst_partly_up: WorstStoresView;
  /** Most stores first. */
  zones: ZoneTotalsView[];
}
