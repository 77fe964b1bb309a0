import { FACT_TABLES, VERSION_TABLES } from './facts.js';
import { SHOWN_FACTS } from './shown-facts.js';
import { SHOWN_FLOOR } from './shown-floor.js';
import { SHOWN_HISTORY } from './shown-history.js';
import { type Queryable, rowsOf } from '../platform/database/queryable.js';
import { countRows } from '../platform/database/row-count.js';

const CLEARED: ReadonlySet<string> = new Set(FACT_TABLES);

/** What a clearing counts: the tables that people see, as far as they are cleared. */
const COUNTED = [
  ...[...SHOWN_FACTS, ...SHOWN_FLOOR, ...SHOWN_HISTORY].map(({ name, counted }) => ({ name, counted })),
  { name: 'live_polls_waiting', counted: { table: 'poll_inbox', each: 'cardinality(polls)' } },
].filter(({ counted }) => CLEARED.has(counted.table));

export interface FactCounts {
  /** By the names under which the tables are shown. */
  counts: Record<string, number>;
  /** At least one of them is an estimate. */
  estimated: boolean;
}

const FACTS = FACT_TABLES.filter((name) => !VERSION_TABLES.has(name));

/** Whether there is any row at all. */
export async function holdsFacts(db: Queryable): Promise<boolean> {
  // One by one: asked for in one statement, a table in shards and those beside it can't be told apart by the server.
  for (const name of FACTS) {
    if ((await rowsOf(db, `SELECT 1 FROM ${name} LIMIT 1`)).length > 0) return true;
  }
  return false;
}

export async function countFacts(db: Queryable): Promise<FactCounts> {
  const counts: Record<string, number> = {};
  let estimated = false;
  for (const { name, counted } of COUNTED) {
    const count = await countRows(db, counted);
    counts[name] = count.rows;
    estimated ||= count.estimated;
  }
  return { counts, estimated };
}
