import { Problem } from '../platform/problem.js';

/** So long a clearing can be taken back. */
export const KEPT_HOURS = 24;
const LOCK_NOT_AVAILABLE = new Set(['55P03', '40P01']);
const NOT_ALLOWED = '42501';

/** What went wrong, as something that the caller can mend where it is. */
export function asProblem(error: unknown): unknown {
  const code = (error as { code?: string }).code ?? '';
  if (error instanceof Problem) return error;
  if (LOCK_NOT_AVAILABLE.has(code)) {
    return new Problem(
      503,
      'data_in_use',
      'The data is being read or written by something that takes long. Nothing was changed. Try again in a few seconds.',
    );
  }
  if (code === NOT_ALLOWED) {
    return new Problem(
      503,
      'clearing_not_allowed',
      "The database's role may not move the tables: it has to own them, and needs the right CREATE on the database. Nothing was changed.",
    );
  }
  return error;
}

export function nothingToRestore(id: string | null): Problem {
  const what = id === null ? 'There is nothing to restore' : `Nothing was cleared as '${id.slice(0, 100)}'`;
  return new Problem(
    404,
    'nothing_to_restore',
    `${what}. What was cleared can be taken back for ${KEPT_HOURS} hours; GET /api/v1/data/cleared lists it.`,
  );
}

export function timeOver(row: { expires_at: Date }): Problem {
  return new Problem(
    410,
    'restore_time_over',
    `What was cleared could be taken back until ${row.expires_at.toISOString()}. Load the files again.`,
  );
}

export function otherForm(row: { migration: string }, migration: string): Problem {
  return new Problem(
    409,
    'other_version',
    `The data was cleared by a version whose tables had another form (${row.migration}; here ${migration}). ` +
      'That version can take it back on a database that it has migrated; else load the files again.',
  );
}
