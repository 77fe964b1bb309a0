/** Stores about which something is odd. */
export class FoundStoresView {
  count: number;
  /** The first 20 ids. */
  examples: string[];
  /** Where all are listed. */
  url: string;
}

/** Stores by what is odd about them. */
export class QualityOfStoresView {
  total: number;
  archived: number;
  /** They count as open around the clock. */
  without_hours: FoundStoresView;
  /** They are in the default zone. */
  without_zone: FoundStoresView;
  /** They have no row in a report, unless it is asked for. */
  without_polls: FoundStoresView;
  /** Rows of hours came and every one was rejected: they count as open around the clock. */
  hours_rejected: FoundStoresView;
  /** Windows of one weekday overlap; they count as one. */
  overlapping_windows: FoundStoresView;
  /** Polls came after they were archived. */
  archived_still_polled: FoundStoresView;
  /** Their newest poll lies after now: some clock is wrong. */
  polled_ahead_of_the_clock: FoundStoresView;
}

/** Weekly windows that are written in a way that has to be interpreted. */
export class QualityOfHoursView {
  windows: number;
  /** Start and end are the same: open for 24 hours from there. */
  windows_without_length: number;
  /** They end at 23:59 or 23:59:59, which means the end of the day. */
  windows_ending_at_23_59: number;
}

/** Seconds from poll to poll: each store's median, and of these the tenth part, the half and nine tenths. */
export class PollIntervalView {
  p10: number;
  median: number;
  p90: number;
}

/** How often stores are polled, from a sample of stores and the newest week of polls. */
export class PollRhythmView {
  stores_sampled: number;
  /** Null where no store was polled twice. */
  interval_s: PollIntervalView | null;
  /** Polls of a store on a day with polls: the median. */
  polls_per_store_and_day: number;
}

/** Polls that came while stores were closed, in the last week of the newest report over all stores. */
export class PollsOutsideView {
  report_id: string;
  as_of: string;
  polls: number;
  outside_open_time: number;
  /** Of all polls, from 0 to 1; null without polls. */
  share: number | null;
}

/** When polls came, and how often. */
export class QualityOfPollsView {
  oldest: string | null;
  newest: string | null;
  ahead_of_the_clock: number;
  /** Null where there are no polls. */
  rhythm: PollRhythmView | null;
  /** Null where there is no such report yet. */
  outside_open_time: PollsOutsideView | null;
}

/** Stretches in which polls stopped for nearly all stores at once; `url` lists them. */
export class QualityOfCollectionView {
  /** Null: polls have changed, and are still being counted; or there is too little to tell. */
  count: number | null;
  total_s: number | null;
  ongoing: boolean | null;
  enough_to_tell: boolean | null;
  url: string;
}

/** What the data is like. */
export class DataQualityView {
  stores: QualityOfStoresView;
  hours: QualityOfHoursView;
  polls: QualityOfPollsView;
  collector_outages: QualityOfCollectionView;
}

/** A page of stores about which something is odd. */
export class FoundStoreListView {
  data: { store_id: string }[];
  next_cursor: string | null;
}
