-- Polls that were answered and wait to be folded into the store-days: one row for each request or group of requests.
-- Small and written by appending alone, so that an answer never waits for a merge. Batches are folded in the order of
-- their numbers; every merge of polls folds what is there first, so that what was answered later holds.
CREATE TABLE poll_inbox (
  batch bigint GENERATED ALWAYS AS IDENTITY,
  store_ids text[] NOT NULL,
  -- As in store_day_polls; a store and its poll stand at the same place.
  polls bigint[] NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT poll_inbox_pkey PRIMARY KEY (batch),
  CONSTRAINT poll_inbox_pairs CHECK (cardinality(store_ids) = cardinality(polls))
);
