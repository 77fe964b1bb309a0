-- What of the facts has changed since a report was made; and answers that are given again to a request sent again.

-- Counts the transactions that changed facts. Their lock lets one at a time through, so whatever changed later has the
-- higher number. Stays when the facts are cleared: no number is ever given twice.
CREATE TABLE fact_clock (
  id smallint NOT NULL DEFAULT 1,
  version bigint NOT NULL,
  CONSTRAINT fact_clock_pkey PRIMARY KEY (id),
  CONSTRAINT fact_clock_one CHECK (id = 1)
);

-- Number of the change that touched last … `calendar`: stores that were made, their zones, hours, exceptions and active
-- dates; `era`: what no day tells, a clearing or old polls that were dropped. No row: not since this table was made.
CREATE TABLE fact_versions (
  fact text NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT fact_versions_pkey PRIMARY KEY (fact),
  CONSTRAINT fact_versions_fact CHECK (fact IN ('calendar', 'era'))
);

-- … and the polls of each UTC day.
CREATE TABLE poll_day_versions (
  day date NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT poll_day_versions_pkey PRIMARY KEY (day)
);

-- One row for each `Idempotency-Key` of the last 24 hours.
CREATE TABLE idempotency_keys (
  -- Method and route, such as `POST /api/v1/reports/:id/cancel`.
  scope text NOT NULL,
  key text NOT NULL,
  -- SHA-256 of what was sent. Null: the body is still coming in.
  fingerprint text,
  -- Of the answer; null while the first request is at work, whose process holds the row by a lease.
  status smallint,
  headers jsonb,
  body text,
  token uuid NOT NULL,
  lease_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
