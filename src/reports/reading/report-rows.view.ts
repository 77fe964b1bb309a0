import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { type FieldUnit, ROW_FIELDS } from './row-fields.js';

export type CellValue = string | number | boolean | null;

/** A store's row: every column of the report, by its name. Members are described one by one from `ROW_FIELDS`. */
export class ReportRowView {
  [column: string]: CellValue | ComparedRow;
}

/** The same store in the report of `compare_with`; null: it has no row there. */
export type ComparedRow = Record<string, CellValue> | null;

export class ReportRowListView {
  data: ReportRowView[];
  /** Rows that pass the filters. */
  total: number;
  offset: number;
}

const TYPES: Readonly<Partial<Record<FieldUnit, 'string' | 'boolean' | 'integer'>>> = {
  text: 'string',
  yes_no: 'boolean',
  count: 'integer',
};

for (const { name, unit, nullable, description } of ROW_FIELDS) {
  const options: ApiPropertyOptions = { type: TYPES[unit] ?? 'number', nullable, description };
  ApiProperty(options)(ReportRowView.prototype, name);
}
ApiPropertyOptional({
  type: 'object',
  additionalProperties: true,
  nullable: true,
  description: 'With `compare_with`: the same columns of the other report; null where it has no such store',
})(ReportRowView.prototype, 'compared');
