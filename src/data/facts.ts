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
  'imports',
  'import_files',
  'import_rejects',
] as const;

/** Views over them, which go and come with them. */
export const FACT_VIEWS = ['store_status', 'menu_hours'] as const;

/** The tables that a clearing leaves alone: finished reports can be read after their stores are gone. */
export const KEPT_TABLES = [
  'reports',
  'report_rows',
  'report_shards',
  'report_files',
  'cleared_data',
  'schema_migrations',
] as const;
