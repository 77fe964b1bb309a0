import {
  ADDED_COLUMNS,
  EVIDENCE_COLUMNS,
  FLAT_COLUMNS,
  REPORT_WINDOWS,
  type ReportColumn,
  type ReportWindow,
  UNIT_US,
} from '../files/report-columns.js';

export { UNIT_US };

export type FieldUnit = ReportColumn['unit'] | 'percent';

/** A column of a report's rows, by the name that sorting and filters use. */
export interface RowField {
  readonly name: string;
  readonly unit: FieldUnit;
  /**
   * SQL over what `sourceOf` tells. For a number: the shown value as a whole number of `1 / scale`, so that sorting, filters
   * and the answer agree to the last digit.
   */
  readonly sql: string;
  /** 1 for a count, 100 for what has two decimals. */
  readonly scale: number;
  readonly nullable: boolean;
  /** As of a column. */
  readonly isEvidence: boolean;
  readonly description: string;
}

export type Unit = keyof typeof UNIT_US;

/** The columns of a report's rows, in the order in which a row shows them: those of its files, and availability. */
export const ROW_FIELDS: readonly RowField[] = [
  ...FLAT_COLUMNS.map(fieldOf),
  ...REPORT_WINDOWS.map(availability),
  ...ADDED_COLUMNS.map(fieldOf),
  ...EVIDENCE_COLUMNS.map(fieldOf),
];

/** The only way from a caller's word to a column: no name from outside gets into a statement. */
export const FIELD_BY_NAME: ReadonlyMap<string, RowField> = new Map(
  ROW_FIELDS.map((field) => [field.name, field]),
);

export const NUMBER_FIELDS: readonly RowField[] = ROW_FIELDS.filter(
  ({ unit }) => unit !== 'text' && unit !== 'yes_no',
);

/** SQL: hundredths of the unit, rounded half up, in whole numbers (semantics, "Output"). */
export function inHundredths(us: string, unit: Unit): string {
  const step = UNIT_US[unit] / 100;
  return `((${us} + ${step / 2}) / ${step})`;
}

/** SQL: hundredths of a per cent, rounded half up, in whole numbers; null where `whole` is 0. */
export function inPercent(part: string, whole: string): string {
  return `(((${part}) * 20000 + (${whole})) / nullif(2 * (${whole}), 0))`;
}

function availability(window: ReportWindow): RowField {
  const uptime = `${window}_uptime_us`;
  return {
    name: `availability_last_${window}`,
    unit: 'percent',
    sql: inPercent(uptime, `${uptime} + ${window}_downtime_us`),
    scale: 100,
    nullable: true,
    isEvidence: false,
    description: `Uptime of the last ${window} in per cent of uptime and downtime; null where there is neither.`,
  };
}

function fieldOf({ name, unit, sql, description, isEvidence = false }: ReportColumn): RowField {
  const timed = unit === 'minutes' || unit === 'hours';
  return {
    name,
    unit,
    sql: timed ? inHundredths(sql, unit) : unit === 'text' ? `${sql} COLLATE "C"` : sql,
    scale: timed || unit === 'share' ? 100 : 1,
    nullable: unit === 'share' || name === 'zone' || (isEvidence && unit !== 'yes_no'),
    isEvidence,
    description: description.replace('; empty ', '; null ').replace('. Empty ', '. Null '),
  };
}
