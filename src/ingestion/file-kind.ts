/** What a file of input is about. */
export const FILE_KINDS = ['polls', 'hours', 'zones', 'exceptions'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** The name under which each kind lies in the data folder. */
export const FILE_NAMES: Readonly<Record<FileKind, string>> = {
  polls: 'store_status.csv',
  hours: 'menu_hours.csv',
  zones: 'timezone.csv',
  exceptions: 'exceptions.csv',
};

/** What people call the content of each kind. */
export const KIND_TITLES: Readonly<Record<FileKind, string>> = {
  polls: 'status polls',
  hours: 'business hours',
  zones: 'time zones',
  exceptions: 'exceptions to the hours',
};

/** The columns of each kind; behind a column's own name the others under which it is known, all in lower case. */
export const COLUMNS = {
  polls: [['store_id'], ['status'], ['timestamp_utc']],
  hours: [['store_id'], ['day', 'dayofweek', 'day_of_week'], ['start_time_local'], ['end_time_local']],
  zones: [['store_id'], ['timezone_str']],
  exceptions: [['store_id'], ['date'], ['start_time_local'], ['end_time_local']],
} as const satisfies Readonly<Record<FileKind, readonly (readonly [string, ...string[]])[]>>;
