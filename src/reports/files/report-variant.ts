export const REPORT_FORMATS = ['csv', 'json', 'xlsx'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Which file of a report. */
export interface ReportFileChoice {
  format: ReportFormat;
  /** With all columns (CSV, XLSX), or with their totals and meanings (JSON). */
  extended: boolean;
  /** No cell that a spreadsheet would run as a formula. XLSX always is, JSON has no cells. */
  spreadsheetSafe: boolean;
}

const CHOICES = {
  csv: { format: 'csv', extended: false, spreadsheetSafe: false },
  csv_safe: { format: 'csv', extended: false, spreadsheetSafe: true },
  csv_extended: { format: 'csv', extended: true, spreadsheetSafe: false },
  csv_extended_safe: { format: 'csv', extended: true, spreadsheetSafe: true },
  json: { format: 'json', extended: false, spreadsheetSafe: false },
  json_extended: { format: 'json', extended: true, spreadsheetSafe: false },
  xlsx: { format: 'xlsx', extended: false, spreadsheetSafe: true },
  xlsx_extended: { format: 'xlsx', extended: true, spreadsheetSafe: true },
} as const satisfies Record<string, ReportFileChoice>;

/** A file that a result can have. `csv` and `json` are made with the report, the others when they are first asked for. */
export type ReportVariant = keyof typeof CHOICES;
export const REPORT_VARIANTS = Object.keys(CHOICES) as readonly ReportVariant[];

export const CONTENT_TYPES: Readonly<Record<ReportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export function choiceOf(variant: ReportVariant): ReportFileChoice {
  return CHOICES[variant];
}

export function variantOf({ format, extended, spreadsheetSafe }: ReportFileChoice): ReportVariant {
  const safe = format === 'xlsx' || (format === 'csv' && spreadsheetSafe);
  return REPORT_VARIANTS.find((variant) => {
    const choice = CHOICES[variant];
    return choice.format === format && choice.extended === extended && choice.spreadsheetSafe === safe;
  })!;
}

/** `{id}.csv`, `{id}.extended.safe.csv`: in the storage by the id of the result, in a download by that of the report. */
export function fileNameOf(id: string, variant: ReportVariant): string {
  const { format, extended, spreadsheetSafe } = CHOICES[variant];
  const marks = [extended && '.extended', format === 'csv' && spreadsheetSafe && '.safe'];
  return `${id}${marks.filter(Boolean).join('')}.${format}`;
}

/**
 * Under whose id a file is kept. Rows are shared by all reports that were answered from them, and so are the files made
 * of them; the JSON speaks of the one report.
 */
export function ownerOf(report: { id: string; resultId: string }, variant: ReportVariant): string {
  return CHOICES[variant].format === 'json' ? report.id : report.resultId;
}

/** The query by which `/file` gives this variant. */
export function queryOf(variant: ReportVariant): string {
  const { format, extended, spreadsheetSafe } = CHOICES[variant];
  const asked = [
    extended && '&extended=true',
    format === 'csv' && spreadsheetSafe && '&spreadsheet_safe=true',
  ];
  return `?format=${format}${asked.filter(Boolean).join('')}`;
}
