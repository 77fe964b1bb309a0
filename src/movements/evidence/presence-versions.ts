import type pg from 'pg';
import { DAY_US } from '../../platform/instant.js';
import { QUARTER_US } from '../meaning/pieces.js';
import { EvidenceReader, type StoreKeys } from './evidence.reader.js';
import { quartersNeeded } from './store-evidence.js';
import { QUARTERS_OF_A_DAY } from './store-presence.js';

/** The longest week of a report. */
const LONGEST_WEEK_US = 8 * DAY_US;

/**
 * Notes that presence was written, within the transaction that writes it: reports that show evidence of these days are
 * not answered from earlier ones any more. To forget it lets an old report pass for the present.
 * @param quarters as in `store_presence`
 */
export async function notePresenceChange(client: pg.ClientBase, quarters: Iterable<number>): Promise<void> {
  const days = new Set<number>();
  for (const quarter of quarters) days.add(Math.floor(quarter / QUARTERS_OF_A_DAY));
  if (days.size === 0) return;
  await client.query(
    // In order, so that of two that note the same days none waits for the other for ever.
    `INSERT INTO presence_versions AS v (day, version) SELECT given.day, 1 FROM unnest($1::int[]) AS given (day) ORDER BY 1
     ON CONFLICT ON CONSTRAINT presence_versions_pkey DO UPDATE SET version = v.version + 1`,
    [[...days]],
  );
}

/**
 * What the evidence of a report follows from, beside the facts: equal text, equal evidence, as long as no data are
 * cleared. Empty where none of its stores has cameras, as it is for most.
 * @param storeIds null: all
 */
export async function evidenceVersion(
  client: pg.ClientBase,
  reader: EvidenceReader,
  asOfUs: number,
  storeIds: readonly string[] | null,
): Promise<string> {
  const scope = { range: { startUs: asOfUs - LONGEST_WEEK_US, endUs: asOfUs } };
  const { from, to } = quartersNeeded(scope);
  const { rows } = await client.query<{ seen: string; mapped: string; pending: string | null }>(
    `SELECT (SELECT coalesce(sum(version), 0) FROM presence_versions WHERE day BETWEEN $1 AND $2) AS seen,
            (SELECT count(*) + count(withdrawn_at) FROM store_mapping_revisions) AS mapped,
            (SELECT max(touched) FROM movement_touched WHERE from_us < $3 AND to_us >= $4) AS pending`,
    [dayOf(from), dayOf(to), scope.range.endUs, scope.range.startUs],
  );
  const { seen, mapped, pending } = rows[0]!;
  if (seen === '0' && mapped === '0') return '';
  if (storeIds !== null) {
    const stores = await storesOf(client, storeIds);
    if ((await reader.storesWithCameras(client, stores, scope)).length === 0) return '';
  }
  return `evidence=${seen}.${mapped}${pending === null ? '' : `.${pending}`}`;
}

/** Equal text, equal evidence of all stores at all times, as long as no data are cleared. */
export async function countPresenceChanges(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ changes: string }>(
    `SELECT concat((SELECT coalesce(sum(version), 0) FROM presence_versions), '.',
                   (SELECT count(*) + count(withdrawn_at) FROM store_mapping_revisions), '.',
                   (SELECT max(touched) FROM movement_touched)) AS changes`,
  );
  return rows[0]!.changes;
}

async function storesOf(client: pg.ClientBase, storeIds: readonly string[]): Promise<StoreKeys> {
  const { rows } = await client.query<{ key: number }>(
    'SELECT store_key AS key FROM stores WHERE store_id = ANY ($1::text[])',
    [storeIds],
  );
  return { fromKey: 0, toKey: 0, keys: rows.map(({ key }) => key) };
}

function dayOf(quarter: number): number {
  return Math.floor((quarter * QUARTER_US) / DAY_US);
}
