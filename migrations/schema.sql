--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: blueprint_rollout_stores; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.blueprint_rollout_stores (
    rollout_id uuid NOT NULL,
    "position" integer NOT NULL,
    store_key integer,
    named text NOT NULL,
    store_id text COLLATE pg_catalog."C",
    status text NOT NULL,
    result jsonb,
    CONSTRAINT blueprint_rollout_stores_status CHECK ((status = ANY (ARRAY['pending'::text, 'applied'::text, 'unchanged'::text, 'failed'::text])))
);

--
-- Name: blueprint_rollouts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.blueprint_rollouts (
    rollout_id uuid NOT NULL,
    blueprint_id uuid NOT NULL,
    version integer NOT NULL,
    mode text NOT NULL,
    on_conflict text NOT NULL,
    dry_run boolean NOT NULL,
    effective_from_us bigint,
    status text DEFAULT 'pending'::text NOT NULL,
    total integer NOT NULL,
    error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    claim_token uuid,
    lease_until timestamp with time zone,
    CONSTRAINT blueprint_rollouts_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text])))
);

--
-- Name: blueprint_versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.blueprint_versions (
    blueprint_id uuid NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    description text,
    is_active boolean NOT NULL,
    content jsonb NOT NULL,
    content_hash text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: blueprints; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.blueprints (
    blueprint_id uuid NOT NULL,
    name text NOT NULL,
    folded_name text NOT NULL COLLATE pg_catalog."C",
    description text,
    is_active boolean NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_at timestamp with time zone
);

--
-- Name: business_hours; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.business_hours (
    store_key integer NOT NULL,
    windows integer[] NOT NULL,
    CONSTRAINT business_hours_triples CHECK (((cardinality(windows) > 0) AND ((cardinality(windows) % 3) = 0)))
);

--
-- Name: cleared_data; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.cleared_data (
    cleared_id uuid NOT NULL,
    schema_name text NOT NULL,
    cleared_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    counts jsonb NOT NULL,
    estimated boolean NOT NULL,
    migration text NOT NULL
);

--
-- Name: fact_clock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.fact_clock (
    id smallint DEFAULT 1 NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT fact_clock_one CHECK ((id = 1))
);

--
-- Name: fact_versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.fact_versions (
    fact text NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT fact_versions_fact CHECK ((fact = ANY (ARRAY['calendar'::text, 'era'::text])))
);

--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint text,
    status smallint,
    headers jsonb,
    body text,
    token uuid NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: import_files; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.import_files (
    import_id uuid NOT NULL,
    "position" smallint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    sha256 text,
    bytes bigint DEFAULT 0 NOT NULL,
    bytes_read bigint DEFAULT 0 NOT NULL,
    read bigint DEFAULT 0 NOT NULL,
    inserted bigint DEFAULT 0 NOT NULL,
    replaced bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    superseded bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    range_start_us bigint,
    range_end_us bigint,
    error_code text,
    error text,
    path text,
    duplicate_of uuid,
    header text,
    delimiter text,
    started_at timestamp with time zone,
    merging_at timestamp with time zone,
    completed_at timestamp with time zone,
    CONSTRAINT import_files_kind CHECK ((kind = ANY (ARRAY['polls'::text, 'hours'::text, 'zones'::text, 'exceptions'::text]))),
    CONSTRAINT import_files_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'rejected'::text, 'failed'::text, 'cancelled'::text, 'duplicate'::text])))
);

--
-- Name: import_rejects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.import_rejects (
    import_id uuid NOT NULL,
    "position" smallint NOT NULL,
    line bigint NOT NULL,
    column_name text,
    code text NOT NULL,
    detail text NOT NULL,
    raw text NOT NULL,
    suggestion text,
    truncated boolean DEFAULT false NOT NULL
);

--
-- Name: imports; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.imports (
    import_id uuid NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    source text NOT NULL,
    directory text NOT NULL,
    accepted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    error text,
    attempts smallint DEFAULT 0 NOT NULL,
    claim_token uuid,
    lease_until timestamp with time zone,
    force boolean DEFAULT false NOT NULL,
    reject_limit_share double precision,
    reject_limit_rows integer,
    CONSTRAINT imports_reject_limit CHECK ((((reject_limit_share >= (0)::double precision) AND (reject_limit_share <= (1)::double precision)) AND (reject_limit_rows > 0))),
    CONSTRAINT imports_source CHECK ((source = ANY (ARRAY['directory'::text, 'sample'::text, 'upload'::text]))),
    CONSTRAINT imports_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'rejected'::text, 'failed'::text, 'cancelled'::text])))
);

