import type { JsonObject } from '../platform/json-object.js';
import { Findings } from '../stores/invalid.js';
import { EMPTY_CONTENT, parseContent } from './content/content.parser.js';
import { BodyMembers, NOTHING, refuseUnkeepable } from './content/members.js';
import type { MappingContent } from './mapping-content.js';
import { refuseReadOnly } from './read-only.js';

const LONGEST_NAME = 200;
const LONGEST_DESCRIPTION = 10_000;

/** What people set of a blueprint. */
export interface BlueprintDraft {
  readonly name: string;
  readonly description: string | null;
  readonly isActive: boolean;
  readonly content: MappingContent;
}

/** Shown, but not set by anybody. */
const READ_ONLY = ['id', 'version', 'created_at', 'updated_at', 'archived_at', 'links', 'unread'] as const;

/**
 * Reads the body of a new blueprint, or of a change: what is left out of that stays as it was.
 *
 * @param before null: a new one.
 * @param shown as it is shown at present.
 * @throws Problem 400 with everything that is wrong; 412 when it says an older version.
 */
export function readBlueprint(
  body: unknown,
  before: BlueprintDraft | null,
  shown: JsonObject | null,
): BlueprintDraft {
  const findings = new Findings();
  refuseUnkeepable(body, '', findings);
  const members = new BodyMembers((body ?? NOTHING) as JsonObject, '', findings);
  refuseReadOnly(members, READ_ONLY, shown, 'version');
  const draft = {
    name: nameIn(members, before?.name ?? null),
    description: descriptionIn(members, before),
    isActive: members.flag('is_active', before?.isActive ?? true),
    content: parseContent(members, before?.content ?? EMPTY_CONTENT, findings),
  };
  findings.refuse();
  return draft;
}

/** @throws Problem 400 */
export function readName(given: unknown): string {
  const findings = new Findings();
  const name = nameIn(new BodyMembers({ name: given }, '', findings), null);
  findings.refuse();
  return name;
}

function nameIn(members: BodyMembers, before: string | null): string {
  const given = members.take('name') ?? before;
  const name = typeof given === 'string' ? given.trim() : '';
  if (name === '' || [...name].length > LONGEST_NAME || /[\p{Cc}\p{Cs}]/u.test(name))
    members.wrong(
      'name',
      'bad_name',
      `has to be text of 1 to ${LONGEST_NAME} characters, without control characters`,
    );
  return name;
}

function descriptionIn(members: BodyMembers, before: BlueprintDraft | null): string | null {
  const isGiven = members.has('description');
  const given = members.take('description') ?? null;
  if (!isGiven) return before === null ? '' : before.description;
  if (given === null || (typeof given === 'string' && given.length <= LONGEST_DESCRIPTION)) return given;
  members.wrong(
    'description',
    'bad_text',
    `has to be text of at most ${LONGEST_DESCRIPTION} characters, or null`,
  );
  return null;
}
