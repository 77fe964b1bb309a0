-- Rejects that can be taken away, mended and sent again.

ALTER TABLE import_rejects
  -- `raw` is not the whole row: it was longer than what is kept.
  ADD COLUMN truncated boolean NOT NULL DEFAULT false;
-- They are few, and counted before a file of rejects is sent.
CREATE INDEX import_rejects_truncated ON import_rejects (import_id, position) WHERE truncated;
