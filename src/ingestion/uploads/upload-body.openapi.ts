import type { OpenAPIObject } from '@nestjs/swagger';
import { FILE_KINDS } from '../file-kind.js';

/** Routes that take files, and what a form has to have there: of client C, who may mean the data folder, nothing. */
const ROUTES = { '/api/v1/imports': ['file'], '/data': [] } as const;

const FORM = {
  type: 'object',
  description:
    'Any number of files, whatever their fields are called. Fields stand before the files that they are about. ' +
    "With curl: curl -F 'file=@store_status.csv' -F 'file=@menu_hours.csv.gz', followed by the address.",
  properties: {
    kind: {
      type: 'string',
      enum: [...FILE_KINDS],
      description:
        'What the files behind it are about, up to the next `kind`. Without it the header of each file tells.',
    },
    force: {
      type: 'boolean',
      default: false,
      description: 'Load files although the same bytes were loaded before.',
    },
    reject_limit_share: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'A file is refused whole above this share of bad rows; else the configured one.',
    },
    reject_limit_rows: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000_000,
      description: '… when there are at least this many; else the configured number.',
    },
    file: {
      type: 'array',
      items: { type: 'string', format: 'binary' },
      description: 'CSV files, plain or packed by gzip.',
    },
  },
} as const;

const EXAMPLES = {
  one: { summary: 'A file whose header tells its kind', value: { file: ['store_status.csv'] } },
  named: {
    summary: 'A file of a kind that is named, loaded even if it was before',
    value: { kind: 'polls', force: true, file: ['export-2023-01.csv.gz'] },
  },
  all: {
    summary: 'All files of a data set at once',
    value: { file: ['store_status.csv', 'menu_hours.csv', 'timezone.csv'] },
  },
};

/**
 * Adds the form to the description of the routes that take files. A decorator describes one body alone, the same for
 * every content type.
 */
export function describeUploads({ paths }: OpenAPIObject): void {
  for (const [route, required] of Object.entries(ROUTES)) {
    const operation = paths[route]?.post;
    if (operation === undefined) throw new Error(`There is no route POST ${route} to describe.`);
    const known = operation.requestBody;
    operation.requestBody = {
      required: false,
      ...known,
      content: {
        ...(known !== undefined && 'content' in known && known.content),
        'multipart/form-data': {
          schema: structuredClone({ ...FORM, required: [...required] }) as object,
          examples: EXAMPLES,
        },
      },
    };
  }
}
