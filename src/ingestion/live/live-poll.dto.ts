/** What a store's poll has found. For the description alone: bodies are read by hand, thousands of polls at a time. */
export class LivePollDto {
  /** Text, also where it looks like a number: real ids exceed what a JSON number can keep. */
  store_id: string;
  /** In any letter case. */
  status: 'active' | 'inactive';
  /** `2023-01-22T12:09:39.388884Z`, or as in the files. Left out, it is the time of arrival. */
  timestamp_utc?: string;
}

/** What became of the polls. */
export class AcceptedPollsView {
  /** Polls that are kept: in every report that is requested from now on. */
  accepted: number;
}
