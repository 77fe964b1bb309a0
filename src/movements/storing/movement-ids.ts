import type pg from 'pg';
import { int4Array, textArray } from '../../platform/database/binary-parameters.js';
import type { KeyedEvent } from './movement-rows.js';

/** A batch, told apart by what is known under its ids. */
export interface Sorted {
  /** Nobody had these; their ids are taken now. */
  readonly fresh: KeyedEvent[];
  /** How many were stored before, or stand in the batch twice. */
  readonly repeated: number;
  /** Another event has their id. */
  readonly clashing: KeyedEvent[];
}

/**
 * Takes the ids of a batch, within the caller's transaction. Two batches that share ids wait for each other here, and
 * since every batch takes its ids in the same order, they never wait in a circle.
 */
export async function takeIds(client: pg.ClientBase, events: readonly KeyedEvent[]): Promise<Sorted> {
  const fresh: KeyedEvent[] = [];
  const clashing: KeyedEvent[] = [];
  const firsts = new Map<string, KeyedEvent>();
  let repeated = 0;
  for (const event of events) {
    const key = keyOf(event.storeKey, event.unmappedName, event.event.eventId);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, event);
    else if (first.digest === event.digest) repeated++;
    else clashing.push(event);
  }
  const ordered = [...firsts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  const taken = await insertIds(client, ordered);
  if (taken.size === ordered.length) return { fresh: ordered, repeated, clashing };
  const known = ordered.filter((event) => !taken.has(keyOfEvent(event)));
  const digests = await readDigests(client, known);
  for (const event of ordered) if (taken.has(keyOfEvent(event))) fresh.push(event);
  for (const event of known) {
    if (digests.get(keyOfEvent(event)) === event.digest) repeated++;
    else clashing.push(event);
  }
  return { fresh, repeated, clashing };
}

type IdRow = [storeKey: number, eventId: string, unmappedName: string | null, digest: number];

async function insertIds(client: pg.ClientBase, events: readonly KeyedEvent[]): Promise<Set<string>> {
  const { rows } = await client.query<IdRow>({
    text: `INSERT INTO movement_event_ids (store_key, event_id, unmapped_name, digest)
           SELECT store_key, event_id, CASE WHEN store_key = 0 THEN unmapped_name END, digest
             FROM unnest($1::int[], $2::text[], $3::text[], $4::int[]) AS given (store_key, event_id, unmapped_name, digest)
           ON CONFLICT ON CONSTRAINT movement_event_ids_key DO NOTHING
           RETURNING store_key, event_id, unmapped_name`,
    values: parametersOf(events),
    rowMode: 'array',
  });
  return new Set(rows.map(([storeKey, eventId, unmappedName]) => keyOf(storeKey, unmappedName, eventId)));
}

async function readDigests(
  client: pg.ClientBase,
  events: readonly KeyedEvent[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<IdRow>({
    text: `SELECT i.store_key, i.event_id, i.unmapped_name, i.digest
             FROM unnest($1::int[], $2::text[], $3::text[]) AS given (store_key, event_id, unmapped_name)
             JOIN movement_event_ids AS i ON i.store_key = given.store_key AND i.event_id = given.event_id
              AND coalesce(i.unmapped_name, '') = given.unmapped_name`,
    values: parametersOf(events).slice(0, 3),
    rowMode: 'array',
  });
  return new Map(rows.map(([storeKey, eventId, name, digest]) => [keyOf(storeKey, name, eventId), digest]));
}

function parametersOf(events: readonly KeyedEvent[]): Buffer[] {
  return [
    int4Array(events.map((one) => one.storeKey)),
    textArray(events.map((one) => one.event.eventId)),
    textArray(events.map((one) => one.unmappedName ?? '')),
    int4Array(events.map((one) => one.digest)),
  ];
}

function keyOfEvent({ storeKey, unmappedName, event }: KeyedEvent): string {
  return keyOf(storeKey, unmappedName, event.eventId);
}

/** Its order is that in which ids are taken; any will do, as long as everybody has the same. */
function keyOf(storeKey: number, unmappedName: string | null, eventId: string): string {
  return `${storeKey}\u0000${unmappedName ?? ''}\u0000${eventId}`;
}
