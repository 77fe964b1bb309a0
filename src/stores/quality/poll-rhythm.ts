import type pg from 'pg';
import { copyOutPages } from '../../platform/database/copy-binary-reader.js';
import { DAY_US, dateOfInstant } from '../../platform/instant.js';

/** How often stores are polled. */
export interface PollRhythm {
  stores: number;
  /** Seconds from poll to poll: of each store the median, and of these p10, median and p90. Null: none was polled twice. */
  intervalS: { p10: number; median: number; p90: number } | null;
  /** Polls of a store on a day with polls: the median. */
  pollsPerStoreAndDay: number;
}

/** Enough to tell a rhythm, and read in a blink. */
const STORES_SAMPLED = 1_000;
const DAYS = 7;

/** The rhythm of the week before an instant, from stores that are picked at random, but the same ones each time. */
export async function readPollRhythm(client: pg.PoolClient, untilUs: number): Promise<PollRhythm> {
  const medians: number[] = [];
  const perDay: number[] = [];
  let stores = 0;
  let store = -1;
  // Of one store at a time: a store that is polled every second has more than half a million.
  let intervals: number[] = [];
  let buffer = new Float64Array(4_096);
  let last = NaN;
  const settle = (): void => {
    if (intervals.length > 0) medians.push(quantile(sorted(intervals), 0.5));
    intervals = [];
    last = NaN;
  };
  const pages = copyOutPages(
    client,
    `SELECT d.store_key, d.polls FROM store_day_polls AS d
      WHERE d.store_key IN (SELECT store_key FROM stores WHERE first_poll_us IS NOT NULL
                             ORDER BY hashint4(store_key), store_key LIMIT ${STORES_SAMPLED})
        AND d.day BETWEEN '${dateOfInstant(untilUs - DAYS * DAY_US)}' AND '${dateOfInstant(untilUs)}'
      ORDER BY d.store_key, d.day`,
  );
  for await (const rows of pages) {
    while (rows.next()) {
      const key = rows.int4()!;
      const count = rows.peekElements();
      if (count > buffer.length) buffer = new Float64Array(count);
      rows.int8ArrayInto(buffer, 0);
      if (key !== store) {
        settle();
        store = key;
        stores += 1;
      }
      perDay.push(count);
      for (let i = 0; i < count; i++) {
        const instantUs = Math.floor(buffer[i]! / 2);
        if (!Number.isNaN(last)) intervals.push((instantUs - last) / 1_000_000);
        last = instantUs;
      }
    }
  }
  settle();
  return {
    stores,
    intervalS: spreadOf(sorted(medians)),
    pollsPerStoreAndDay: quantile(sorted(perDay), 0.5),
  };
}

function spreadOf(values: readonly number[]): PollRhythm['intervalS'] {
  if (values.length === 0) return null;
  return { p10: quantile(values, 0.1), median: quantile(values, 0.5), p90: quantile(values, 0.9) };
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** Of sorted values the one at or above the share of them; 0 of none. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
}
