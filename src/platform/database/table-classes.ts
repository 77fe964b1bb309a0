/**
 * Where a table lies once the database is distributed.
 *
 * - `large`: grows with stores and time; in shards by `store_key`, all of them cut alike, so that what is known of a
 *   store lies on one node.
 * - `reference`: a whole copy on every node, for what large tables are joined with in one statement over all stores.
 * - `local`: on the coordinator alone. Everything that is a few rows for each store or fewer: there its statements are
 *   those of a plain PostgreSQL, with identity columns, foreign keys and no commit over several nodes.
 */
export type TableClass = 'large' | 'reference' | 'local';

/** Every table of the product; partitions are one with theirs. Large ones in the order in which they are distributed. */
export const TABLE_CLASSES: Readonly<Record<string, TableClass>> = {
  store_day_polls: 'large',
  report_rows: 'large',
  report_evidence: 'large',
  movement_events: 'large',
  movement_event_ids: 'large',
  movement_sessions: 'large',
  zone_visits: 'large',
  line_crossings: 'large',
  session_heat: 'large',
  store_presence: 'large',

  stores: 'local',
  business_hours: 'local',
  store_zone_changes: 'local',
  store_hours_changes: 'local',
  store_exceptions: 'local',
  last_store_edit: 'local',
  poll_inbox: 'local',
  polls_set_aside: 'local',
  poll_day_activity: 'local',
  fact_clock: 'local',
  fact_versions: 'local',
  poll_day_versions: 'local',
  idempotency_keys: 'local',
  imports: 'local',
  import_files: 'local',
  import_rejects: 'local',
  movement_dead_letters: 'local',
  movement_touched: 'local',
  reports: 'local',
  report_shards: 'local',
  presence_versions: 'local',
  report_files: 'local',
  removed_results: 'local',
  labs: 'local',
  blueprints: 'local',
  blueprint_versions: 'local',
  store_mapping_revisions: 'local',
  blueprint_rollouts: 'local',
  blueprint_rollout_stores: 'local',
  cleared_data: 'local',
  schema_migrations: 'local',
};

export function tablesOfClass(wanted: TableClass): string[] {
  return Object.entries(TABLE_CLASSES).flatMap(([table, its]) => (its === wanted ? [table] : []));
}
