export class InputFileView {
  name: string;
  kind: 'polls' | 'hours' | 'zones' | 'exceptions';
  bytes: number;
}

export class InputFolderView {
  path: string;
  /** Those of the files that are there. */
  files: InputFileView[];
}

/** What the database holds, and what lies in the data folder. */
export class DataView {
  stores: number;
  polls: number;
  /** Many polls have just changed and are still being counted, so that `polls` is an estimate. */
  polls_estimated: boolean;
  stores_with_polls: number;
  /** They count as open around the clock. */
  stores_without_hours: number;
  /** They are in the default zone. */
  stores_without_zone: number;
  first_poll: string | null;
  newest_poll: string | null;
  folder: InputFolderView;
}
