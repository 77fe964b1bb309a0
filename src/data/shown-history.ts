import { formatInstantUs } from '../platform/instant.js';
import type { ShownTable } from './shown-table.js';

/** After every id. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** RFC 3339 in UTC. */
const instant = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS ${column}`;

const IMPORTS: ShownTable = {
  name: 'imports',
  aliases: [],
  title: 'Imports: loads of files, newest first',
  columns: ['id', 'status', 'source', 'accepted_at', 'completed_at', 'error'],
  counted: { table: 'imports', each: '1' },
  keys: ['uuid'],
  start: [LAST_ID],
  sql: `SELECT import_id AS id, status, source, ${instant('accepted_at')}, ${instant('completed_at')}, error,
               json_build_array(import_id) AS at
          FROM imports WHERE import_id < $1::uuid ORDER BY import_id DESC LIMIT $2::int`,
  row: ({ id, status, source, accepted_at, completed_at, error }) => ({
    id: id!,
    status: status!,
    source: source!,
    accepted_at: accepted_at!,
    completed_at: completed_at!,
    error: error!,
  }),
};

const REPORTS: ShownTable = {
  name: 'reports',
  aliases: [],
  title: 'Reports: what was asked for, newest first',
  columns: ['id', 'status', 'label', 'as_of', 'stores', 'created', 'completed', 'error'],
  counted: { table: 'reports', each: '1' },
  keys: ['uuid'],
  start: [LAST_ID],
  sql: `SELECT report_id AS id, status, label, as_of_us, stores, ${instant('created_at')}, ${instant('completed_at')},
               error, json_build_array(report_id) AS at
          FROM reports WHERE report_id < $1::uuid ORDER BY report_id DESC LIMIT $2::int`,
  row: ({ id, status, label, as_of_us, stores, created_at, completed_at, error }) => ({
    id: id!,
    status: status!,
    label: label!,
    as_of: as_of_us === null ? null : formatInstantUs(Number(as_of_us)),
    stores: stores!,
    created: created_at!,
    completed: completed_at!,
    error: error!,
  }),
};

/** What was asked of this program. */
export const SHOWN_HISTORY: readonly ShownTable[] = [IMPORTS, REPORTS];
