import type { AvailabilityBinView, QuantilesView } from '../reading/report-summary.view.js';

export type LabStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';

/** One of the option sets, as it was asked for or set by default. */
export class LabSetView {
  name: string;
  windows: string;
  unobserved: string;
  estimator: string;
}

export class LabProgressView {
  /** Stores. */
  done: number;
  /** Stores; null before they are counted. */
  total: number | null;
}

/** What the stores of a window add up to. Sums are exact and rounded once, at the end. */
export class LabWindowTotalsView {
  /** Hours, as are all that end so. */
  open_hours: number;
  uptime_hours: number;
  downtime_hours: number;
  /** Open time on business days without a counting poll, however the set counts it. */
  unobserved_hours: number;
  /** Open time that is neither uptime nor downtime, since the set leaves unobserved time out. */
  excluded_hours: number;
  /** Uptime in per cent of uptime and downtime; null where there is neither. */
  availability_percent: number | null;
}

export class LabTotalsView {
  last_hour: LabWindowTotalsView;
  last_day: LabWindowTotalsView;
  last_week: LabWindowTotalsView;
}

/** How the availability of the last week is spread over the stores. */
export class WeekAvailabilityView {
  /** In per cent, over the stores that have uptime or downtime. */
  quantiles: QuantilesView;
  /** Stores by availability, in bins of 5 per cent. */
  bins: AvailabilityBinView[];
  /** Stores with neither uptime nor downtime. */
  without: number;
}

/** What one set of options makes of the data. */
export class LabSetResultView {
  name: string;
  windows: string;
  unobserved: string;
  estimator: string;
  totals: LabTotalsView;
  availability_last_week: WeekAvailabilityView;
}

/** The six figures of a report under one set: minutes for the hour, hours for day and week. */
export class LabFiguresView {
  /** Name of the set. */
  set: string;
  uptime_last_hour: number;
  uptime_last_day: number;
  uptime_last_week: number;
  downtime_last_hour: number;
  downtime_last_day: number;
  downtime_last_week: number;
}

/** A store whose figures depend on the options. */
export class DifferingStoreView {
  store_id: string;
  /** In force at as-of. */
  zone: string;
  /** Most uptime of the last week under any set less the least, in hours. */
  uptime_last_week_spread: number;
  /** The same, exact. */
  uptime_last_week_spread_us: number;
  /** Under each set, in their order. */
  figures: LabFiguresView[];
}

/** What several option sets make of the same data, side by side. */
export class LabResultView {
  /** Stores that were looked at, the same under each set. */
  stores: number;
  /** Stores of which one of the six figures is not the same, to the microsecond, under all sets. */
  differing_stores: number;
  /** In the order in which they were asked for. */
  sets: LabSetResultView[];
  /** At most 50 of those that differ: largest spread of the last week's uptime first, then by id. */
  most_differing: DifferingStoreView[];
}

export class LabLinksView {
  self: string;
}

/** A comparison of option sets as the interface shows it. */
export class LabView {
  id: string;
  status: LabStatus;
  /** Null until it has started, when the newest poll was asked for. */
  as_of: string | null;
  sets: LabSetView[];
  include_unpolled: boolean;
  /** Null: all stores, or a list; see `store_ids_count`. */
  store_ids: string[] | null;
  /** How many stores were asked for by name; null: all. */
  store_ids_count: number | null;
  progress: LabProgressView;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  /** Null until it is completed, and in lists. */
  result: LabResultView | null;
  /** Why it failed, or why its last attempt did. */
  error: string | null;
  links: LabLinksView;
}

export class LabListView {
  data: LabView[];
  next_cursor: string | null;
}
