-- What all shards of a report share, and what its metadata tell beside their sums. Null until it is planned.
ALTER TABLE reports ADD COLUMN plan jsonb;

-- A worker takes the first shard of a run that waits.
CREATE INDEX report_shards_by_run ON report_shards (run, position);
