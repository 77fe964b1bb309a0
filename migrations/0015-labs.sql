-- The same data under several option sets, side by side.

CREATE TABLE labs (
  lab_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  -- What the caller asked for; null: the newest poll that is known when the comparison starts.
  requested_as_of_us bigint,
  -- Frozen when its first attempt starts, so that the next one compares the same.
  as_of_us bigint,
  -- [{name, windows, unobserved, estimator}], in the caller's order.
  sets jsonb NOT NULL,
  include_unpolled boolean NOT NULL DEFAULT false,
  store_ids text[],
  default_zone text NOT NULL,
  done integer NOT NULL DEFAULT 0,
  total integer,
  -- As the interface shows it; text, so that its members keep their order.
  result json,
  error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  attempts smallint NOT NULL DEFAULT 0,
  claim_token uuid,
  lease_until timestamptz,
  CONSTRAINT labs_pkey PRIMARY KEY (lab_id),
  CONSTRAINT labs_status CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled'))
);
CREATE INDEX labs_unfinished ON labs (created_at) WHERE status IN ('pending', 'running');
