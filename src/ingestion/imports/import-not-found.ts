import { Problem } from '../../platform/problem.js';

/** 404: there is no such import. An id that cannot be one is none. */
export function importNotFound(id: string): Problem {
  return new Problem(
    404,
    'import_not_found',
    `There is no import '${id.slice(0, 100)}'. GET /api/v1/imports lists those that exist.`,
  );
}
