import type pg from 'pg';

const WEEK_DAYS = 7;
/** 1970-01-01 was a Thursday; day -3 was the Monday before. */
const FIRST_MONDAY = -3;

/** Weeks are counted from the one that holds 1970-01-01; a week starts on Monday. */
export function weekOfDay(day: number): number {
  return Math.floor((day - FIRST_MONDAY) / WEEK_DAYS);
}

/**
 * Makes the partitions of weeks that have none, within the caller's transaction, who holds the facts' lock: so two
 * processes never make the same one. `CREATE … PARTITION OF` would wait for every reader; to ATTACH does not.
 */
export async function ensurePartitions(client: pg.ClientBase, weeks: Iterable<number>): Promise<void> {
  const wanted = [...weeks].sort((a, b) => a - b).map(partitionOfWeek);
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'store_day_polls'::regclass`,
  );
  const present = new Set(rows.map((row) => row.name));
  for (const { name, from, to } of wanted) {
    if (present.has(name)) continue;
    // Name and dates come from a number; there is nothing in them to quote. Statistics over the polls themselves
    // would make every ANALYZE read them all, and no query has a use for them.
    // One statement at a time: where tables are distributed, each is sent on to the nodes, which take no several in one.
    await client.query(`CREATE TABLE ${name} (LIKE store_day_polls INCLUDING ALL)`);
    await client.query(`ALTER TABLE ${name} ALTER COLUMN polls SET STATISTICS 0`);
    await client.query(
      `ALTER TABLE store_day_polls ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  }
}

/** A week's partition, named after its ISO year and week: `store_day_polls_2023w03`. */
export function partitionOfWeek(week: number): { name: string; from: string; to: string } {
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
