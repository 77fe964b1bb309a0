import { canonicalZone } from '../../availability/index.js';
import { sourceOf } from '../files/report-columns.js';
import { type Query, QueryReader, shortened } from './query-reader.js';
import { FIELD_BY_NAME, NUMBER_FIELDS, type RowField } from './row-fields.js';

const YES_OR_NO: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);
/** Rows of a report from before zones were kept. */
export const UNKNOWN_ZONE = 'unknown';
const MOST_SORT_KEYS = 5;

/** Conditions that are answered with true or false. */
export const FLAGS: Readonly<Record<string, { sql: string; description: string; isEvidence?: boolean }>> = {
  assumed_zone: { sql: 'assumed_zone', description: 'Whether the default time zone was taken' },
  assumed_hours: { sql: 'assumed_hours', description: 'Whether the store counts as open for want of hours' },
  evidence: {
    sql: '(sensor_silent_us IS NOT NULL)',
    description: 'Whether the store has cameras whose evidence was laid beside its polls',
    isEvidence: true,
  },
  has_outage: { sql: '(outages > 0)', description: 'Whether the store had an outage in the last week' },
};

/** `min_…` and `max_…`, the columns that they bound. */
export const BOUNDS: readonly { name: string; field: RowField; sign: '>=' | '<=' }[] = NUMBER_FIELDS.flatMap(
  (field) => [
    { name: `min_${field.name}`, field, sign: '>=' },
    { name: `max_${field.name}`, field, sign: '<=' },
  ],
);

const ALLOWED = [
  'sort',
  'search',
  'zone',
  'offset',
  'limit',
  'compare_with',
  ...Object.keys(FLAGS),
  ...BOUNDS.map(({ name }) => name),
];
/** For people. */
const ALLOWED_IN_SHORT = `sort, search, zone, offset, limit, compare_with, ${Object.keys(FLAGS).join(', ')}, and min_ or max_ before ${NUMBER_FIELDS.map(({ name }) => name).join(', ')}`;

interface SortKey {
  field: RowField;
  descending: boolean;
}

/** What a client wants of a report's rows: SQL of our own, and the client's values beside it. */
export interface RowsQuery {
  /** SQL: where rows with all columns that it names come from. */
  readonly source: string;
  /** Conditions over them; `$1` is the result's id. */
  readonly where: string;
  /** From `$2` on. */
  readonly values: readonly (string | number | boolean)[];
  readonly sort: readonly SortKey[];
  readonly offset: number;
  readonly limit: number;
  /** Another report whose figures are wanted beside each row. */
  readonly compareWith: string | null;
}

/** @throws Problem 400 that tells everything that is wrong, and what is allowed. */
export function readRowsQuery(query: Query): RowsQuery {
  const reader = new QueryReader(query, ALLOWED, ALLOWED_IN_SHORT);
  const conditions = ['report_id = $1'];
  const values: (string | number | boolean)[] = [];
  const named: { isEvidence?: boolean }[] = [];
  const place = (value: string | number | boolean): string => `$${values.push(value) + 1}`;

  for (const { name, field, sign } of BOUNDS) {
    const bound = reader.decimal(name);
    if (bound === undefined) continue;
    named.push(field);
    conditions.push(`${field.sql} ${sign} ${place(inSteps(bound, field.scale, sign))}::bigint`);
  }
  for (const [name, flag] of Object.entries(FLAGS)) {
    const wanted = reader.word(name, YES_OR_NO);
    if (wanted === undefined) continue;
    named.push(flag);
    conditions.push(wanted ? flag.sql : `NOT ${flag.sql}`);
  }
  const zone = readZone(reader);
  if (zone === UNKNOWN_ZONE) conditions.push('zone IS NULL');
  else if (zone !== undefined) conditions.push(`zone = ${place(zone)}`);
  const search = reader.text('search')?.trim();
  // Letters are alike only from A to Z, as in the byte order of ids; nothing in the text is a pattern.
  if (search) conditions.push(`strpos(lower(store_id), lower(${place(search)}::text COLLATE "C")) > 0`);
  const sort = readSort(reader);
  const page = reader.page();
  const compareWith = reader.text('compare_with') ?? null;
  reader.finish();
  const source = sourceOf([...named, ...sort.map(({ field }) => field)]);
  return { source, where: conditions.join(' AND '), values, sort, ...page, compareWith };
}

/** Tells the order apart from all others of the same result. */
export function orderName(resultId: string, query: RowsQuery): string {
  const sort = query.sort.map(({ field, descending }) => `${descending ? '-' : ''}${field.name}`);
  return JSON.stringify([resultId, query.where, query.values, sort]);
}

/** The bound in the whole numbers in which the column is compared: nothing shown as 2.34 passes a least of 2.345. */
function inSteps(bound: number, scale: number, sign: '>=' | '<='): number {
  // 0.07 * 100 is a little more than 7.
  const steps = Number((bound * scale).toFixed(6));
  return sign === '>=' ? Math.ceil(steps) : Math.floor(steps);
}

function readZone(reader: QueryReader): string | undefined {
  const text = reader.text('zone');
  if (text === undefined || text === UNKNOWN_ZONE) return text;
  const zone = canonicalZone(text);
  if (zone !== null) return zone;
  reader.refuse(
    'zone',
    'not_allowed',
    `zone has to be the IANA name of a time zone, such as America/Chicago, or ${UNKNOWN_ZONE}; '${shortened(text)}' is neither.`,
  );
  return undefined;
}

function readSort(reader: QueryReader): SortKey[] {
  const text = reader.text('sort', 400);
  if (text === undefined) return [];
  const sort: SortKey[] = [];
  for (const word of text.split(',')) {
    const name = word.replace(/^-/, '');
    const field = FIELD_BY_NAME.get(name);
    if (field === undefined) {
      const names = [...FIELD_BY_NAME.keys()].join(', ');
      reader.refuse(
        'sort',
        'not_allowed',
        `sort has to be names of columns with commas between, '-' before one for the largest first; '${shortened(name)}' is none. Columns: ${names}.`,
      );
      return [];
    }
    if (sort.some((key) => key.field === field)) {
      reader.refuse('sort', 'not_allowed', `sort may name ${name} once.`);
      return [];
    }
    sort.push({ field, descending: word.startsWith('-') });
  }
  if (sort.length <= MOST_SORT_KEYS) return sort;
  reader.refuse('sort', 'not_allowed', `sort may name at most ${MOST_SORT_KEYS} columns.`);
  return [];
}
