import { Problem } from '../platform/problem.js';
import type { KeptBlueprint } from './blueprints.reader.js';

const UNIQUE_VIOLATION = '23505';

export function noSuchBlueprint(id: string): Problem {
  return new Problem(
    404,
    'blueprint_not_found',
    `There is no blueprint '${id.slice(0, 100)}'. GET /api/v1/blueprints lists those that exist.`,
  );
}

export function archived({ name }: KeptBlueprint): Problem {
  return new Problem(
    409,
    'blueprint_archived',
    `The blueprint '${name}' is archived: it can be read, but not changed or applied any more. Make a new one of it.`,
  );
}

/** @throws Problem 409 */
export function refuseUnusable(blueprint: KeptBlueprint): void {
  if (blueprint.archivedAt !== null) throw archived(blueprint);
  if (blueprint.isActive) return;
  throw new Problem(
    409,
    'blueprint_inactive',
    `The blueprint '${blueprint.name}' is not active, so it is not applied. Set is_active to true first.`,
  );
}

/**
 * Does what gives a blueprint its name.
 *
 * @param name to be told; null: it is not at hand.
 * @throws Problem 409 where another one has it.
 */
export async function unlessTaken<T>(name: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string };
    if (code !== UNIQUE_VIOLATION || constraint !== 'blueprints_name') throw error;
    throw new Problem(
      409,
      'name_taken',
      `Another blueprint is called ${name === null ? 'so' : `'${name}'`} already; the letter case makes no difference. Choose another name, or archive that one first.`,
    );
  }
}
