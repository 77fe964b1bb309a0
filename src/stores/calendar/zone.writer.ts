import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { lockFacts } from '../fact-lock.js';
import { noteFactChange } from '../fact-versions.js';
import type { MergeCounts } from '../merge-counts.js';
import { ensureStores, IDS_A_STATEMENT } from '../store-keys.js';

/** Writes the zones of stores. */
@Injectable()
export class ZoneWriter {
  /**
   * Gives each store its zone for all time, within the caller's transaction; other stores keep theirs. A row is
   * unchanged when the store had just this zone and no change of it.
   *
   * @param zones canonical IANA names, in the order of `storeIds`.
   */
  async merge(
    client: pg.ClientBase,
    storeIds: readonly string[],
    zones: readonly string[],
  ): Promise<MergeCounts> {
    const counts: MergeCounts = { inserted: 0, replaced: 0, unchanged: 0 };
    if (storeIds.length === 0) return counts;
    await lockFacts(client);
    const keys = await ensureStores(client, storeIds);
    for (let start = 0; start < keys.length; start += IDS_A_STATEMENT) {
      const { rows } = await client.query<MergeCounts>(MERGE, [
        Array.from(keys.subarray(start, start + IDS_A_STATEMENT)),
        zones.slice(start, start + IDS_A_STATEMENT),
      ]);
      counts.inserted += rows[0]!.inserted;
      counts.replaced += rows[0]!.replaced;
      counts.unchanged += rows[0]!.unchanged;
    }
    await noteFactChange(client, { calendar: counts.inserted + counts.replaced > 0 });
    return counts;
  }
}

const MERGE = `
  WITH compared AS MATERIALIZED (
    SELECT s.store_key, s.zone AS former, given.zone,
           EXISTS (SELECT FROM store_zone_changes AS c WHERE c.store_key = s.store_key) AS changes
      FROM unnest($1::int[], $2::text[]) AS given (store_key, zone)
      JOIN stores AS s ON s.store_key = given.store_key
     ORDER BY s.store_key
  ), written AS (
    UPDATE stores AS s SET zone = compared.zone, zone_source = 'file' FROM compared
     WHERE s.store_key = compared.store_key
       AND (s.zone IS DISTINCT FROM compared.zone OR s.zone_source IS DISTINCT FROM 'file')
  ), removed AS (
    DELETE FROM store_zone_changes AS c USING compared WHERE c.store_key = compared.store_key AND compared.changes
  )
  SELECT (count(*) FILTER (WHERE former IS NULL AND NOT changes))::int AS inserted,
         (count(*) FILTER (WHERE former <> zone OR changes))::int AS replaced,
         (count(*) FILTER (WHERE former = zone AND NOT changes))::int AS unchanged
    FROM compared`;
