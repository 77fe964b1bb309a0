/**
 * The tables that a clearing empties: what files and live polls said, what people said of stores, and the history of
 * loads, without which a file that is loaded again would not be taken for known. In the order in which they are
 * locked: stores first, as nearly every reader takes them.
 */
export const FACT_TABLES = [
  'stores',
  'business_hours',
  'store_zone_changes',
  'store_hours_changes',
  'store_exceptions',
  'last_store_edit',
  'store_day_polls',
  'poll_inbox',
  'polls_set_aside',
  'poll_day_activity',
  'fact_versions',
  'poll_day_versions',
  'presence_versions',
  'imports',
  'import_files',
  'import_rejects',
  'movement_events',
  'movement_event_ids',
  'movement_dead_letters',
  'movement_touched',
  'movement_sessions',
  'zone_visits',
  'line_crossings',
  'session_heat',
  'store_presence',
  'store_mapping_revisions',
] as const;

/** Those of them that hold no fact, but when the others changed. */
export const VERSION_TABLES: ReadonlySet<string> = new Set([
  'fact_versions',
  'poll_day_versions',
  'presence_versions',
]);

/** Views over them, which go and come with them. */
export const FACT_VIEWS = ['store_status', 'menu_hours', 'movement_logs'] as const;

/** The tables that a clearing leaves alone: finished reports can be read after their stores are gone. */
export const KEPT_TABLES = [
  'reports',
  'report_rows',
  'report_evidence',
  'report_shards',
  'report_files',
  'removed_results',
  'labs',
  'blueprints',
  'blueprint_versions',
  'blueprint_rollouts',
  'blueprint_rollout_stores',
  'fact_clock',
  'idempotency_keys',
  'cleared_data',
  'schema_migrations',
] as const;
