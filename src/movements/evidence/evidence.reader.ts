import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import type { Interval } from '../../availability/index.js';
import { quartersNeeded, type EvidenceScope } from './store-evidence.js';
import type { MappedCameras, StorePresence } from './store-presence.js';

/** Some stores: those listed, or all keys between the two. */
export interface StoreKeys {
  readonly fromKey: number;
  readonly toKey: number;
  readonly keys: readonly number[] | null;
}

type Range = Pick<EvidenceScope, 'range'>;

/** Quarters as four bytes each, big endian. */
const QUARTER_BYTES = 4;
const NO_QUARTERS = Buffer.alloc(0);

/** Reads what cameras told of many stores in a few statements. Every method takes the connection. */
@Injectable()
export class EvidenceReader {
  /**
   * Of some stores those with cameras: whose mapping names one within the range, or that sent anything in it or in the
   * four weeks before. Of a million stores few have any, so this is asked before anything else.
   * @returns their keys in order
   */
  async storesWithCameras(client: pg.ClientBase, stores: StoreKeys, scope: Range): Promise<number[]> {
    const { from, to } = quartersNeeded(scope);
    const [ours, values] = conditionOf(stores);
    const seen = await client.query<{ key: number }>(
      `SELECT DISTINCT store_key AS key FROM store_presence
        WHERE ${ours} AND quarter BETWEEN $${values.length + 1} AND $${values.length + 2}`,
      [...values, from, to],
    );
    const mapped = await client.query<{ key: number }>(
      `SELECT DISTINCT store_key AS key FROM store_mapping_revisions
        WHERE ${ours} AND effective_from_us < $${values.length + 1} AND withdrawn_at IS NULL
          AND jsonb_path_exists(content, '$.cameras[*] ? (@.enabled != false)')`,
      [...values, scope.range.endUs],
    );
    const keys = new Set([...seen.rows, ...mapped.rows].map(({ key }) => key));
    return [...keys].toSorted((one, other) => one - other);
  }

  /** What the cameras of the stores told, as far as evidence of the range takes it. Every store named is in the answer. */
  async presenceOf(
    client: pg.ClientBase,
    keys: readonly number[],
    scope: Range,
  ): Promise<Map<number, StorePresence>> {
    const { from, to } = quartersNeeded(scope);
    // By the cameras that sent together, of which a store has few sets: so no row is taken apart, and none is sorted.
    const told = await client.query<{
      key: number;
      cameras: string[];
      quarters: Buffer;
      people: Buffer | null;
    }>(
      `SELECT store_key AS key, cameras, string_agg(int4send(quarter), ''::bytea) AS quarters,
              string_agg(int4send(quarter), ''::bytea) FILTER (WHERE people > 0) AS people
         FROM store_presence
        WHERE store_key = ANY ($1::int[]) AND quarter BETWEEN $2 AND $3
        GROUP BY store_key, cameras`,
      [keys, from, to],
    );
    const mapped = await this.mappedCameras(client, keys, scope);
    const pending = await this.pendingOf(client, keys);
    const lists = new Map(keys.map((key) => [key, new PresenceLists()]));
    for (const { key, ...row } of told.rows) lists.get(key)!.take(row);
    return new Map(
      keys.map((key) => [
        key,
        { ...lists.get(key)!.sorted(), mapped: mapped.get(key) ?? [], pending: pending.get(key) ?? null },
      ]),
    );
  }

  private async pendingOf(client: pg.ClientBase, keys: readonly number[]): Promise<Map<number, Interval>> {
    const { rows } = await client.query<{ key: number; from_us: string; to_us: string }>(
      `SELECT store_key AS key, min(from_us) AS from_us, max(to_us) AS to_us FROM movement_touched
        WHERE store_key = ANY ($1::int[]) GROUP BY store_key`,
      [keys],
    );
    return new Map(
      rows.map((row) => [row.key, { startUs: Number(row.from_us), endUs: Number(row.to_us) + 1 }]),
    );
  }

  private async mappedCameras(
    client: pg.ClientBase,
    keys: readonly number[],
    { range }: Range,
  ): Promise<Map<number, MappedCameras[]>> {
    const { rows } = await client.query<{ key: number; from_us: string; cameras: string[] }>(
      `SELECT store_key AS key, effective_from_us AS from_us,
              ARRAY(SELECT jsonb_path_query(content, '$.cameras[*] ? (@.enabled != false).key') #>> '{}') AS cameras
         FROM store_mapping_revisions
        WHERE store_key = ANY ($1::int[]) AND effective_from_us < $2 AND withdrawn_at IS NULL
        ORDER BY store_key, effective_from_us, revision`,
      [keys, range.endUs],
    );
    const mapped = new Map<number, MappedCameras[]>();
    for (const { key, from_us: fromUs, cameras } of rows) {
      const lists = mapped.get(key) ?? [];
      mapped.set(key, lists);
      lists.push({ fromUs: Number(fromUs), cameras });
    }
    return mapped;
  }
}

function conditionOf({ fromKey, toKey, keys }: StoreKeys): [sql: string, values: unknown[]] {
  return keys === null
    ? ['store_key BETWEEN $1 AND $2', [fromKey, toKey]]
    : ['store_key = ANY ($1::int[])', [keys]];
}

/** Gathers the quarters of one store, which come in no order. */
class PresenceLists {
  private readonly withPeople = new Set<number>();
  private readonly sent = new Map<string, number[]>();

  take({ cameras, quarters, people }: { cameras: string[]; quarters: Buffer; people: Buffer | null }): void {
    for (const quarter of quartersIn(people ?? NO_QUARTERS)) this.withPeople.add(quarter);
    const all = quartersIn(quarters);
    // Events of a camera that nobody named are those of the camera ''.
    for (const camera of cameras.length === 0 ? [''] : cameras)
      this.sent.set(camera, (this.sent.get(camera) ?? []).concat(all));
  }

  sorted(): Pick<StorePresence, 'withPeople' | 'sent'> {
    for (const quarters of this.sent.values()) quarters.sort((one, other) => one - other);
    return { withPeople: this.withPeople, sent: this.sent };
  }
}

function quartersIn(bytes: Buffer): number[] {
  const quarters: number[] = [];
  for (let at = 0; at < bytes.length; at += QUARTER_BYTES) quarters.push(bytes.readInt32BE(at));
  return quarters;
}