--
-- Name: labs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.labs (
    lab_id uuid NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    requested_as_of_us bigint,
    as_of_us bigint,
    sets jsonb NOT NULL,
    include_unpolled boolean DEFAULT false NOT NULL,
    store_ids text[],
    default_zone text NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    total integer,
    result json,
    error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    claim_token uuid,
    lease_until timestamp with time zone,
    CONSTRAINT labs_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
);

--
-- Name: last_store_edit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.last_store_edit (
    only_one boolean DEFAULT true NOT NULL,
    edited_at timestamp with time zone NOT NULL,
    CONSTRAINT last_store_edit_only_one CHECK (only_one)
);

--
-- Name: line_crossings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.line_crossings (
    store_key integer NOT NULL,
    track_id bigint NOT NULL,
    camera_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    line_key text NOT NULL COLLATE pg_catalog."C",
    at_us bigint NOT NULL,
    is_entry boolean NOT NULL,
    revision integer NOT NULL
);

--
-- Name: stores; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stores (
    store_key integer NOT NULL,
    store_id text NOT NULL COLLATE pg_catalog."C",
    zone text,
    hours_rejected boolean DEFAULT false NOT NULL,
    first_poll_us bigint,
    last_poll_us bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    name text,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    folded_name text,
    folded_aliases text[] DEFAULT '{}'::text[] NOT NULL,
    active_from date,
    active_until date,
    archived_at timestamp with time zone,
    zone_source text,
    CONSTRAINT stores_active_dates CHECK (((active_from <= active_until) OR (archived_at IS NOT NULL))),
    CONSTRAINT stores_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
    CONSTRAINT stores_store_id_length CHECK (((char_length(store_id) >= 1) AND (char_length(store_id) <= 64))),
    CONSTRAINT stores_zone_source CHECK ((zone_source = ANY (ARRAY['file'::text, 'edited'::text])))
);

--
-- Name: menu_hours; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.menu_hours AS
 SELECT s.store_id,
    h.windows[((3 * w.n) - 2)] AS day,
    make_interval(secs => (h.windows[((3 * w.n) - 1)])::double precision) AS start_time_local,
    make_interval(secs => (h.windows[(3 * w.n)])::double precision) AS end_time_local
   FROM ((public.business_hours h
     JOIN public.stores s ON ((s.store_key = h.store_key)))
     CROSS JOIN LATERAL generate_series(1, (cardinality(h.windows) / 3)) w(n));

