import type pg from 'pg';
import type { MappingContent } from '../../blueprints/index.js';
import { copyOutPages } from '../../platform/database/copy-binary-reader.js';
import { QUARTER_US } from '../meaning/pieces.js';
import { LONGEST_SESSION_US } from '../meaning/sessions.js';
import type { SeenCrossing, Stay } from '../meaning/united.js';
import type { FigureRange } from './figure-range.js';

/** By key of the zone or line, and then by person, in no order. */
export type ByPerson<T> = Map<string, Map<string, T[]>>;

/** A layout and when it is in force within the range. */
export interface LayoutInRange {
  readonly revision: number;
  readonly fromUs: number;
  /** Infinity: nothing is known to follow. */
  readonly untilUs: number;
  readonly content: MappingContent;
}

/** The visits that reach into a range, as they were made, not cut by it. */
export async function readVisits(
  client: pg.PoolClient,
  storeKey: number,
  { fromUs, toUs }: FigureRange,
): Promise<ByPerson<Stay>> {
  // No visit lasts longer than a session, which keeps the statement from all visits before the range.
  const pages = copyOutPages(
    client,
    `SELECT zone_key, user_id, enter_us, exit_us FROM zone_visits
      WHERE store_key = ${storeKey} AND enter_us >= ${fromUs - LONGEST_SESSION_US} AND enter_us < ${toUs}
        AND (exit_us > ${fromUs} OR enter_us >= ${fromUs})`,
  );
  const visits: ByPerson<Stay> = new Map();
  for await (const page of pages) {
    while (page.next()) {
      const its = listOf(visits, page.text()!, page.text()!);
      its.push({ fromUs: page.int8()!, toUs: page.int8()! });
    }
  }
  return visits;
}

/** The crossings in a range. */
export async function readCrossings(
  client: pg.PoolClient,
  storeKey: number,
  { fromUs, toUs }: FigureRange,
): Promise<ByPerson<SeenCrossing>> {
  const pages = copyOutPages(
    client,
    `SELECT line_key, user_id, camera_id, at_us, is_entry FROM line_crossings
      WHERE store_key = ${storeKey} AND at_us >= ${fromUs} AND at_us < ${toUs}`,
  );
  const crossings: ByPerson<SeenCrossing> = new Map();
  for await (const page of pages) {
    while (page.next()) {
      const its = listOf(crossings, page.text()!, page.text()!);
      const cameraId = page.text()!;
      its.push({ cameraId, atUs: page.int8()!, direction: page.bool()! ? 'entry' : 'exit' });
    }
  }
  return crossings;
}

/** Sessions that reach into a range, and how many people they are of. */
export async function countSessions(
  client: pg.ClientBase,
  storeKey: number,
  { fromUs, toUs }: FigureRange,
): Promise<{ sessions: number; people: number }> {
  const { rows } = await client.query<{ sessions: number; people: number }>(
    `SELECT count(*)::int AS sessions, count(DISTINCT user_id)::int AS people FROM movement_sessions
      WHERE store_key = $1 AND started_us >= $2 AND started_us < $4 AND (ended_us > $3 OR started_us >= $3)`,
    [storeKey, fromUs - LONGEST_SESSION_US, fromUs, toUs],
  );
  return rows[0]!;
}

/** The layouts in force at some time of a range, in order. */
export async function readLayoutsIn(
  client: pg.ClientBase,
  storeKey: number,
  { fromUs, toUs }: FigureRange,
): Promise<LayoutInRange[]> {
  const { rows } = await client.query<{
    revision: number;
    from_us: string;
    until_us: string | null;
    content: MappingContent;
  }>(
    `SELECT * FROM (
       SELECT revision, effective_from_us AS from_us, content,
              lead(effective_from_us) OVER (ORDER BY revision) AS until_us
         FROM store_mapping_revisions WHERE store_key = $1 AND withdrawn_at IS NULL) AS r
      WHERE from_us < $3 AND (until_us IS NULL OR until_us > greatest($2, from_us)) ORDER BY revision`,
    [storeKey, fromUs, toUs],
  );
  return rows.map(({ revision, from_us, until_us, content }) => ({
    revision,
    fromUs: Number(from_us),
    untilUs: until_us === null ? Infinity : Number(until_us),
    content,
  }));
}

/** The quarters of an hour that hold a range. */
export function quartersIn({ fromUs, toUs }: FigureRange): { from: number; to: number } {
  return { from: Math.floor(fromUs / QUARTER_US), to: Math.ceil(toUs / QUARTER_US) };
}

/** What sessions left in the cells, person by person. What is handed over is good until the next one. */
export async function* readHeat(
  client: pg.PoolClient,
  storeKey: number,
  range: FigureRange,
): AsyncGenerator<{ userId: string; cells: Buffer }> {
  const { from, to } = quartersIn(range);
  const pages = copyOutPages(
    client,
    `SELECT user_id, cells FROM session_heat
      WHERE store_key = ${storeKey} AND quarter >= ${from} AND quarter < ${to} AND cells <> ''
      ORDER BY user_id`,
  );
  for await (const page of pages) {
    while (page.next()) yield { userId: page.text()!, cells: page.bytes()! };
  }
}

function listOf<T>(all: ByPerson<T>, key: string, person: string): T[] {
  let people = all.get(key);
  if (people === undefined) {
    people = new Map();
    all.set(key, people);
  }
  let list = people.get(person);
  if (list === undefined) {
    list = [];
    people.set(person, list);
  }
  return list;
}
