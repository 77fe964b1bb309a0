import type { JsonObject } from '../../platform/json-object.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Findings } from '../../stores/invalid.js';
import { EMPTY_CONTENT, parseContent } from '../content/content.parser.js';
import { BodyMembers, NOTHING, refuseUnkeepable } from '../content/members.js';
import type { MappingContent } from '../mapping-content.js';
import { refuseReadOnly } from '../read-only.js';
import type { MappingView } from './mapping.view.js';
import { startProblem } from './revision-start.js';

/** Shown, but not set by anybody. */
const READ_ONLY = [
  'store_id',
  'revision',
  'action',
  'blueprint',
  'rolled_back_to',
  'created_at',
  'withdrawn_at',
  'planned',
  'unread',
  'overlaps',
  'links',
] as const;

/** What an edit by hand says. */
export interface MappingDraft {
  readonly content: MappingContent;
  /** Null: from now on. */
  readonly effectiveFromUs: number | null;
}

/**
 * Reads the body of an edit by hand: what is left out stays as it was.
 *
 * @param before the content of the last revision; null: there is none.
 * @param shown the mapping as it is shown at present.
 * @throws Problem 400 with all that is wrong, 412 when it says an older revision.
 */
export function readMapping(
  body: unknown,
  before: MappingContent | null,
  shown: MappingView,
  nowUs: number,
): MappingDraft {
  const findings = new Findings();
  refuseUnkeepable(body, '', findings);
  const members = new BodyMembers((body ?? NOTHING) as JsonObject, '', findings);
  refuseReadOnly(members, READ_ONLY, { ...shown }, 'revision');
  const effectiveFromUs = startIn(members, shown, nowUs);
  const content = parseContent(members, before ?? EMPTY_CONTENT, findings);
  findings.refuse();
  return { content, effectiveFromUs };
}

function startIn(members: BodyMembers, shown: MappingView, nowUs: number): number | null {
  const given = members.take('effective_from');
  // What was read says when that became effective, and is sent back as it is.
  if (given === undefined || given === shown.effective_from) return null;
  const startUs = typeof given === 'string' ? parseInstantUs(given) : null;
  const rule =
    startUs === null
      ? 'has to be an instant with its zone, from 1970 to 2111, such as 2023-01-25T18:13:22Z'
      : startProblem(startUs, nowUs);
  if (rule !== null) members.wrong('effective_from', 'instant', rule);
  return startUs;
}