--
-- Name: movement_dead_letters; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.movement_dead_letters (
    dead_letter bigint NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    content text NOT NULL,
    readable boolean NOT NULL,
    event_id text COLLATE pg_catalog."C",
    store_name text,
    user_id text COLLATE pg_catalog."C",
    kept_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: movement_dead_letters_dead_letter_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.movement_dead_letters ALTER COLUMN dead_letter ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.movement_dead_letters_dead_letter_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: movement_event_ids; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.movement_event_ids (
    store_key integer NOT NULL,
    event_id text NOT NULL COLLATE pg_catalog."C",
    unmapped_name text COLLATE pg_catalog."C",
    digest integer NOT NULL,
    seen_us bigint DEFAULT ((EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric))::bigint NOT NULL,
    CONSTRAINT movement_event_ids_unmapped CHECK (((store_key = 0) = (unmapped_name IS NOT NULL)))
);

--
-- Name: movement_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.movement_events (
    store_key integer NOT NULL,
    at_us bigint NOT NULL,
    event_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    track_id bigint NOT NULL,
    camera_id text NOT NULL COLLATE pg_catalog."C",
    bbox double precision[] NOT NULL,
    bbox_format text NOT NULL,
    frame_w integer,
    frame_h integer,
    state text NOT NULL,
    store_name text NOT NULL,
    unmapped_name text COLLATE pg_catalog."C",
    confidence real,
    role text,
    received_us bigint NOT NULL,
    CONSTRAINT movement_events_bbox CHECK ((cardinality(bbox) = 4)),
    CONSTRAINT movement_events_unmapped CHECK (((store_key = 0) = (unmapped_name IS NOT NULL)))
)
PARTITION BY RANGE (at_us);

--
-- Name: movement_logs; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.movement_logs AS
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
    ('1970-01-01 00:00:00+00'::timestamp with time zone + ((e.at_us)::double precision * '00:00:00.000001'::interval)) AS timestamp_utc,
    ('1970-01-01 00:00:00+00'::timestamp with time zone + ((e.received_us)::double precision * '00:00:00.000001'::interval)) AS received_at
   FROM (public.movement_events e
     LEFT JOIN public.stores s ON ((s.store_key = e.store_key)));

--
-- Name: movement_sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.movement_sessions (
    store_key integer NOT NULL,
    track_id bigint NOT NULL,
    camera_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    started_us bigint NOT NULL,
    ended_us bigint NOT NULL,
    observations integer NOT NULL,
    revision integer NOT NULL,
    CONSTRAINT movement_sessions_order CHECK ((started_us <= ended_us))
);

--
-- Name: movement_touched; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.movement_touched (
    touched bigint NOT NULL,
    store_key integer NOT NULL,
    camera_id text NOT NULL COLLATE pg_catalog."C",
    track_id bigint NOT NULL,
    user_id text NOT NULL COLLATE pg_catalog."C",
    from_us bigint NOT NULL,
    to_us bigint NOT NULL,
    CONSTRAINT movement_touched_order CHECK ((from_us <= to_us))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_insert_threshold='-1');

--
-- Name: movement_touched_touched_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.movement_touched ALTER COLUMN touched ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.movement_touched_touched_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: poll_day_activity; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.poll_day_activity (
    day date NOT NULL,
    stale boolean DEFAULT true NOT NULL,
    polls integer[],
    first_us integer[],
    last_us integer[],
    CONSTRAINT poll_day_activity_slots CHECK ((stale OR ((polls IS NOT NULL) AND (cardinality(polls) = 288) AND (first_us IS NOT NULL) AND (cardinality(first_us) = 288) AND (last_us IS NOT NULL) AND (cardinality(last_us) = 288))))
);

--
-- Name: poll_day_versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.poll_day_versions (
    day date NOT NULL,
    version bigint NOT NULL
);

--
-- Name: poll_inbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.poll_inbox (
    batch bigint NOT NULL,
    store_ids text[] NOT NULL,
    polls bigint[] NOT NULL,
    size integer GENERATED ALWAYS AS (cardinality(polls)) STORED,
    accepted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT poll_inbox_pairs CHECK ((cardinality(store_ids) = cardinality(polls)))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_insert_threshold='-1', toast.autovacuum_vacuum_scale_factor='0', toast.autovacuum_vacuum_threshold='20000');
ALTER TABLE ONLY public.poll_inbox ALTER COLUMN store_ids SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.poll_inbox ALTER COLUMN polls SET STORAGE EXTERNAL;

--
-- Name: poll_inbox_batch_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.poll_inbox ALTER COLUMN batch ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.poll_inbox_batch_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: polls_set_aside; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.polls_set_aside (
    store_key integer NOT NULL,
    day date NOT NULL,
    set_aside_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    polls bigint[] NOT NULL
);

--
-- Name: presence_versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.presence_versions (
    day integer NOT NULL,
    version bigint NOT NULL
);

--
-- Name: removed_results; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.removed_results (
    result_id uuid NOT NULL,
    removed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: report_evidence; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.report_evidence (
    store_key integer NOT NULL,
    report_id uuid NOT NULL,
    tech_outage_suspected_us bigint NOT NULL,
    closed_unexpectedly_us bigint NOT NULL,
    ghost_open_us bigint NOT NULL,
    monitoring_gap_us bigint NOT NULL,
    after_hours_people_us bigint NOT NULL,
    sensor_silent_us bigint NOT NULL
);

--
-- Name: report_files; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.report_files (
    report_id uuid NOT NULL,
    variant text NOT NULL,
    path text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT report_files_variant CHECK ((variant = ANY (ARRAY['csv'::text, 'csv_safe'::text, 'csv_extended'::text, 'csv_extended_safe'::text, 'json'::text, 'json_extended'::text, 'xlsx'::text, 'xlsx_extended'::text])))
);

--
-- Name: report_rows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.report_rows (
    store_key integer NOT NULL,
    report_id uuid NOT NULL,
    store_id text NOT NULL COLLATE pg_catalog."C",
    hour_open_us bigint NOT NULL,
    hour_uptime_us bigint NOT NULL,
    hour_downtime_us bigint NOT NULL,
    hour_unobserved_us bigint NOT NULL,
    hour_uptime_min_us bigint NOT NULL,
    hour_downtime_min_us bigint NOT NULL,
    hour_polls integer NOT NULL,
    hour_polls_outside integer NOT NULL,
    day_open_us bigint NOT NULL,
    day_uptime_us bigint NOT NULL,
    day_downtime_us bigint NOT NULL,
    day_unobserved_us bigint NOT NULL,
    day_uptime_min_us bigint NOT NULL,
    day_downtime_min_us bigint NOT NULL,
    day_polls integer NOT NULL,
    day_polls_outside integer NOT NULL,
    week_open_us bigint NOT NULL,
    week_uptime_us bigint NOT NULL,
    week_downtime_us bigint NOT NULL,
    week_unobserved_us bigint NOT NULL,
    week_uptime_min_us bigint NOT NULL,
    week_downtime_min_us bigint NOT NULL,
    week_polls integer NOT NULL,
    week_polls_outside integer NOT NULL,
    outages integer NOT NULL,
    longest_outage_us bigint NOT NULL,
    assumed_zone boolean NOT NULL,
    assumed_hours boolean NOT NULL,
    hour_inactive_us bigint DEFAULT 0 NOT NULL,
    day_inactive_us bigint DEFAULT 0 NOT NULL,
    week_inactive_us bigint DEFAULT 0 NOT NULL,
    zone text
);

--
-- Name: report_shards; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.report_shards (
    shard_id uuid NOT NULL,
    report_id uuid NOT NULL,
    run uuid NOT NULL,
    "position" integer NOT NULL,
    from_key integer NOT NULL,
    to_key integer NOT NULL,
    keys integer[],
    stores integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    result jsonb,
    error text,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    claim_token uuid,
    lease_until timestamp with time zone,
    CONSTRAINT report_shards_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text])))
);

