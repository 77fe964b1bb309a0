-- A report has files in several forms, most of them made when they are first asked for; and reports come to an end.

ALTER TABLE report_files RENAME COLUMN format TO variant;
ALTER TABLE report_files
  DROP CONSTRAINT report_files_format,
  ADD CONSTRAINT report_files_variant CHECK (
    variant IN ('csv', 'csv_safe', 'csv_extended', 'csv_extended_safe', 'json', 'json_extended', 'xlsx', 'xlsx_extended')
  ),
  -- Those of rows outlive the report that these were computed for, as long as others were answered from them.
  DROP CONSTRAINT report_files_report_fkey;

-- As text: written again, the JSON file comes out with its members in the same order.
ALTER TABLE reports ALTER COLUMN metadata TYPE json;

-- What becomes old: looked through every hour.
CREATE INDEX reports_ended ON reports (coalesce(completed_at, created_at)) WHERE status IN ('completed', 'failed', 'cancelled');

-- Under whose ids rows are gone and files are to follow. Kept for an hour, since a late run may still write some.
CREATE TABLE removed_results (
  result_id uuid NOT NULL,
  removed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT removed_results_pkey PRIMARY KEY (result_id)
);
