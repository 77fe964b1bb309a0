-- Loads of files: what was asked, what became of each file, and every row that was set aside.

CREATE TABLE imports (
  import_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  source text NOT NULL,
  directory text NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  error text,
  -- The claim of the process that works on it: every write of a run carries the token, so that a run which lost
  -- its lease writes nothing. Attempts are counted before the work starts, since a crash reports nothing.
  attempts smallint NOT NULL DEFAULT 0,
  claim_token uuid,
  lease_until timestamptz,
  CONSTRAINT imports_pkey PRIMARY KEY (import_id),
  CONSTRAINT imports_status CHECK (status IN ('pending', 'running', 'completed', 'rejected', 'failed', 'cancelled')),
  CONSTRAINT imports_source CHECK (source IN ('directory', 'sample'))
);
CREATE INDEX imports_unfinished ON imports (accepted_at) WHERE status IN ('pending', 'running');

CREATE TABLE import_files (
  import_id uuid NOT NULL,
  position smallint NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  sha256 text,
  bytes bigint NOT NULL DEFAULT 0,
  bytes_read bigint NOT NULL DEFAULT 0,
  -- read = inserted + replaced + unchanged + superseded + rejected, for every file that was loaded.
  read bigint NOT NULL DEFAULT 0,
  inserted bigint NOT NULL DEFAULT 0,
  replaced bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  superseded bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  -- Oldest and newest accepted poll; null for hours and zones.
  range_start_us bigint,
  range_end_us bigint,
  -- Why the file was refused whole: a code for programs, a sentence for people.
  error_code text,
  error text,
  CONSTRAINT import_files_pkey PRIMARY KEY (import_id, position),
  CONSTRAINT import_files_import_fkey FOREIGN KEY (import_id) REFERENCES imports (import_id) ON DELETE CASCADE,
  CONSTRAINT import_files_kind CHECK (kind IN ('polls', 'hours', 'zones')),
  CONSTRAINT import_files_status CHECK (status IN ('pending', 'running', 'completed', 'rejected', 'failed'))
);

CREATE TABLE import_rejects (
  import_id uuid NOT NULL,
  position smallint NOT NULL,
  line bigint NOT NULL,
  column_name text,
  code text NOT NULL,
  detail text NOT NULL,
  raw text NOT NULL,
  suggestion text,
  CONSTRAINT import_rejects_pkey PRIMARY KEY (import_id, position, line),
  CONSTRAINT import_rejects_file_fkey FOREIGN KEY (import_id, position)
    REFERENCES import_files (import_id, position) ON DELETE CASCADE
);
