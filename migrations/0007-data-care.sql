-- What the polls are like by time of day, and facts that were cleared and can be taken back.

-- One row per UTC day that holds polls: how many of all stores' polls fall into each five minutes. A merge marks the
-- days that it changes; they are counted again when somebody asks.
CREATE TABLE poll_day_activity (
  day date NOT NULL,
  stale boolean NOT NULL DEFAULT true,
  polls integer[],
  CONSTRAINT poll_day_activity_pkey PRIMARY KEY (day),
  CONSTRAINT poll_day_activity_slots CHECK (stale OR cardinality(polls) = 288)
);

-- Each clearing moves the tables of facts into a schema of its own, which is dropped when its time is over.
CREATE TABLE cleared_data (
  cleared_id uuid NOT NULL,
  schema_name text NOT NULL,
  cleared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  -- Rows of each table, for people; large tables are estimated.
  counts jsonb NOT NULL,
  estimated boolean NOT NULL,
  -- The newest migration at that time: tables of another form are not taken back.
  migration text NOT NULL,
  CONSTRAINT cleared_data_pkey PRIMARY KEY (cleared_id),
  CONSTRAINT cleared_data_schema_name_key UNIQUE (schema_name)
);
