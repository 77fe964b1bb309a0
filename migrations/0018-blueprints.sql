-- Layouts under a name, and the mapping that holds for each store.

CREATE TABLE blueprints (
  blueprint_id uuid NOT NULL,
  name text NOT NULL,
  -- As names are compared: without regard to case.
  folded_name text COLLATE "C" NOT NULL,
  description text,
  is_active boolean NOT NULL,
  -- The newest of its versions, counted from 1.
  version integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- It is listed and applied no more; its versions stay readable, and its name is free again.
  archived_at timestamptz,
  CONSTRAINT blueprints_pkey PRIMARY KEY (blueprint_id)
);
CREATE UNIQUE INDEX blueprints_name ON blueprints (folded_name) WHERE archived_at IS NULL;

-- What a blueprint was like. No row ever changes: mappings that were made of a version are compared with it.
CREATE TABLE blueprint_versions (
  blueprint_id uuid NOT NULL,
  version integer NOT NULL,
  name text NOT NULL,
  description text,
  is_active boolean NOT NULL,
  -- {zones, lines, cameras, data}; data holds the members that nobody here knows, as they were given.
  content jsonb NOT NULL,
  -- SHA-256 of the content, whatever the order of its members.
  content_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT blueprint_versions_pkey PRIMARY KEY (blueprint_id, version)
);

-- What held for a store, from when on. Rows are only ever added, and what they say never changes; in force at an instant is the greatest revision that
-- is effective by then and was not withdrawn. Key 0 is the mapping of clients that name no store, as long as no store is called `default`.
CREATE TABLE store_mapping_revisions (
  store_key integer NOT NULL,
  -- Counted from 1 within the store.
  revision integer NOT NULL,
  -- Microseconds since 1970; never before that of the revision before, withdrawn ones aside.
  effective_from_us bigint NOT NULL,
  content jsonb NOT NULL,
  content_hash text NOT NULL,
  -- Where it comes from: a blueprint, an edit by hand, or an earlier revision.
  action text NOT NULL,
  -- The version last applied, also of revisions made by hand since: what a merge compares with. Set anew where an apply
  -- has found the content to be there already.
  blueprint_id uuid,
  blueprint_version integer,
  -- The revision that a rollback took up again.
  rolled_back_to integer,
  -- Whether figures may have been worked out without it, since it was effective before it was there, or with it,
  -- since it was withdrawn. Set back by whoever works them out again.
  takes_up_past boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- It was planned, and will never hold: only its number is still taken. Null: it holds in its time.
  withdrawn_at timestamptz,
  CONSTRAINT store_mapping_revisions_pkey PRIMARY KEY (store_key, revision),
  CONSTRAINT store_mapping_revisions_action CHECK (action IN ('apply', 'rollback', 'replace')),
  CONSTRAINT store_mapping_revisions_blueprint CHECK ((blueprint_id IS NULL) = (blueprint_version IS NULL)),
  CONSTRAINT store_mapping_revisions_rollback CHECK ((action = 'rollback') = (rolled_back_to IS NOT NULL))
);
CREATE INDEX store_mapping_revisions_past ON store_mapping_revisions (store_key, revision) WHERE takes_up_past;

-- A blueprint on its way to many stores.
CREATE TABLE blueprint_rollouts (
  rollout_id uuid NOT NULL,
  blueprint_id uuid NOT NULL,
  version integer NOT NULL,
  mode text NOT NULL,
  on_conflict text NOT NULL,
  dry_run boolean NOT NULL,
  -- Null: when its store's turn comes.
  effective_from_us bigint,
  status text NOT NULL DEFAULT 'pending',
  total integer NOT NULL,
  error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz,
  attempts smallint NOT NULL DEFAULT 0,
  claim_token uuid,
  lease_until timestamptz,
  CONSTRAINT blueprint_rollouts_pkey PRIMARY KEY (rollout_id),
  CONSTRAINT blueprint_rollouts_status CHECK (status IN ('pending', 'running', 'completed', 'failed'))
);
CREATE INDEX blueprint_rollouts_unfinished ON blueprint_rollouts (created_at) WHERE status IN ('pending', 'running');

-- What became of it in each of them; written with the revision that it tells of.
CREATE TABLE blueprint_rollout_stores (
  rollout_id uuid NOT NULL,
  -- In the order in which the stores were named.
  position integer NOT NULL,
  -- Null: no store has the name.
  store_key integer,
  -- As it was named.
  named text NOT NULL,
  store_id text COLLATE "C",
  status text NOT NULL,
  -- As the interface shows them: what was added and the like, or the problem.
  result jsonb,
  CONSTRAINT blueprint_rollout_stores_pkey PRIMARY KEY (rollout_id, position),
  CONSTRAINT blueprint_rollout_stores_rollout FOREIGN KEY (rollout_id) REFERENCES blueprint_rollouts (rollout_id) ON DELETE CASCADE,
  CONSTRAINT blueprint_rollout_stores_status CHECK (status IN ('pending', 'applied', 'unchanged', 'failed'))
);
