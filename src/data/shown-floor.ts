import { formatInstantUs } from '../platform/instant.js';
import { instantColumn, LAST_ID } from './shown-columns.js';
import type { ShownTable } from './shown-table.js';

const LAST_INSTANT = Number.MAX_SAFE_INTEGER;

/** Newest first. Several events of one instant have the rest of their key to come in order. */
const MOVEMENT_LOGS: ShownTable = {
  name: 'movement_logs',
  aliases: [],
  title: 'Movement logs: whom the cameras of the stores saw, newest first',
  columns: [
    'event_id',
    'store',
    'store_id',
    'user_id',
    'track_id',
    'camera_id',
    'bbox',
    'state',
    'timestamp_utc',
  ],
  counted: { table: 'movement_events', each: '1' },
  keys: ['instant', 'integer', 'text', 'text'],
  start: [LAST_INSTANT, 0, '', ''],
  sql: `SELECT page.event_id, page.store_name AS store, s.store_id, page.user_id, page.track_id, page.camera_id,
               array_to_json(page.bbox)::text AS bbox, page.state, page.at_us,
               json_build_array(page.at_us, page.store_key, page.event_id, page.unmapped) AS at
          FROM (SELECT event_id, store_name, user_id, track_id, camera_id, bbox, state, at_us, store_key,
                       coalesce(unmapped_name, '') AS unmapped
                  FROM movement_events
                 WHERE at_us <= $1::bigint
                   AND (at_us, store_key, event_id, coalesce(unmapped_name, ''))
                       < ($1::bigint, $2::int, $3::text, $4::text)
                 ORDER BY at_us DESC, store_key DESC, event_id DESC, coalesce(unmapped_name, '') DESC
                 LIMIT $5::int) AS page
          LEFT JOIN stores AS s ON s.store_key = page.store_key
         ORDER BY page.at_us DESC, page.store_key DESC, page.event_id DESC, page.unmapped DESC`,
  row: ({ event_id, store, store_id, user_id, track_id, camera_id, bbox, state, at_us }) => ({
    event_id: event_id!,
    store: store!,
    store_id: store_id!,
    user_id: user_id!,
    track_id: Number(track_id),
    camera_id: camera_id!,
    bbox: bbox!,
    state: state!,
    timestamp_utc: formatInstantUs(Number(at_us)),
  }),
};

const BLUEPRINTS: ShownTable = {
  name: 'blueprints',
  aliases: [],
  title: 'Blueprints: layouts that are kept under a name, newest first',
  columns: ['id', 'name', 'description', 'is_active', 'version', 'created_at', 'updated_at'],
  counted: { table: 'blueprints', each: '(archived_at IS NULL)::int' },
  keys: ['uuid'],
  start: [LAST_ID],
  sql: `SELECT blueprint_id AS id, name, description, is_active::text, version, ${instantColumn('created_at')},
               ${instantColumn('updated_at')}, json_build_array(blueprint_id) AS at
          FROM blueprints WHERE archived_at IS NULL AND blueprint_id < $1::uuid
         ORDER BY blueprint_id DESC LIMIT $2::int`,
  row: ({ id, name, description, is_active, version, created_at, updated_at }) => ({
    id: id!,
    name: name!,
    description: description!,
    is_active: is_active!,
    version: version!,
    created_at: created_at!,
    updated_at: updated_at!,
  }),
};

/** What cameras saw, and what says which part of the floor is what. */
export const SHOWN_FLOOR: readonly ShownTable[] = [MOVEMENT_LOGS, BLUEPRINTS];
