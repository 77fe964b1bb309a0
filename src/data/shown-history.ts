import { formatInstantUs } from '../platform/instant.js';
import { instantColumn, LAST_ID } from './shown-columns.js';
import type { ShownTable } from './shown-table.js';

const IMPORTS: ShownTable = {
  name: 'imports',
  aliases: [],
  title: 'Imports: loads of files, newest first',
  columns: ['id', 'status', 'source', 'accepted_at', 'completed_at', 'error'],
  counted: { table: 'imports', each: '1' },
  keys: ['uuid'],
  start: [LAST_ID],
  sql: `SELECT import_id AS id, status, source, ${instantColumn('accepted_at')}, ${instantColumn('completed_at')}, error,
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
  sql: `SELECT report_id AS id, status, label, as_of_us, stores, ${instantColumn('created_at')}, ${instantColumn('completed_at')},
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
