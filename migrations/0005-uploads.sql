-- Files that come by upload, files that were loaded before, and rejects that can be sent again.

ALTER TABLE imports
  -- Load files although the same bytes were loaded before.
  ADD COLUMN force boolean NOT NULL DEFAULT false,
  -- Bounds above which a file is refused whole; null: the configured ones.
  ADD COLUMN reject_limit_share double precision,
  ADD COLUMN reject_limit_rows integer,
  DROP CONSTRAINT imports_source,
  ADD CONSTRAINT imports_source CHECK (source IN ('directory', 'sample', 'upload')),
  ADD CONSTRAINT imports_reject_limit CHECK (reject_limit_share BETWEEN 0 AND 1 AND reject_limit_rows > 0);

ALTER TABLE import_files
  -- Where the bytes lie below the import's directory; null: under `name`. An uploaded file's name is never a path.
  ADD COLUMN path text,
  -- The import that loaded the same bytes as the same kind before; this file was not loaded again.
  ADD COLUMN duplicate_of uuid,
  -- The first line and what separates its cells, so that rejects can be written as a file of the same form.
  ADD COLUMN header text,
  ADD COLUMN delimiter text,
  -- When the reading began, when the merge began to wait or to work, and when the file was done with.
  ADD COLUMN started_at timestamptz,
  ADD COLUMN merging_at timestamptz,
  ADD COLUMN completed_at timestamptz,
  DROP CONSTRAINT import_files_kind,
  ADD CONSTRAINT import_files_kind CHECK (kind IN ('polls', 'hours', 'zones', 'exceptions')),
  DROP CONSTRAINT import_files_status,
  ADD CONSTRAINT import_files_status
    CHECK (status IN ('pending', 'running', 'completed', 'rejected', 'failed', 'cancelled', 'duplicate'));
CREATE INDEX import_files_content ON import_files (sha256, kind) WHERE status = 'completed';