--
-- Name: reports; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reports (
    report_id uuid NOT NULL,
    label text,
    status text DEFAULT 'pending'::text NOT NULL,
    requested_as_of_us bigint,
    as_of_us bigint,
    windows text NOT NULL,
    unobserved text NOT NULL,
    estimator text NOT NULL,
    include_unpolled boolean DEFAULT false NOT NULL,
    store_ids text[],
    default_zone text NOT NULL,
    phase text DEFAULT 'waiting'::text NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    total integer,
    stores integer,
    metadata json,
    error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    claim_token uuid,
    lease_until timestamp with time zone,
    reused_from uuid,
    result_id uuid GENERATED ALWAYS AS (COALESCE(reused_from, report_id)) STORED NOT NULL,
    force boolean DEFAULT false NOT NULL,
    request_key text,
    result_key text,
    watermark text,
    snapshot text,
    summary json,
    plan jsonb,
    CONSTRAINT reports_estimator CHECK ((estimator = ANY (ARRAY['step'::text, 'nearest'::text]))),
    CONSTRAINT reports_phase CHECK ((phase = ANY (ARRAY['waiting'::text, 'computing'::text, 'publishing'::text]))),
    CONSTRAINT reports_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'expired'::text]))),
    CONSTRAINT reports_unobserved CHECK ((unobserved = ANY (ARRAY['down'::text, 'up'::text, 'exclude'::text]))),
    CONSTRAINT reports_windows CHECK ((windows = ANY (ARRAY['rolling'::text, 'calendar'::text])))
);

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    id integer NOT NULL,
    "timestamp" bigint NOT NULL,
    name character varying NOT NULL
);

--
-- Name: schema_migrations_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.schema_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: schema_migrations_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.schema_migrations_id_seq OWNED BY public.schema_migrations.id;

