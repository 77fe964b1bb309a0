import { Problem, type ProblemEntry } from '../platform/problem.js';
import { type Queryable, rowsOf } from '../platform/database/queryable.js';

interface Row {
  what: 'import' | 'lab' | 'report';
  id: string;
  status: string;
  /** How many there are in all. */
  total: number;
}

/** Entries of an answer, and names in its sentence: thousands of waiting reports help nobody. */
const LISTED = 20;
const NAMED = 5;

/** @throws Problem 409, naming them, while imports, reports or comparisons of options wait or run. */
export async function refuseWhileWorkRuns(db: Queryable): Promise<void> {
  const rows = await rowsOf<Row>(
    db,
    `SELECT *, count(*) OVER ()::int AS total
       FROM (SELECT 'import' AS what, import_id AS id, status FROM imports WHERE status IN ('pending', 'running')
              UNION ALL
             SELECT 'report', report_id, status FROM reports WHERE status IN ('pending', 'running')
              UNION ALL
             SELECT 'lab', lab_id, status FROM labs WHERE status IN ('pending', 'running')) AS work
      ORDER BY what, id LIMIT $1`,
    [LISTED],
  );
  if (rows.length === 0) return;
  throw new Problem(
    409,
    'work_runs',
    `The data can't be changed as a whole while work on it waits or runs: ${listed(rows)}. ` +
      'Wait until it has ended, or cancel it.',
    rows.map(entryOf),
  );
}

function listed(rows: readonly Row[]): string {
  const named = rows.slice(0, NAMED).map(({ what, id, status }) => `${what} ${id} (${status})`);
  const more = rows[0]!.total - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function entryOf({ what, id, status }: Row): ProblemEntry {
  return { pointer: `/${what}s/${id}`, code: status, detail: `The ${what} ${id} is ${status}.` };
}
