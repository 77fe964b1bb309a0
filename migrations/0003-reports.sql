-- Requests for numbers, and what came of them.

CREATE TABLE reports (
  report_id uuid NOT NULL,
  label text,
  status text NOT NULL DEFAULT 'pending',
  -- What the caller asked for; null: the newest poll that is known when the report starts.
  requested_as_of_us bigint,
  -- What the report is as of, frozen when its first attempt starts, so that a retry computes the same.
  as_of_us bigint,
  windows text NOT NULL,
  unobserved text NOT NULL,
  estimator text NOT NULL,
  include_unpolled boolean NOT NULL DEFAULT false,
  store_ids text[],
  default_zone text NOT NULL,
  phase text NOT NULL DEFAULT 'waiting',
  done integer NOT NULL DEFAULT 0,
  total integer,
  stores integer,
  -- Algorithm, counts and timings: the JSON file's content.
  metadata jsonb,
  error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  attempts smallint NOT NULL DEFAULT 0,
  claim_token uuid,
  lease_until timestamptz,
  CONSTRAINT reports_pkey PRIMARY KEY (report_id),
  CONSTRAINT reports_status CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled', 'expired')),
  CONSTRAINT reports_phase CHECK (phase IN ('waiting', 'computing', 'publishing')),
  CONSTRAINT reports_windows CHECK (windows IN ('rolling', 'calendar')),
  CONSTRAINT reports_unobserved CHECK (unobserved IN ('down', 'up', 'exclude')),
  CONSTRAINT reports_estimator CHECK (estimator IN ('step', 'nearest'))
);
CREATE INDEX reports_unfinished ON reports (created_at) WHERE status IN ('pending', 'running');

-- Exact microseconds; rounding happens when a row is shown. The store's id is kept beside its key, so that a
-- finished report can be read after the store is gone.
CREATE TABLE report_rows (
  store_key integer NOT NULL,
  report_id uuid NOT NULL,
  store_id text COLLATE "C" NOT NULL,
  hour_open_us bigint NOT NULL,
  hour_uptime_us bigint NOT NULL,
  hour_downtime_us bigint NOT NULL,
  hour_unobserved_us bigint NOT NULL,
  hour_uptime_min_us bigint NOT NULL,
  hour_downtime_min_us bigint NOT NULL,
  hour_polls integer NOT NULL,
  hour_polls_outside integer NOT NULL,
  day_open_us bigint NOT NULL,
  day_uptime_us bigint NOT NULL,
  day_downtime_us bigint NOT NULL,
  day_unobserved_us bigint NOT NULL,
  day_uptime_min_us bigint NOT NULL,
  day_downtime_min_us bigint NOT NULL,
  day_polls integer NOT NULL,
  day_polls_outside integer NOT NULL,
  week_open_us bigint NOT NULL,
  week_uptime_us bigint NOT NULL,
  week_downtime_us bigint NOT NULL,
  week_unobserved_us bigint NOT NULL,
  week_uptime_min_us bigint NOT NULL,
  week_downtime_min_us bigint NOT NULL,
  week_polls integer NOT NULL,
  week_polls_outside integer NOT NULL,
  outages integer NOT NULL,
  longest_outage_us bigint NOT NULL,
  assumed_zone boolean NOT NULL,
  assumed_hours boolean NOT NULL,
  CONSTRAINT report_rows_pkey PRIMARY KEY (report_id, store_key)
);

CREATE TABLE report_files (
  report_id uuid NOT NULL,
  format text NOT NULL,
  path text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  CONSTRAINT report_files_pkey PRIMARY KEY (report_id, format),
  CONSTRAINT report_files_report_fkey FOREIGN KEY (report_id) REFERENCES reports (report_id) ON DELETE CASCADE,
  CONSTRAINT report_files_format CHECK (format IN ('csv', 'json'))
);