--
-- Name: session_heat; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.session_heat (
    store_key integer NOT NULL,
    track_id bigint NOT NULL,
    camera_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    started_us bigint NOT NULL,
    quarter integer NOT NULL,
    observations integer NOT NULL,
    evidence boolean NOT NULL,
    cells bytea NOT NULL
);

--
-- Name: store_day_polls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_day_polls (
    store_key integer NOT NULL,
    day date NOT NULL,
    polls bigint[] NOT NULL,
    CONSTRAINT store_day_polls_bounds CHECK (((cardinality(polls) >= 1) AND (cardinality(polls) <= 86400)))
)
PARTITION BY RANGE (day);

--
-- Name: store_exceptions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_exceptions (
    store_key integer NOT NULL,
    date date NOT NULL,
    windows integer[] NOT NULL,
    CONSTRAINT store_exceptions_pairs CHECK (((cardinality(windows) % 2) = 0))
);

--
-- Name: store_hours_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_hours_changes (
    store_key integer NOT NULL,
    effective_from date NOT NULL,
    windows integer[],
    CONSTRAINT store_hours_changes_triples CHECK (((cardinality(windows) > 0) AND ((cardinality(windows) % 3) = 0)))
);

--
-- Name: store_mapping_revisions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_mapping_revisions (
    store_key integer NOT NULL,
    revision integer NOT NULL,
    effective_from_us bigint NOT NULL,
    content jsonb NOT NULL,
    content_hash text NOT NULL,
    action text NOT NULL,
    blueprint_id uuid,
    blueprint_version integer,
    rolled_back_to integer,
    takes_up_past boolean NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT store_mapping_revisions_action CHECK ((action = ANY (ARRAY['apply'::text, 'rollback'::text, 'replace'::text]))),
    CONSTRAINT store_mapping_revisions_blueprint CHECK (((blueprint_id IS NULL) = (blueprint_version IS NULL))),
    CONSTRAINT store_mapping_revisions_rollback CHECK (((action = 'rollback'::text) = (rolled_back_to IS NOT NULL)))
);

--
-- Name: store_presence; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_presence (
    store_key integer NOT NULL,
    quarter integer NOT NULL,
    people integer NOT NULL,
    anybody integer NOT NULL,
    cameras text[] NOT NULL
);

--
-- Name: store_status; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.store_status AS
 SELECT s.store_id,
        CASE
            WHEN ((p.poll & (1)::bigint) = 1) THEN 'active'::text
            ELSE 'inactive'::text
        END AS status,
    ('1970-01-01 00:00:00+00'::timestamp with time zone + (((p.poll >> 1))::double precision * '00:00:00.000001'::interval)) AS timestamp_utc
   FROM ((public.store_day_polls d
     JOIN public.stores s ON ((s.store_key = d.store_key)))
     CROSS JOIN LATERAL unnest(d.polls) p(poll));

--
-- Name: store_zone_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_zone_changes (
    store_key integer NOT NULL,
    effective_from date NOT NULL,
    zone text NOT NULL
);

--
-- Name: stores_store_key_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.stores ALTER COLUMN store_key ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.stores_store_key_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: zone_visits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.zone_visits (
    store_key integer NOT NULL,
    track_id bigint NOT NULL,
    camera_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    zone_key text NOT NULL COLLATE pg_catalog."C",
    enter_us bigint NOT NULL,
    exit_us bigint NOT NULL,
    revision integer NOT NULL,
    CONSTRAINT zone_visits_order CHECK ((enter_us <= exit_us))
);

--
-- Name: schema_migrations id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations ALTER COLUMN id SET DEFAULT nextval('public.schema_migrations_id_seq'::regclass);

--
-- Name: schema_migrations PK_62441bec32630ced9e4cccae336; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT "PK_62441bec32630ced9e4cccae336" PRIMARY KEY (id);

--
-- Name: blueprint_rollout_stores blueprint_rollout_stores_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.blueprint_rollout_stores
    ADD CONSTRAINT blueprint_rollout_stores_pkey PRIMARY KEY (rollout_id, "position");

--
-- Name: blueprint_rollouts blueprint_rollouts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.blueprint_rollouts
    ADD CONSTRAINT blueprint_rollouts_pkey PRIMARY KEY (rollout_id);

