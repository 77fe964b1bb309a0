-- Hours, polls and people laid side by side. Of a report only the stores that have cameras are here: of the last week, how
-- long each verdict held. Beside report_rows, which hold all stores and stay as they are.
CREATE TABLE report_evidence (
  store_key integer NOT NULL,
  -- Of the result, as in report_rows.
  report_id uuid NOT NULL,
  tech_outage_suspected_us bigint NOT NULL,
  closed_unexpectedly_us bigint NOT NULL,
  ghost_open_us bigint NOT NULL,
  monitoring_gap_us bigint NOT NULL,
  after_hours_people_us bigint NOT NULL,
  sensor_silent_us bigint NOT NULL,
  CONSTRAINT report_evidence_pkey PRIMARY KEY (report_id, store_key)
);

-- How often presence of a UTC day, counted from 1970, was written: what the evidence of a report follows from.
CREATE TABLE presence_versions (
  day integer NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT presence_versions_pkey PRIMARY KEY (day)
);
