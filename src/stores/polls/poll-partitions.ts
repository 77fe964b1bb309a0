import type pg from 'pg';
import { attachPartitions, type Partition } from '../../platform/database/partitions.js';

const WEEK_DAYS = 7;
/** 1970-01-01 was a Thursday; day -3 was the Monday before. */
const FIRST_MONDAY = -3;

/** Weeks are counted from the one that holds 1970-01-01; a week starts on Monday. */
export function weekOfDay(day: number): number {
  return Math.floor((day - FIRST_MONDAY) / WEEK_DAYS);
}

/**
 * Makes the partitions of weeks that have none, within the caller's transaction, who holds the facts' lock: so two
 * processes never make the same one.
 */
export async function ensurePartitions(client: pg.ClientBase, weeks: Iterable<number>): Promise<void> {
  const wanted = [...weeks].sort((a, b) => a - b).map(partitionOfWeek);
  // Statistics over the polls themselves would make every ANALYZE read them all, and no query has a use for them.
  await attachPartitions(client, 'store_day_polls', wanted, ['ALTER COLUMN polls SET STATISTICS 0']);
}

/** A week's partition, named after its ISO year and week: `store_day_polls_2023w03`. */
export function partitionOfWeek(week: number): Partition {
  const monday = week * WEEK_DAYS + FIRST_MONDAY;
  // The ISO year of a week is the year of its Thursday.
  const thursday = new Date((monday + 3) * 86_400_000);
  const year = thursday.getUTCFullYear();
  const number = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (WEEK_DAYS * 86_400_000));
  return {
    name: `store_day_polls_${year}w${String(number).padStart(2, '0')}`,
    from: dateOfDay(monday),
    to: dateOfDay(monday + WEEK_DAYS),
  };
}

/** `2023-01-16` of days since 1970-01-01. */
export function dateOfDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
