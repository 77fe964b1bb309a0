export class DiffedOptionsView {
  windows: string;
  unobserved: string;
  estimator: string;
  include_unpolled: boolean;
  /** How many stores were asked for; null: all. */
  store_ids_count: number | null;
  /** Zone of stores that have none of their own. */
  default_zone: string;
}

/** One of the two reports: what its figures follow from. */
export class DiffedReportView {
  id: string;
  label: string | null;
  as_of: string;
  options: DiffedOptionsView;
  watermark: string | null;
  /** Rows. */
  stores: number;
}

/** The report's six figures: minutes for the hour, hours for day and week. */
export class DiffedFiguresView {
  uptime_last_hour: number;
  uptime_last_day: number;
  uptime_last_week: number;
  downtime_last_hour: number;
  downtime_last_day: number;
  downtime_last_week: number;
}

/** A store whose figures differ, or that only one of the reports has. */
export class StoreDifferenceView {
  store_id: string;
  /** Null where the report has no such store. */
  this: DiffedFiguresView | null;
  /** Null where the other report has no such store. */
  other: DiffedFiguresView | null;
  /** The figures of this report less those of the other, rounded once; null where one has no such store. */
  delta: DiffedFiguresView | null;
  /** The same, exact, in microseconds. */
  delta_us: DiffedFiguresView | null;
}

export class DiffCountsView {
  /** Stores of both reports whose figures differ. */
  changed: number;
  unchanged: number;
  only_in_this: number;
  only_in_other: number;
}

export class ReportDiffView {
  this: DiffedReportView;
  other: DiffedReportView;
  /** What the two follow from and do not share: names such as `as_of`, `options.unobserved` or `watermark`. */
  differs_in: string[];
  /** The window whose figures alone were compared; null: all six. */
  window: string | null;
  counts: DiffCountsView;
  /** Largest difference first, then the stores of this report alone, then those of the other alone. */
  data: StoreDifferenceView[];
  total: number;
  offset: number;
}
