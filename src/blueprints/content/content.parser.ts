import { isObject, type JsonObject } from '../../platform/json-object.js';
import type { Findings } from '../../stores/invalid.js';
import type { MappingContent } from '../mapping-content.js';
import { parseCamera } from './camera.parser.js';
import { readEarlierForm } from './earlier-form.reader.js';
import { below, type BodyMembers, MOST_CORNERS, MOST_PARTS } from './members.js';
import { parseLine, parseZone } from './zone.parser.js';

export const EMPTY_CONTENT: MappingContent = { zones: [], lines: [], cameras: [], data: {} };

/** Under which the layout of a blueprint of the earlier system stands. */
export const EARLIER_MEMBER = 'mapping_data';

/**
 * The layout that a body says: its zones, lines and cameras, and under `data` all that nobody took from it. What is
 * left out stays as it was.
 *
 * A layout of the earlier system stands under `mapping_data`. It is kept as it is, and read for those of the three
 * lists that are not there. Nothing in it is refused, but it has to be an object.
 *
 * @param members of the body; what is no part of the layout has been taken.
 * @param before what the layout was.
 * @param findings is told of every problem.
 */
export function parseContent(
  members: BodyMembers,
  before: MappingContent,
  findings: Findings,
): MappingContent {
  const given = {
    zones: listOf(members, 'zones', parseZone, findings),
    lines: listOf(members, 'lines', parseLine, findings),
    cameras: listOf(members, 'cameras', parseCamera, findings),
  };
  const replacesData = members.has('data');
  const said = members.rest();
  const earlier = said[EARLIER_MEMBER];
  if (Object.hasOwn(said, EARLIER_MEMBER) && !isObject(earlier))
    members.wrong(
      EARLIER_MEMBER,
      'bad_mapping_data',
      'has to be an object, such as {"stores": {}, "cameras": {}, "calibration": {}}; leave it out where there is none',
    );
  const otherwise = isObject(earlier) ? readEarlierForm(earlier) : before;
  return sameAsKept({
    zones: given.zones ?? otherwise.zones,
    lines: given.lines ?? otherwise.lines,
    cameras: given.cameras ?? otherwise.cameras,
    data: { ...(replacesData ? earlierIn(before) : before.data), ...said },
  });
}

/** It is shown as a member of its own, which `data` does not replace. */
function earlierIn({ data }: MappingContent): JsonObject {
  return Object.hasOwn(data, EARLIER_MEMBER) ? { [EARLIER_MEMBER]: data[EARLIER_MEMBER] } : {};
}

/** As it will come back from the database: negative zeros and the like would else look like a change. */
function sameAsKept(content: MappingContent): MappingContent {
  return JSON.parse(JSON.stringify(content)) as MappingContent;
}

/** Null where the member is left out. */
function listOf<T extends { readonly key: string }>(
  members: BodyMembers,
  name: 'zones' | 'lines' | 'cameras',
  parse: (given: JsonObject, pointer: string, findings: Findings) => T,
  findings: Findings,
): T[] | null {
  if (!members.has(name)) return null;
  const given = members.take(name) ?? [];
  if (!Array.isArray(given) || given.length > MOST_PARTS) {
    members.wrong(name, `bad_${name}`, `has to be a list of at most ${MOST_PARTS} ${name}`);
    return [];
  }
  if (cornersOf(given) > MOST_CORNERS) {
    members.wrong(name, 'too_many_corners', `have more than ${MOST_CORNERS} corners together`);
    return [];
  }
  const pointer = below('', name);
  const parts = given.flatMap((one: unknown, place) => {
    if (isObject(one)) return [{ part: parse(one, below(pointer, place), findings), place }];
    findings.add(below(pointer, place), 'not_an_object', `Each of ${name} has to be an object with a key.`);
    return [];
  });
  const places = new Map<string, number>();
  for (const { part, place } of parts) {
    const first = places.get(part.key);
    if (first === undefined) places.set(part.key, place);
    else if (part.key !== '')
      findings.add(
        below(below(pointer, place), 'key'),
        'key_twice',
        `The key '${part.key}' is used twice: number ${first + 1} of ${name} has it already.`,
      );
  }
  return parts.map(({ part }) => part);
}

function cornersOf(parts: readonly unknown[]): number {
  return parts.reduce<number>((sum, part) => {
    const polygon = isObject(part) ? part['polygon'] : null;
    return sum + (Array.isArray(polygon) ? polygon.length : 0);
  }, 0);
}
