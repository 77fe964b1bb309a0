import type pg from 'pg';
import { Problem } from '../platform/problem.js';
import type { StoreState } from './store-state.js';

/**
 * A store's state in one row, `s` being the store: the changes are few and in one statement with the rest, so that an
 * answer is of one moment.
 */
export const STATE_COLUMNS = `
  s.store_key AS key, s.store_id AS id, s.zone, s.zone_source AS "zoneSource", s.name, s.aliases,
  s.active_from - date '1970-01-01' AS "activeFrom", s.active_until - date '1970-01-01' AS "activeUntil",
  s.archived_at AS "archivedAt", s.hours_rejected AS "hoursRejected",
  s.first_poll_us AS "firstPollUs", s.last_poll_us AS "lastPollUs",
  (SELECT h.windows FROM business_hours AS h WHERE h.store_key = s.store_key) AS hours,
  (SELECT json_agg(json_build_object('fromDate', c.effective_from - date '1970-01-01', 'zone', c.zone)
                   ORDER BY c.effective_from)
     FROM store_zone_changes AS c WHERE c.store_key = s.store_key) AS "zoneChanges",
  (SELECT json_agg(json_build_object('fromDate', c.effective_from - date '1970-01-01', 'windows', c.windows)
                   ORDER BY c.effective_from)
     FROM store_hours_changes AS c WHERE c.store_key = s.store_key) AS "hoursChanges"`;

/** As the driver gives it: int8 comes as text, no change as null. */
export type StateRow = Omit<StoreState, 'firstPollUs' | 'lastPollUs' | 'zoneChanges' | 'hoursChanges'> & {
  firstPollUs: string | null;
  lastPollUs: string | null;
  zoneChanges: StoreState['zoneChanges'] | null;
  hoursChanges: StoreState['hoursChanges'] | null;
};

export function stateOf(row: StateRow): StoreState {
  return {
    ...row,
    firstPollUs: row.firstPollUs === null ? null : Number(row.firstPollUs),
    lastPollUs: row.lastPollUs === null ? null : Number(row.lastPollUs),
    zoneChanges: row.zoneChanges ?? [],
    hoursChanges: row.hoursChanges ?? [],
  };
}

/** @throws Problem 404 when no store has the id. */
export async function readStore(client: pg.ClientBase, id: string): Promise<StoreState> {
  // The database takes no NUL and no half of a surrogate pair, and no store has one.
  const rows = /[\p{Cc}\p{Cs}]/u.test(id)
    ? []
    : (await client.query<StateRow>(`SELECT ${STATE_COLUMNS} FROM stores AS s WHERE s.store_id = $1`, [id]))
        .rows;
  if (rows[0] !== undefined) return stateOf(rows[0]);
  throw new Problem(
    404,
    'store_not_found',
    `There is no store '${id.slice(0, 100)}'. GET /api/v1/stores lists those that exist; POST /api/v1/stores makes one.`,
  );
}
