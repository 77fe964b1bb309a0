import { setImmediate as giveBackEventLoop } from 'node:timers/promises';
import type pg from 'pg';
import { copyOut } from '../../platform/database/copy-binary-reader.js';

/** Bounds the memory and the length of one fold: some 60 MB, some two seconds. */
export const POLLS_A_PIECE = 250_000;
const BATCHES_A_PIECE = 10_000;
const CODES_A_DAY = 86_400_000_000 * 2;

/** What waited in the inbox, by store. */
export interface PollPiece {
  /** Polls that were taken, each request's duplicates among them. */
  taken: number;
  /** The piece is full, so there may be more. */
  mayHaveMore: boolean;
  storeIds: string[];
  /** For each store its polls sorted, one for each instant: the one that was answered last. */
  polls: Float64Array[];
}

/**
 * Takes the oldest batches out of the inbox: what is gone from it and what is returned is the same, whatever arrives
 * meanwhile. The caller holds the facts' lock, so that nobody else takes them.
 */
export async function takePiece(client: pg.PoolClient): Promise<PollPiece> {
  const rows = await copyOut(
    client,
    `DELETE FROM poll_inbox AS i
      USING (SELECT batch
               FROM (SELECT batch, sum(size) OVER (ORDER BY batch) - size AS before
                       FROM (SELECT batch, size FROM poll_inbox ORDER BY batch LIMIT ${BATCHES_A_PIECE}) AS oldest) AS summed
              WHERE before < ${POLLS_A_PIECE}) AS chosen
      WHERE i.batch = chosen.batch
     RETURNING i.batch, i.store_ids, i.polls`,
  );
  const batches: { batch: number; storeIds: string[]; polls: Float64Array }[] = [];
  let taken = 0;
  while (rows.next()) {
    const batch = rows.int8()!;
    const storeIds = rows.textArray();
    const polls = new Float64Array(storeIds.length);
    rows.int8ArrayInto(polls, 0);
    batches.push({ batch, storeIds, polls });
    taken += polls.length;
    // Requests are answered meanwhile.
    await giveBackEventLoop();
  }
  // DELETE returns rows in an order of its own.
  batches.sort((a, b) => a.batch - b.batch);
  const byStore = new Map<string, number[]>();
  for (const { storeIds, polls } of batches) {
    for (const [index, id] of storeIds.entries()) {
      const known = byStore.get(id);
      if (known === undefined) byStore.set(id, [polls[index]!]);
      else known.push(polls[index]!);
    }
    await giveBackEventLoop();
  }
  return {
    taken,
    mayHaveMore: taken >= POLLS_A_PIECE || batches.length >= BATCHES_A_PIECE,
    storeIds: [...byStore.keys()],
    polls: Array.from(byStore.values(), settle),
  };
}

/** One poll for each instant, the one that comes last, sorted. */
export function settle(arrived: readonly number[]): Float64Array {
  let isInOrder = true;
  for (let index = 1; index < arrived.length && isInOrder; index++)
    isInOrder = Math.floor(arrived[index - 1]! / 2) < Math.floor(arrived[index]! / 2);
  if (isInOrder) return Float64Array.from(arrived);
  const last = new Map(arrived.map((code) => [Math.floor(code / 2), code]));
  return Float64Array.from(last.values()).sort();
}

/** Cuts a store's sorted polls at the days; a day is given in days since 1970-01-01. */
export function* splitAtDays(polls: Float64Array): Generator<{ day: number; polls: Float64Array }> {
  for (let start = 0; start < polls.length; ) {
    const day = Math.floor(polls[start]! / CODES_A_DAY);
    const bound = (day + 1) * CODES_A_DAY;
    let end = start + 1;
    while (end < polls.length && polls[end]! < bound) end++;
    yield { day, polls: polls.subarray(start, end) };
    start = end;
  }
}
