-- What movements mean by the layout in force: worked out from movement_events track by track, replaced whole for what late
-- events touch, and kept when the events' own time is over. A track is one number of one camera for one person; it may
-- be used again later. Instants are microseconds since 1970.

CREATE TABLE movement_sessions (
  store_key integer NOT NULL,
  track_id bigint NOT NULL,
  camera_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  started_us bigint NOT NULL,
  ended_us bigint NOT NULL,
  -- Instants at which the person was seen.
  observations integer NOT NULL,
  -- In force at its start; 0: none was.
  revision integer NOT NULL,
  CONSTRAINT movement_sessions_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, started_us),
  CONSTRAINT movement_sessions_order CHECK (started_us <= ended_us)
);
CREATE INDEX movement_sessions_by_time ON movement_sessions (store_key, started_us);
CREATE INDEX movement_sessions_by_user ON movement_sessions (user_id);

CREATE TABLE zone_visits (
  store_key integer NOT NULL,
  track_id bigint NOT NULL,
  camera_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  zone_key text COLLATE "C" NOT NULL,
  -- The first and the last time that the person was seen inside.
  enter_us bigint NOT NULL,
  exit_us bigint NOT NULL,
  revision integer NOT NULL,
  CONSTRAINT zone_visits_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, enter_us, zone_key),
  CONSTRAINT zone_visits_order CHECK (enter_us <= exit_us)
);
CREATE INDEX zone_visits_by_time ON zone_visits (store_key, enter_us);
CREATE INDEX zone_visits_by_user ON zone_visits (user_id);

CREATE TABLE line_crossings (
  store_key integer NOT NULL,
  track_id bigint NOT NULL,
  camera_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  line_key text COLLATE "C" NOT NULL,
  -- When the person was first seen on the other side.
  at_us bigint NOT NULL,
  -- From the right of the line to its left.
  is_entry boolean NOT NULL,
  revision integer NOT NULL,
  CONSTRAINT line_crossings_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, at_us, line_key)
);
CREATE INDEX line_crossings_by_time ON line_crossings (store_key, at_us);
CREATE INDEX line_crossings_by_user ON line_crossings (user_id);

-- What a session left in each quarter of an hour of UTC, counted from 1970: heat, and what presence is counted from.
CREATE TABLE session_heat (
  store_key integer NOT NULL,
  track_id bigint NOT NULL,
  camera_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  started_us bigint NOT NULL,
  quarter integer NOT NULL,
  -- 0: the person's last known place held on into it.
  observations integer NOT NULL,
  -- Some observation in it is a sign that the store is open.
  evidence boolean NOT NULL,
  -- Six bytes for each cell of a grid of 64 by 64 over the plan: its number (2), row by row from the upper left corner,
  -- and the microseconds in it (4), both with the high byte first.
  cells bytea NOT NULL,
  CONSTRAINT session_heat_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, started_us, quarter)
);
CREATE INDEX session_heat_by_quarter ON session_heat (store_key, quarter);
CREATE INDEX session_heat_by_user ON session_heat (user_id);

-- Who was there at all, by quarter of an hour of UTC.
CREATE TABLE store_presence (
  store_key integer NOT NULL,
  -- Counted from 1970.
  quarter integer NOT NULL,
  -- Different people whose being there is a sign that the store is open.
  people integer NOT NULL,
  -- Different people.
  anybody integer NOT NULL,
  -- Those that sent anything; '' stands for events that name none.
  cameras text[] NOT NULL,
  CONSTRAINT store_presence_pkey PRIMARY KEY (store_key, quarter)
);
