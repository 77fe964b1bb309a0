import type { JsonObject } from '../../platform/json-object.js';
import type { Findings } from '../../stores/invalid.js';
import { lineProblem, polygonProblem } from '../geometry/index.js';
import { ANCHORS, type Line, type PlanPoint, type Zone, ZONE_KINDS } from '../mapping-content.js';
import { ZONE_DEFAULTS } from '../zone-defaults.js';
import { BodyMembers } from './members.js';

const LONGEST_KEY = 100;
const LONGEST_NAME = 200;
const LONGEST_MS = 3_600_000;
const MOST_CAPACITY = 1_000_000;

/** Every problem is told to `findings`; what is returned is good only when there was none. */
export function parseZone(given: JsonObject, pointer: string, findings: Findings): Zone {
  const members = new BodyMembers(given, pointer, findings);
  const key = keyOf(members);
  const name = nameOf(members, key);
  const kind = members.oneOf('kind', ZONE_KINDS, 'custom');
  const defaults = ZONE_DEFAULTS[kind];
  const polygon = pointsOf(members, 'polygon');
  const problem = polygon && polygonProblem(polygon);
  if (problem) members.tell('polygon', problem);
  return {
    key,
    name,
    kind,
    polygon: polygon ?? [],
    anchor: members.oneOf('anchor', ANCHORS, defaults.anchor),
    minPresenceMs: members.whole('min_presence_ms', defaults.minPresenceMs, LONGEST_MS),
    exitGraceMs: members.whole('exit_grace_ms', defaults.exitGraceMs, LONGEST_MS),
    capacity: members.whole('capacity', null, MOST_CAPACITY),
    openEvidence: members.flag('open_evidence', defaults.openEvidence),
    enabled: members.flag('enabled', true),
    ...dataOf(members),
  };
}

/** As `parseZone`. */
export function parseLine(given: JsonObject, pointer: string, findings: Findings): Line {
  const members = new BodyMembers(given, pointer, findings);
  const key = keyOf(members);
  const name = nameOf(members, key);
  const from = pointOf(members, 'from');
  const to = pointOf(members, 'to');
  const problem = from && to && lineProblem({ from, to });
  if (problem) members.tell(problem.detail.includes('"to"') ? 'to' : 'from', problem);
  return {
    key,
    name,
    from: from ?? [0, 0],
    to: to ?? [0, 0],
    anchor: members.oneOf('anchor', ANCHORS, 'bottom_center'),
    enabled: members.flag('enabled', true),
    ...dataOf(members),
  };
}

/** The identity of a part of the layout. Told, and empty, when it is none. */
export function keyOf(members: BodyMembers): string {
  const key = members.take('key');
  if (isKey(key)) return key;
  members.wrong(
    'key',
    'bad_key',
    `has to be text of 1 to ${LONGEST_KEY} characters, without control characters and without white space around it`,
  );
  return '';
}

export function isKey(key: unknown): key is string {
  return (
    typeof key === 'string' &&
    key !== '' &&
    key.length <= LONGEST_KEY &&
    key === key.trim() &&
    !/[\p{Cc}\p{Cs}]/u.test(key)
  );
}

export function nameOf(members: BodyMembers, key: string): string {
  return members.text('name', key, LONGEST_NAME);
}

/** What is left over, where there is any. */
export function dataOf(members: BodyMembers, more: JsonObject = {}): { data?: JsonObject } {
  const data = { ...members.rest(), ...more };
  return Object.keys(data).length === 0 ? {} : { data };
}

/** A list of pairs of numbers; null, and told, when it is none. */
export function pointsOf(members: BodyMembers, name: string): PlanPoint[] | null {
  const given = members.take(name);
  if (Array.isArray(given)) {
    const wrong = given.findIndex((point) => !isPair(point));
    if (wrong === -1) return given.map(([x, y]: PlanPoint): PlanPoint => [x + 0, y + 0]);
    members.tell(name, {
      code: 'bad_point',
      detail: `Point ${wrong + 1} of ${name} is none: each is a list of two numbers, such as [0.25, 0.5].`,
    });
  } else
    members.wrong(name, 'bad_points', 'has to be a list of points, such as [[0, 0], [0.5, 0], [0.5, 1]]');
  return null;
}

function pointOf(members: BodyMembers, name: string): PlanPoint | null {
  const given = members.take(name);
  if (isPair(given)) return [given[0] + 0, given[1] + 0];
  members.wrong(name, 'bad_point', 'has to be a list of two numbers, such as [0.25, 0.5]');
  return null;
}

function isPair(value: unknown): value is PlanPoint {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number');
}
