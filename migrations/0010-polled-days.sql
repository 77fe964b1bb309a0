-- Days whose polls were loaded before days were counted: without a row here they would be taken for days without polls.
INSERT INTO poll_day_activity (day)
SELECT DISTINCT day FROM store_day_polls ON CONFLICT ON CONSTRAINT poll_day_activity_pkey DO NOTHING;
