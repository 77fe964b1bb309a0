-- A report is computed in shards, by as many workers as there are, and may be answered from an earlier one.

ALTER TABLE reports
  ADD COLUMN reused_from uuid,
  -- Whose rows and files these are: its own, or those of the report that it was answered from.
  ADD COLUMN result_id uuid GENERATED ALWAYS AS (coalesce(reused_from, report_id)) STORED NOT NULL,
  -- Compute although nothing has changed.
  ADD COLUMN force boolean NOT NULL DEFAULT false,
  -- Equal for requests that would be the same report: those at the same time become one.
  ADD COLUMN request_key text,
  -- Hash of everything that the rows follow from. Equal keys, equal rows.
  ADD COLUMN result_key text,
  -- How far the facts had come in the snapshot.
  ADD COLUMN watermark text,
  -- The snapshot that the run of `claim_token` has exported for its shards; good while that run lives.
  ADD COLUMN snapshot text;
CREATE UNIQUE INDEX reports_same_request ON reports (request_key) WHERE status IN ('pending', 'running');
CREATE INDEX reports_by_result_key ON reports (result_key) WHERE status = 'completed';
CREATE INDEX reports_by_result ON reports (result_id);

-- A piece of a report: some of its stores. Gone when the report has completed; one that failed keeps its own for a retry.
CREATE TABLE report_shards (
  shard_id uuid NOT NULL,
  report_id uuid NOT NULL,
  -- The report's claim under which it was planned. With another run its snapshot is gone, and so is its worth.
  run uuid NOT NULL,
  position integer NOT NULL,
  from_key integer NOT NULL,
  to_key integer NOT NULL,
  -- Null: all between the two.
  keys integer[],
  stores integer NOT NULL,
  done integer NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'pending',
  -- Sums over its stores, for the metadata.
  result jsonb,
  error text,
  started_at timestamptz,
  completed_at timestamptz,
  attempts smallint NOT NULL DEFAULT 0,
  claim_token uuid,
  lease_until timestamptz,
  CONSTRAINT report_shards_pkey PRIMARY KEY (shard_id),
  CONSTRAINT report_shards_position UNIQUE (report_id, run, position),
  CONSTRAINT report_shards_report_fkey FOREIGN KEY (report_id) REFERENCES reports (report_id) ON DELETE CASCADE,
  CONSTRAINT report_shards_status CHECK (status IN ('pending', 'running', 'completed', 'failed'))
);

-- The zone in force at as-of; null in reports from before it was kept.
ALTER TABLE report_rows ADD COLUMN zone text;