--
-- Name: blueprint_versions blueprint_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.blueprint_versions
    ADD CONSTRAINT blueprint_versions_pkey PRIMARY KEY (blueprint_id, version);

--
-- Name: blueprints blueprints_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.blueprints
    ADD CONSTRAINT blueprints_pkey PRIMARY KEY (blueprint_id);

--
-- Name: business_hours business_hours_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.business_hours
    ADD CONSTRAINT business_hours_pkey PRIMARY KEY (store_key);

--
-- Name: cleared_data cleared_data_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cleared_data
    ADD CONSTRAINT cleared_data_pkey PRIMARY KEY (cleared_id);

--
-- Name: cleared_data cleared_data_schema_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cleared_data
    ADD CONSTRAINT cleared_data_schema_name_key UNIQUE (schema_name);

--
-- Name: fact_clock fact_clock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fact_clock
    ADD CONSTRAINT fact_clock_pkey PRIMARY KEY (id);

--
-- Name: fact_versions fact_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fact_versions
    ADD CONSTRAINT fact_versions_pkey PRIMARY KEY (fact);

--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key);

--
-- Name: import_files import_files_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.import_files
    ADD CONSTRAINT import_files_pkey PRIMARY KEY (import_id, "position");

--
-- Name: import_rejects import_rejects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.import_rejects
    ADD CONSTRAINT import_rejects_pkey PRIMARY KEY (import_id, "position", line);

--
-- Name: imports imports_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (import_id);

--
-- Name: labs labs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.labs
    ADD CONSTRAINT labs_pkey PRIMARY KEY (lab_id);

--
-- Name: last_store_edit last_store_edit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.last_store_edit
    ADD CONSTRAINT last_store_edit_pkey PRIMARY KEY (only_one);

--
-- Name: line_crossings line_crossings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.line_crossings
    ADD CONSTRAINT line_crossings_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, at_us, line_key);

--
-- Name: movement_dead_letters movement_dead_letters_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.movement_dead_letters
    ADD CONSTRAINT movement_dead_letters_pkey PRIMARY KEY (dead_letter);

--
-- Name: movement_event_ids movement_event_ids_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.movement_event_ids
    ADD CONSTRAINT movement_event_ids_key UNIQUE NULLS NOT DISTINCT (store_key, event_id, unmapped_name);

--
-- Name: movement_events movement_events_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.movement_events
    ADD CONSTRAINT movement_events_key UNIQUE NULLS NOT DISTINCT (store_key, at_us, event_id, unmapped_name);

--
-- Name: movement_sessions movement_sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.movement_sessions
    ADD CONSTRAINT movement_sessions_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, started_us);

--
-- Name: movement_touched movement_touched_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.movement_touched
    ADD CONSTRAINT movement_touched_pkey PRIMARY KEY (touched);

--
-- Name: poll_day_activity poll_day_activity_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.poll_day_activity
    ADD CONSTRAINT poll_day_activity_pkey PRIMARY KEY (day);

--
-- Name: poll_day_versions poll_day_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.poll_day_versions
    ADD CONSTRAINT poll_day_versions_pkey PRIMARY KEY (day);

--
-- Name: poll_inbox poll_inbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.poll_inbox
    ADD CONSTRAINT poll_inbox_pkey PRIMARY KEY (batch);

--
-- Name: polls_set_aside polls_set_aside_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.polls_set_aside
    ADD CONSTRAINT polls_set_aside_pkey PRIMARY KEY (store_key, day, set_aside_at);

--
-- Name: presence_versions presence_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.presence_versions
    ADD CONSTRAINT presence_versions_pkey PRIMARY KEY (day);

--
-- Name: removed_results removed_results_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.removed_results
    ADD CONSTRAINT removed_results_pkey PRIMARY KEY (result_id);

--
-- Name: report_evidence report_evidence_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.report_evidence
    ADD CONSTRAINT report_evidence_pkey PRIMARY KEY (report_id, store_key);

--
-- Name: report_files report_files_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.report_files
    ADD CONSTRAINT report_files_pkey PRIMARY KEY (report_id, variant);

--
-- Name: report_rows report_rows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.report_rows
    ADD CONSTRAINT report_rows_pkey PRIMARY KEY (report_id, store_key);

