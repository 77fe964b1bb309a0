import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { BOUNDS, FLAGS, UNKNOWN_ZONE } from './rows-query.js';
import { ROW_FIELDS } from './row-fields.js';

const COLUMNS = ROW_FIELDS.map(({ name }) => name).join(', ');

/** Describes every parameter of a report's rows. */
export function RowsParameters(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'sort',
      required: false,
      type: String,
      example: '-downtime_last_week,store_id',
      description: `Columns with commas between, \`-\` before one for the largest first. Rows that are equal stand in order of store_id. Columns: ${COLUMNS}.`,
    }),
    ApiQuery({
      name: 'search',
      required: false,
      type: String,
      description: 'Part of the store_id, taken literally; the case of A to Z makes no difference',
    }),
    ...Object.entries(FLAGS).map(([name, { description }]) =>
      ApiQuery({ name, required: false, type: Boolean, description }),
    ),
    ApiQuery({
      name: 'zone',
      required: false,
      type: String,
      example: 'America/Chicago',
      description: `Time zone in force at as-of; \`${UNKNOWN_ZONE}\` in a report from before it was kept`,
    }),
    ...BOUNDS.map(({ name, field, sign }) =>
      ApiQuery({
        name,
        required: false,
        type: Number,
        description: `${sign === '>=' ? 'Least' : 'Largest'} ${field.name}, as it is shown${inUnit(field.unit)}`,
      }),
    ),
    ApiQuery({
      name: 'compare_with',
      required: false,
      type: String,
      description: '`id` of another finished report: each row then has `compared`, the same columns there',
    }),
    ApiQuery({
      name: 'offset',
      required: false,
      type: Number,
      description: 'Rows to leave out at the start',
    }),
    ApiQuery({
      name: 'limit',
      required: false,
      type: Number,
      description: 'Rows of a page, 50 by default, at most 500',
    }),
  );
}

function inUnit(unit: string): string {
  return unit === 'minutes' || unit === 'hours' ? `, in ${unit}` : '';
}
