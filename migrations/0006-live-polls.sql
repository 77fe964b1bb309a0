-- Polls that were answered and wait to be folded into the store-days: one row for each request or group of requests.
-- Small and written by appending alone, so that an answer never waits for a merge. Batches are folded in the order of
-- their numbers; every merge of polls folds what is there first, so that what was answered later holds.
-- Every row is deleted within seconds: vacuumed by a share of its rows, as tables are by default, it would only grow.
CREATE TABLE poll_inbox (
  batch bigint GENERATED ALWAYS AS IDENTITY,
  store_ids text[] NOT NULL,
  -- As in store_day_polls; a store and its poll stand at the same place.
  polls bigint[] NOT NULL,
  -- How many, so that the inbox can be measured without reading it.
  size integer GENERATED ALWAYS AS (cardinality(polls)) STORED,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT poll_inbox_pkey PRIMARY KEY (batch),
  CONSTRAINT poll_inbox_pairs CHECK (cardinality(store_ids) = cardinality(polls))
) WITH (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000
);
-- To compress what is read once, a second later, costs more than it saves.
ALTER TABLE poll_inbox
  ALTER COLUMN store_ids SET STORAGE EXTERNAL,
  ALTER COLUMN polls SET STORAGE EXTERNAL;

-- Live polls that a store-day had no room for (store_day_polls_bounds). They were answered, so they are not dropped;
-- and they must not keep the polls behind them from being folded.
CREATE TABLE polls_set_aside (
  store_key integer NOT NULL,
  day date NOT NULL,
  set_aside_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  polls bigint[] NOT NULL,
  CONSTRAINT polls_set_aside_pkey PRIMARY KEY (store_key, day, set_aside_at)
);
