import type { Finding } from '../../movements/index.js';

/** The three windows of a report, as the columns of `report_rows` and of its files begin or end with them. */
export const REPORT_WINDOWS = ['hour', 'day', 'week'] as const;
export type ReportWindow = (typeof REPORT_WINDOWS)[number];

/** In which unit a file writes the durations of each window (semantics, "Output"). */
export const WINDOW_UNITS = { hour: 'minutes', day: 'hours', week: 'hours' } as const satisfies Record<
  ReportWindow,
  'minutes' | 'hours'
>;

/** Microseconds of a unit. */
export const UNIT_US = { minutes: 60_000_000, hours: 3_600_000_000 } as const;

/**
 * How the column's SQL comes out: `minutes`, `hours`: int8, microseconds; `share`: int4, hundredths; `count`: int4;
 * `yes_no`: boolean.
 */
export type ColumnUnit = 'text' | 'minutes' | 'hours' | 'share' | 'count' | 'yes_no';

/** A column of a report's files, and of what is shown of its rows. */
export interface ReportColumn {
  /** As in the head of the CSV. */
  readonly name: string;
  readonly unit: ColumnUnit;
  /**
   * An expression over what `sourceOf` tells; null for a share without open time, and for a zone that was not kept.
   */
  readonly sql: string;
  /** For people: what it means, in one sentence. */
  readonly description: string;
  /** Null for columns that belong to no window. */
  readonly window: ReportWindow | null;
  /** How the column of all stores becomes one figure; null where that would mean nothing. */
  readonly total: 'sum' | 'share' | null;
  /** It stands in `report_evidence`, and is null for stores without cameras. */
  readonly isEvidence?: boolean;
}

/** Beside `report_rows`, which hold every store, the evidence of those that have cameras. */
const ROWS_WITH_EVIDENCE = 'report_rows LEFT JOIN report_evidence USING (store_key, report_id)';

/** SQL: where the columns come from. Without any of evidence only the rows are looked at, which are faster alone. */
export function sourceOf(columns: readonly Pick<ReportColumn, 'isEvidence'>[]): string {
  return columns.some(({ isEvidence }) => isEvidence) ? ROWS_WITH_EVIDENCE : 'report_rows';
}

const LAST = { hour: 'the last hour', day: 'the last day', week: 'the last week' } as const;

/** The share of open time of the window that is proved, in hundredths, rounded half up; null without open time. */
function coverageSql(window: ReportWindow): string {
  const open = `${window}_open_us`;
  const proved = `(${window}_uptime_min_us + ${window}_downtime_min_us)`;
  return `((${proved} * 200 + ${open}) / nullif(${open} * 2, 0))::int4`;
}

/**
 * SQL of the column's one figure over all rows, in its unit with two decimals; the sum of a million stores does not
 * fit an int8 in every step. Null without open time.
 */
export function totalSql({ unit, sql, window, total }: ReportColumn): string {
  if (total === 'share') {
    const proved = `sum(${window}_uptime_min_us + ${window}_downtime_min_us)`;
    return `round(${proved} / nullif(sum(${window}_open_us), 0), 2)`;
  }
  return unit === 'minutes' || unit === 'hours' ? `round(sum(${sql}) / ${UNIT_US[unit]}, 2)` : `sum(${sql})`;
}

function duration(window: ReportWindow, name: string, sql: string, description: string): ReportColumn {
  const unit = WINDOW_UNITS[window];
  return {
    name: `${name}_last_${window}`,
    unit,
    sql,
    description: `${description}, in ${unit}.`,
    window,
    total: 'sum',
  };
}

function count(window: ReportWindow, name: string, column: string, description: string): ReportColumn {
  return {
    name: `${name}_last_${window}`,
    unit: 'count',
    sql: `${window}_${column}`,
    description,
    window,
    total: 'sum',
  };
}

/** The seven columns that every client gets, in this order. Names, order and bytes never change. */
export const FLAT_COLUMNS: readonly ReportColumn[] = [
  {
    name: 'store_id',
    unit: 'text',
    sql: 'store_id',
    description: 'The store, as the files name it.',
    window: null,
    total: null,
  },
  ...REPORT_WINDOWS.map((window) =>
    duration(
      window,
      'uptime',
      `${window}_uptime_us`,
      `Open time of ${LAST[window]} in which the store counts as up`,
    ),
  ),
  ...REPORT_WINDOWS.map((window) =>
    duration(
      window,
      'downtime',
      `${window}_downtime_us`,
      `Open time of ${LAST[window]} in which the store counts as down`,
    ),
  ),
];