--
-- Name: report_shards report_shards_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.report_shards
    ADD CONSTRAINT report_shards_pkey PRIMARY KEY (shard_id);

--
-- Name: report_shards report_shards_position; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.report_shards
    ADD CONSTRAINT report_shards_position UNIQUE (report_id, run, "position");

--
-- Name: reports reports_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (report_id);

--
-- Name: session_heat session_heat_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.session_heat
    ADD CONSTRAINT session_heat_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, started_us, quarter);

--
-- Name: store_day_polls store_day_polls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_day_polls
    ADD CONSTRAINT store_day_polls_pkey PRIMARY KEY (store_key, day);

--
-- Name: store_exceptions store_exceptions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_exceptions
    ADD CONSTRAINT store_exceptions_pkey PRIMARY KEY (store_key, date);

--
-- Name: store_hours_changes store_hours_changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_hours_changes
    ADD CONSTRAINT store_hours_changes_pkey PRIMARY KEY (store_key, effective_from);

--
-- Name: store_mapping_revisions store_mapping_revisions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_mapping_revisions
    ADD CONSTRAINT store_mapping_revisions_pkey PRIMARY KEY (store_key, revision);

--
-- Name: store_presence store_presence_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_presence
    ADD CONSTRAINT store_presence_pkey PRIMARY KEY (store_key, quarter);

--
-- Name: store_zone_changes store_zone_changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_zone_changes
    ADD CONSTRAINT store_zone_changes_pkey PRIMARY KEY (store_key, effective_from);

--
-- Name: stores stores_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_key);

--
-- Name: stores stores_store_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_store_id_key UNIQUE (store_id);

--
-- Name: zone_visits zone_visits_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.zone_visits
    ADD CONSTRAINT zone_visits_pkey PRIMARY KEY (store_key, track_id, camera_id, user_id, enter_us, zone_key);

--
-- Name: blueprint_rollouts_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX blueprint_rollouts_unfinished ON public.blueprint_rollouts USING btree (created_at) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

--
-- Name: blueprints_name; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX blueprints_name ON public.blueprints USING btree (folded_name) WHERE (archived_at IS NULL);

--
-- Name: idempotency_keys_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

--
-- Name: import_files_content; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX import_files_content ON public.import_files USING btree (sha256, kind) WHERE (status = 'completed'::text);

--
-- Name: import_rejects_truncated; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX import_rejects_truncated ON public.import_rejects USING btree (import_id, "position") WHERE truncated;

--
-- Name: imports_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX imports_unfinished ON public.imports USING btree (accepted_at) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

--
-- Name: labs_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX labs_unfinished ON public.labs USING btree (created_at) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

--
-- Name: line_crossings_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX line_crossings_by_time ON public.line_crossings USING btree (store_key, at_us);

--
-- Name: line_crossings_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX line_crossings_by_user ON public.line_crossings USING btree (user_id);

--
-- Name: movement_dead_letters_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_dead_letters_by_user ON public.movement_dead_letters USING btree (user_id);

--
-- Name: movement_dead_letters_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX movement_dead_letters_once ON public.movement_dead_letters USING btree (reason, md5(content));

--
-- Name: movement_event_ids_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_event_ids_by_age ON public.movement_event_ids USING btree (seen_us);

--
-- Name: movement_events_by_camera; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_events_by_camera ON ONLY public.movement_events USING btree (camera_id, at_us) WHERE (camera_id <> ''::text);

--
-- Name: movement_events_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_events_by_time ON ONLY public.movement_events USING btree (at_us);

--
-- Name: movement_events_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_events_by_user ON ONLY public.movement_events USING btree (user_id, at_us);

--
-- Name: movement_events_unmapped; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_events_unmapped ON ONLY public.movement_events USING btree (unmapped_name, at_us) WHERE (store_key = 0);

--
-- Name: movement_sessions_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_sessions_by_time ON public.movement_sessions USING btree (store_key, started_us);

--
-- Name: movement_sessions_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_sessions_by_user ON public.movement_sessions USING btree (user_id);

--
-- Name: movement_touched_by_store; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX movement_touched_by_store ON public.movement_touched USING btree (store_key);

--
-- Name: poll_day_activity_stale; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX poll_day_activity_stale ON public.poll_day_activity USING btree (day) WHERE stale;

