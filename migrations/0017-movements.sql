-- What cameras saw: one row for each event that was accepted, in partitions by UTC day, which are dropped when their time
-- is over. Key 0 stands for events of a name that no store has; `unmapped_name` says which, folded, and is null for all others.
-- The unique key leads with the store, for reading a store by time. It keeps nobody from storing an event again at another
-- instant; that is what movement_event_ids is for.
CREATE TABLE movement_events (
  store_key integer NOT NULL,
  -- When it was seen, microseconds since 1970.
  at_us bigint NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  -- A hash, unless hashing is off.
  user_id text COLLATE "C" NOT NULL,
  track_id bigint NOT NULL,
  -- Empty: not said.
  camera_id text COLLATE "C" NOT NULL,
  -- Four numbers as they were given, in the unit and order of the format.
  bbox double precision[] NOT NULL,
  bbox_format text NOT NULL,
  -- Size of the camera's image in pixels.
  frame_w integer,
  frame_h integer,
  state text NOT NULL,
  -- As the client named it.
  store_name text NOT NULL,
  unmapped_name text COLLATE "C",
  confidence real,
  role text,
  received_us bigint NOT NULL,
  CONSTRAINT movement_events_key UNIQUE NULLS NOT DISTINCT (store_key, at_us, event_id, unmapped_name),
  CONSTRAINT movement_events_bbox CHECK (cardinality(bbox) = 4),
  CONSTRAINT movement_events_unmapped CHECK ((store_key = 0) = (unmapped_name IS NOT NULL))
) PARTITION BY RANGE (at_us);

-- Newest first over all stores, of a person, and of a camera. Nearly every event is newer than all before, so the pages
-- that are written are always the same few. A camera that was not named is not looked for.
CREATE INDEX movement_events_by_time ON movement_events (at_us);
CREATE INDEX movement_events_by_user ON movement_events (user_id, at_us);
CREATE INDEX movement_events_by_camera ON movement_events (camera_id, at_us) WHERE camera_id <> '';
-- What a name has, for whoever links it.
CREATE INDEX movement_events_unmapped ON movement_events (unmapped_name, at_us) WHERE store_key = 0;

-- Which events a store has, as long as one may come again. A partitioned table can't hold them to be unique without
-- their instant. The digest tells a repetition from another event under the same id.
CREATE TABLE movement_event_ids (
  store_key integer NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  unmapped_name text COLLATE "C",
  digest integer NOT NULL,
  -- When it was stored, by the clock of the database.
  seen_us bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
  CONSTRAINT movement_event_ids_key UNIQUE NULLS NOT DISTINCT (store_key, event_id, unmapped_name),
  CONSTRAINT movement_event_ids_unmapped CHECK ((store_key = 0) = (unmapped_name IS NOT NULL))
);
CREATE INDEX movement_event_ids_by_age ON movement_event_ids (seen_us);

-- What was accepted and can't be stored, with its reason, until somebody replays or removes it. What can't be stored
-- may well be what no column but a text can hold, so it is kept as text. Kept once, however often its batch is tried.
CREATE TABLE movement_dead_letters (
  dead_letter bigint GENERATED ALWAYS AS IDENTITY,
  reason text NOT NULL,
  -- A sentence for people.
  detail text NOT NULL,
  -- The event as JSON, or the first 4 KB of what could not be read as one.
  content text NOT NULL,
  readable boolean NOT NULL,
  event_id text COLLATE "C",
  store_name text,
  user_id text COLLATE "C",
  kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT movement_dead_letters_pkey PRIMARY KEY (dead_letter)
);
CREATE UNIQUE INDEX movement_dead_letters_once ON movement_dead_letters (reason, md5(content));
CREATE INDEX movement_dead_letters_by_user ON movement_dead_letters (user_id);

-- Which tracks have events that no figure knows yet, and from when to when: a row for each track of a batch, written
-- with its events and deleted by whoever works the figures out. Every row is deleted within seconds: vacuumed by a
-- share of its rows, as tables are by default, it would only grow.
CREATE TABLE movement_touched (
  touched bigint GENERATED ALWAYS AS IDENTITY,
  store_key integer NOT NULL,
  camera_id text COLLATE "C" NOT NULL,
  track_id bigint NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  -- Both are instants of events.
  from_us bigint NOT NULL,
  to_us bigint NOT NULL,
  CONSTRAINT movement_touched_pkey PRIMARY KEY (touched),
  CONSTRAINT movement_touched_order CHECK (from_us <= to_us)
) WITH (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1
);

CREATE INDEX movement_touched_by_store ON movement_touched (store_key);

-- For people and for SQL.
CREATE VIEW movement_logs AS
SELECT e.event_id,
       s.store_id,
       e.store_name AS store,
       e.user_id,
       e.track_id,
       e.camera_id,
       e.bbox,
       e.bbox_format,
       e.state,
       e.confidence,
       e.role,
       timestamptz 'epoch' + e.at_us * interval '1 microsecond' AS timestamp_utc,
       timestamptz 'epoch' + e.received_us * interval '1 microsecond' AS received_at
FROM movement_events AS e
LEFT JOIN stores AS s ON s.store_key = e.store_key;