function columnsOfWindow(window: ReportWindow): ReportColumn[] {
  const of = LAST[window];
  return [
    duration(window, 'open', `${window}_open_us`, `Time of ${of} within business hours`),
    duration(
      window,
      'unobserved',
      `${window}_unobserved_us`,
      `Open time of ${of} on business days without a counting poll, however the report counts it`,
    ),
    {
      name: `coverage_last_${window}`,
      unit: 'share',
      sql: coverageSql(window),
      description: `Share (0 to 1) of the open time of ${of} that lies between two polls that agree; empty without open time.`,
      window,
      total: 'share',
    },
    duration(window, 'uptime_min', `${window}_uptime_min_us`, `Least uptime of ${of} that the polls allow`),
    duration(
      window,
      'uptime_max',
      `(${window}_open_us - ${window}_downtime_min_us)`,
      `Most uptime of ${of} that the polls allow`,
    ),
    count(window, 'polls', 'polls', `Polls of ${of} within business hours.`),
    count(
      window,
      'polls_outside_hours',
      'polls_outside',
      `Polls of ${of} outside business hours; they count for nothing.`,
    ),
    duration(
      window,
      'inactive',
      `${window}_inactive_us`,
      `What the store would have been open in ${of} outside its active dates; it is no open time`,
    ),
  ];
}

/** What `extended` adds, behind the seven: of each window the same eight, then what belongs to the store as a whole. */
export const ADDED_COLUMNS: readonly ReportColumn[] = [
  ...REPORT_WINDOWS.flatMap(columnsOfWindow),
  {
    name: 'outages',
    unit: 'count',
    sql: 'outages',
    description: 'Outages that reach into the last week.',
    window: null,
    total: 'sum',
  },
  {
    name: 'longest_outage',
    unit: 'hours',
    sql: 'longest_outage_us',
    description: 'Open time of the longest of them, in hours.',
    window: null,
    total: null,
  },
  {
    name: 'assumed_zone',
    unit: 'yes_no',
    sql: 'assumed_zone',
    description: 'Whether the store has no zone of its own and the default one was taken for it.',
    window: null,
    total: null,
  },
  {
    name: 'assumed_hours',
    unit: 'yes_no',
    sql: 'assumed_hours',
    description: 'Whether the store has no business hours and was taken to be open around the clock.',
    window: null,
    total: null,
  },
  {
    name: 'zone',
    unit: 'text',
    sql: 'zone',
    description: 'The time zone in force at as-of; empty in reports from before it was kept.',
    window: null,
    total: null,
  },
];

const EVIDENCE_OF = 'Empty for stores without cameras';

function evidence(finding: Finding, description: string): ReportColumn {
  const column = duration('week', finding, `${finding}_us`, description);
  return { ...column, description: `${column.description} ${EVIDENCE_OF}.`, isEvidence: true };
}

/** What hours, polls and people say together (docs/evidence.md): behind all others, since it changes none of them. */
export const EVIDENCE_COLUMNS: readonly ReportColumn[] = [
  evidence(
    'tech_outage_suspected',
    'Open time of the last week in which the store was down by its polls and people were seen',
  ),
  evidence(
    'closed_unexpectedly',
    'Open time of the last week in which the store was down by its polls and nobody was seen',
  ),
  evidence(
    'ghost_open',
    'Open time of the last week in which the store was up by its polls and nobody was seen where there are people at other times',
  ),
  evidence('monitoring_gap', 'Unobserved open time of the last week in which people were seen'),
  evidence('after_hours_people', 'Closed time of the last week in which people were seen'),
  evidence('sensor_silent', 'Open time of the last week in which nobody was seen and a camera was silent'),
  {
    name: 'evidence',
    unit: 'yes_no',
    sql: '(sensor_silent_us IS NOT NULL)',
    description: 'Whether the store has cameras whose evidence was laid beside its polls.',
    window: null,
    total: null,
    isEvidence: true,
  },
];

export const EXTENDED_COLUMNS: readonly ReportColumn[] = [
  ...FLAT_COLUMNS,
  ...ADDED_COLUMNS,
  ...EVIDENCE_COLUMNS,
];

export function reportColumns(extended: boolean): readonly ReportColumn[] {
  return extended ? EXTENDED_COLUMNS : FLAT_COLUMNS;
}