--
-- Name: report_shards_by_run; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX report_shards_by_run ON public.report_shards USING btree (run, "position");

--
-- Name: reports_by_result; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reports_by_result ON public.reports USING btree (result_id);

--
-- Name: reports_by_result_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reports_by_result_key ON public.reports USING btree (result_key) WHERE (status = 'completed'::text);

--
-- Name: reports_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reports_ended ON public.reports USING btree (COALESCE(completed_at, created_at)) WHERE (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text]));

--
-- Name: reports_same_request; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX reports_same_request ON public.reports USING btree (request_key) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

--
-- Name: reports_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reports_unfinished ON public.reports USING btree (created_at) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

--
-- Name: session_heat_by_quarter; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX session_heat_by_quarter ON public.session_heat USING btree (store_key, quarter);

--
-- Name: session_heat_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX session_heat_by_user ON public.session_heat USING btree (user_id);

--
-- Name: store_mapping_revisions_past; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX store_mapping_revisions_past ON public.store_mapping_revisions USING btree (store_key, revision) WHERE takes_up_past;

--
-- Name: stores_archived; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_archived ON public.stores USING btree (store_id) WHERE (archived_at IS NOT NULL);

--
-- Name: stores_by_zone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_by_zone ON public.stores USING btree (zone, store_id);

--
-- Name: stores_dated; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_dated ON public.stores USING btree (store_id) WHERE ((active_from IS NOT NULL) OR (active_until IS NOT NULL));

--
-- Name: stores_dated_keys; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_dated_keys ON public.stores USING btree (store_key) WHERE ((active_from IS NOT NULL) OR (active_until IS NOT NULL));

--
-- Name: stores_folded_aliases; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_folded_aliases ON public.stores USING gin (folded_aliases) WHERE (folded_aliases <> '{}'::text[]);

--
-- Name: stores_folded_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_folded_name ON public.stores USING btree (folded_name) WHERE (folded_name IS NOT NULL);

--
-- Name: stores_named; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stores_named ON public.stores USING btree (store_id) WHERE ((folded_name IS NOT NULL) OR (folded_aliases <> '{}'::text[]));

--
-- Name: zone_visits_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX zone_visits_by_time ON public.zone_visits USING btree (store_key, enter_us);

--
-- Name: zone_visits_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX zone_visits_by_user ON public.zone_visits USING btree (user_id);

--
-- Name: blueprint_rollout_stores blueprint_rollout_stores_rollout; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.blueprint_rollout_stores
    ADD CONSTRAINT blueprint_rollout_stores_rollout FOREIGN KEY (rollout_id) REFERENCES public.blueprint_rollouts(rollout_id) ON DELETE CASCADE;

--
-- Name: business_hours business_hours_store_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.business_hours
    ADD CONSTRAINT business_hours_store_fkey FOREIGN KEY (store_key) REFERENCES public.stores(store_key);

--
-- Name: import_files import_files_import_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.import_files
    ADD CONSTRAINT import_files_import_fkey FOREIGN KEY (import_id) REFERENCES public.imports(import_id) ON DELETE CASCADE;

--
-- Name: import_rejects import_rejects_file_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.import_rejects
    ADD CONSTRAINT import_rejects_file_fkey FOREIGN KEY (import_id, "position") REFERENCES public.import_files(import_id, "position") ON DELETE CASCADE;

--
-- Name: report_shards report_shards_report_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.report_shards
    ADD CONSTRAINT report_shards_report_fkey FOREIGN KEY (report_id) REFERENCES public.reports(report_id) ON DELETE CASCADE;

--
-- Name: store_exceptions store_exceptions_store_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_exceptions
    ADD CONSTRAINT store_exceptions_store_fkey FOREIGN KEY (store_key) REFERENCES public.stores(store_key);

--
-- Name: store_hours_changes store_hours_changes_store_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_hours_changes
    ADD CONSTRAINT store_hours_changes_store_fkey FOREIGN KEY (store_key) REFERENCES public.stores(store_key);

--
-- Name: store_zone_changes store_zone_changes_store_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_zone_changes
    ADD CONSTRAINT store_zone_changes_store_fkey FOREIGN KEY (store_key) REFERENCES public.stores(store_key);

--
-- PostgreSQL database dump complete
--

