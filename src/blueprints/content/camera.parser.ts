import { isObject, type JsonObject } from '../../platform/json-object.js';
import type { Findings } from '../../stores/invalid.js';
import { calibrationProblem } from '../geometry/index.js';
import type { Calibration, Camera } from '../mapping-content.js';
import { BodyMembers } from './members.js';
import { dataOf, keyOf, nameOf, pointsOf } from './zone.parser.js';

const MOST_PIXELS = 100_000;

/** Every problem is told to `findings`; what is returned is good only when there was none. */
export function parseCamera(given: JsonObject, pointer: string, findings: Findings): Camera {
  const members = new BodyMembers(given, pointer, findings);
  const key = keyOf(members);
  const name = nameOf(members, key);
  // Worked out of the calibration whenever it is shown; it comes back when somebody sends what was shown.
  members.take('calibration_error');
  const [frame, frameRest] = frameOf(members, findings);
  const [calibration, calibrationRest] = calibrationOf(members, findings);
  return {
    key,
    name,
    frame,
    calibration,
    enabled: members.flag('enabled', true),
    ...dataOf(members, { ...named('frame', frameRest), ...named('calibration', calibrationRest) }),
  };
}

function frameOf(members: BodyMembers, findings: Findings): [Camera['frame'], JsonObject] {
  const [frame, refused] = objectOf(members, 'frame', findings, 'has to be {"w", "h"} in pixels, or null');
  if (frame === null) return [null, refused];
  const size = { w: frame.whole('w', 0, MOST_PIXELS), h: frame.whole('h', 0, MOST_PIXELS) };
  if (size.w === 0 || size.h === 0)
    members.wrong('frame', 'bad_frame', `needs w and h, both from 1 to ${MOST_PIXELS} pixels`);
  return [size, frame.rest()];
}

function calibrationOf(members: BodyMembers, findings: Findings): [Calibration | null, JsonObject] {
  const rule = 'has to be {"image", "plan"}, two lists of points, or null';
  const [given, refused] = objectOf(members, 'calibration', findings, rule);
  if (given === null) return [null, refused];
  const image = pointsOf(given, 'image');
  const plan = pointsOf(given, 'plan');
  if (image === null || plan === null) return [null, {}];
  const problem = calibrationProblem({ image, plan });
  if (problem !== null) members.tell('calibration', problem);
  return [{ image, plan }, given.rest()];
}

function objectOf(
  members: BodyMembers,
  name: string,
  findings: Findings,
  rule: string,
): [BodyMembers | null, JsonObject] {
  const given = members.take(name);
  if (isObject(given)) return [new BodyMembers(given, `${members.pointer}/${name}`, findings), {}];
  if (given !== undefined) members.wrong(name, `bad_${name}`, rule);
  return [null, {}];
}

function named(name: string, rest: JsonObject): JsonObject {
  return Object.keys(rest).length === 0 ? {} : { [name]: rest };
}
