-- What people say of a store beyond the files: what it is called, when it does business, and from which date on
-- something else holds. A business day takes what held on its date.

ALTER TABLE stores
  ADD COLUMN name text,
  -- Other names under which cameras and people know it; resolved without regard to case.
  ADD COLUMN aliases text[] NOT NULL DEFAULT '{}',
  -- Name and aliases as they are compared: folded by the program, since what the database takes for the same letter
  -- depends on the locale that it was made with.
  ADD COLUMN folded_name text,
  ADD COLUMN folded_aliases text[] NOT NULL DEFAULT '{}',
  -- First and last local date of business; null: no bound. Open time outside them is excluded and told.
  ADD COLUMN active_from date,
  ADD COLUMN active_until date,
  ADD COLUMN archived_at timestamptz,
  -- Whether `zone` came from a file or from a person; null where there is none and the default applies.
  ADD COLUMN zone_source text,
  ADD CONSTRAINT stores_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
  -- A store that was archived before it opened has no date of business at all.
  ADD CONSTRAINT stores_active_dates CHECK (active_from <= active_until OR archived_at IS NOT NULL),
  ADD CONSTRAINT stores_zone_source CHECK (zone_source IN ('file', 'edited'));
UPDATE stores SET zone_source = 'file' WHERE zone IS NOT NULL;

-- Lists go by store_id from where the page before ended. Without these, a filter that few of a million stores pass
-- would read them all.
CREATE INDEX stores_by_zone ON stores (zone, store_id);
CREATE INDEX stores_named ON stores (store_id) WHERE folded_name IS NOT NULL OR folded_aliases <> '{}';
CREATE INDEX stores_dated ON stores (store_id) WHERE active_from IS NOT NULL OR active_until IS NOT NULL;
CREATE INDEX stores_archived ON stores (store_id) WHERE archived_at IS NOT NULL;
-- What a report asks for every few thousand stores: those that have such dates.
CREATE INDEX stores_dated_keys ON stores (store_key) WHERE active_from IS NOT NULL OR active_until IS NOT NULL;
-- Who has a name or an alias already.
CREATE INDEX stores_folded_name ON stores (folded_name) WHERE folded_name IS NOT NULL;
CREATE INDEX stores_folded_aliases ON stores USING gin (folded_aliases) WHERE folded_aliases <> '{}';

-- From 00:00 of the date on, by the zone that held before, the store's clocks show this zone. `stores.zone` holds
-- before the first change. A file's zone holds for all time and removes a store's changes.
CREATE TABLE store_zone_changes (
  store_key integer NOT NULL,
  effective_from date NOT NULL,
  zone text NOT NULL,
  CONSTRAINT store_zone_changes_pkey PRIMARY KEY (store_key, effective_from),
  CONSTRAINT store_zone_changes_store_fkey FOREIGN KEY (store_key) REFERENCES stores (store_key)
);

-- Weekly windows of the business days from the date on, as in business_hours, which holds before the first change;
-- null: open around the clock. A file's hours hold for all time and remove a store's changes.
CREATE TABLE store_hours_changes (
  store_key integer NOT NULL,
  effective_from date NOT NULL,
  windows integer[],
  CONSTRAINT store_hours_changes_pkey PRIMARY KEY (store_key, effective_from),
  CONSTRAINT store_hours_changes_store_fkey FOREIGN KEY (store_key) REFERENCES stores (store_key),
  CONSTRAINT store_hours_changes_triples CHECK (cardinality(windows) > 0 AND cardinality(windows) % 3 = 0)
);

-- Windows of one date in place of the weekly ones, as (start, end) pairs in seconds after midnight; empty: closed.
CREATE TABLE store_exceptions (
  store_key integer NOT NULL,
  date date NOT NULL,
  windows integer[] NOT NULL,
  CONSTRAINT store_exceptions_pkey PRIMARY KEY (store_key, date),
  CONSTRAINT store_exceptions_store_fkey FOREIGN KEY (store_key) REFERENCES stores (store_key),
  CONSTRAINT store_exceptions_pairs CHECK (cardinality(windows) % 2 = 0)
);

-- When a person last changed what files say too: a file that was loaded before then would say something else again.
CREATE TABLE last_store_edit (
  only_one boolean NOT NULL DEFAULT true,
  edited_at timestamptz NOT NULL,
  CONSTRAINT last_store_edit_pkey PRIMARY KEY (only_one),
  CONSTRAINT last_store_edit_only_one CHECK (only_one)
);
