import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../platform/json-object.js';
import { Problem } from '../platform/problem.js';
import type { BodyMembers } from './content/members.js';

/** Members that would say whose a thing is, or how it is kept; nobody is to think that they were heeded. */
const NEVER_TAKEN = ['owner', 'owner_id', 'scope', 'createdAt', 'updatedAt', 'created_by'] as const;

/**
 * Takes out of a body what a client may read but not set. What was read can be sent back as it is; anything else that
 * is said of such a member is refused.
 *
 * @param shown what the client reads; null: there is nothing yet.
 * @param counter the member that counts changes: when it is another, the body was made upon an older state.
 * @throws Problem 412
 */
export function refuseReadOnly(
  members: BodyMembers,
  names: readonly string[],
  shown: JsonObject | null,
  counter: string,
): void {
  for (const name of [...names, ...NEVER_TAKEN]) {
    if (!members.has(name)) continue;
    const given = members.take(name);
    if (shown !== null && Object.hasOwn(shown, name)) {
      if (isDeepStrictEqual(given ?? null, plain(shown[name]))) continue;
      if (name === counter && Number.isInteger(given))
        throw new Problem(
          412,
          'changed_meanwhile',
          `The body says ${counter} ${String(given)}, and it is at ${String(shown[name])} by now. Read it again (GET), look at what is different, and send the edit of that.`,
        );
    }
    members.wrong(name, 'read_only', "can't be set: leave it out");
  }
}

/** As it is when it has been read. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
