-- What tells how much a figure is worth: when polls stopped for all stores at once, and open time outside a store's
-- active dates.

-- Of each five minutes the first and the last poll, in microseconds after their start; 0 where there is none. So a
-- stop is known to the microsecond without reading the polls again.
ALTER TABLE poll_day_activity
  ADD COLUMN first_us integer[],
  ADD COLUMN last_us integer[],
  DROP CONSTRAINT poll_day_activity_slots;
UPDATE poll_day_activity SET stale = true;
ALTER TABLE poll_day_activity
  ADD CONSTRAINT poll_day_activity_slots CHECK (
    stale OR (polls IS NOT NULL AND cardinality(polls) = 288
              AND first_us IS NOT NULL AND cardinality(first_us) = 288
              AND last_us IS NOT NULL AND cardinality(last_us) = 288)
  );
CREATE INDEX poll_day_activity_stale ON poll_day_activity (day) WHERE stale;

ALTER TABLE report_rows
  ADD COLUMN hour_inactive_us bigint NOT NULL DEFAULT 0,
  ADD COLUMN day_inactive_us bigint NOT NULL DEFAULT 0,
  ADD COLUMN week_inactive_us bigint NOT NULL DEFAULT 0;
