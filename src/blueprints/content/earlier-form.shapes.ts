import { isObject, type JsonObject } from '../../platform/json-object.js';
import { Findings } from '../../stores/invalid.js';
import { calibrationProblem, lineProblem, MOST_POLYGON_POINTS, polygonProblem } from '../geometry/index.js';
import type { Calibration, Camera, Line, PlanPoint, Zone, ZoneKind } from '../mapping-content.js';
import { ZONE_KINDS } from '../mapping-content.js';
import { ZONE_DEFAULTS } from '../zone-defaults.js';
import { parseCamera } from './camera.parser.js';
import { parseLine, parseZone } from './zone.parser.js';

/** A part of such a layout that has a name. */
export interface NamedPart {
  readonly key: string;
  readonly value: unknown;
}

/** Of what could not be read: a sentence that says why. */
export class Unreadable {
  constructor(readonly why: string) {}
}

const CORNERS = ['polygon', 'points', 'coordinates', 'vertices'] as const;

/** Comparing the edges of a zone takes as many steps as the square of its corners. @returns of what is read of it */
export function cornersOf(value: unknown): number {
  const corners = cornersIn(value);
  return Array.isArray(corners) ? Math.min(corners.length, MOST_POLYGON_POINTS) : 0;
}

function cornersIn(value: unknown): unknown {
  return Array.isArray(value) ? value : first(value, CORNERS);
}

export function zoneIn({ key, value }: NamedPart): Zone | Unreadable {
  const exact = exactly(value, { key, kind: kindIn(value) }, parseZone);
  if (exact !== null) return exact;
  const polygon = pointsIn(cornersIn(value));
  if (polygon === null)
    return new Unreadable(
      `It has no list of corners, each [x, y] or {"x", "y"}, under ${CORNERS.slice(0, -1).join(', ')} or ${CORNERS.at(-1)}.`,
    );
  const problem = polygonProblem(polygon);
  if (problem !== null) return new Unreadable(problem.detail);
  const kind = kindIn(value);
  const { anchor, minPresenceMs, exitGraceMs, openEvidence } = ZONE_DEFAULTS[kind];
  const shape = { key, name: nameIn(value, key), kind, polygon, anchor, minPresenceMs, exitGraceMs };
  return { ...shape, capacity: null, openEvidence, enabled: enabledIn(value) };
}

export function lineIn({ key, value }: NamedPart): Line | Unreadable {
  const exact = exactly(value, { key }, parseLine);
  if (exact !== null) return exact;
  const ends = pointsIn(
    Array.isArray(value)
      ? value
      : (first(value, ['points', 'coordinates']) ?? [
          first(value, ['from', 'start']),
          first(value, ['to', 'end']),
        ]),
    false,
  );
  const [from, to] = ends ?? [];
  if (ends?.length !== 2 || from === undefined || to === undefined)
    return new Unreadable('It has no two ends, each [x, y] or {"x", "y"}, under points, or from and to.');
  const problem = lineProblem({ from, to });
  if (problem !== null) return new Unreadable(problem.detail);
  return { key, name: nameIn(value, key), from, to, anchor: 'bottom_center', enabled: enabledIn(value) };
}

export function cameraIn({ key, value }: NamedPart, calibration: Calibration | null): Camera {
  const exact = exactly(value, { key, frame: frameIn(value) }, parseCamera);
  if (exact !== null) return { ...exact, calibration: exact.calibration ?? calibration };
  const own = isObject(value) ? calibrationIn(value['calibration']) : null;
  return {
    key,
    name: nameIn(value, key),
    frame: frameIn(value),
    calibration: own instanceof Unreadable ? calibration : (own ?? calibration),
    enabled: enabledIn(value),
  };
}

/**
 * A part that has our own form already.
 *
 * @param known what is said of it in another way; its key may stand beside it.
 */
function exactly<T>(
  value: unknown,
  known: JsonObject & { key: string },
  parse: (given: JsonObject, pointer: string, findings: Findings) => T,
): T | null {
  if (!isObject(value)) return null;
  const findings = new Findings();
  const part = parse({ enabled: enabledIn(value), ...known, ...value, key: known.key }, '', findings);
  return findings.isEmpty() ? part : null;
}

/** Null where nothing is said of it. */
export function calibrationIn(value: unknown): Calibration | Unreadable | null {
  if (value === undefined || value === null || isEmpty(value)) return null;
  const pairs = Array.isArray(value) ? value : first(value, ['points', 'pairs']);
  const [image, plan] = Array.isArray(pairs)
    ? [
        pointsIn(
          pairs.map((pair: unknown) => sideOf(pair, 0, IMAGE)),
          false,
        ),
        pointsIn(
          pairs.map((pair: unknown) => sideOf(pair, 1, PLAN)),
          false,
        ),
      ]
    : [pointsIn(first(value, IMAGE), false), pointsIn(first(value, PLAN), false)];
  if (image === null || plan === null)
    return new Unreadable(
      'It has no pairs of points: {"image": [[x, y], …], "plan": [[x, y], …]}, four of each or more.',
    );
  const problem = calibrationProblem({ image, plan });
  return problem === null ? { image, plan } : new Unreadable(problem.detail);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const IMAGE = ['image', 'image_points', 'pixel', 'pixels', 'src', 'source'] as const;
const PLAN = ['plan', 'plan_points', 'floor', 'world', 'world_points', 'dst', 'destination'] as const;

function sideOf(pair: unknown, place: 0 | 1, names: readonly string[]): unknown {
  return Array.isArray(pair) ? (pair as unknown[])[place] : first(pair, names);
}

/** @param closes whether a last point that repeats the first is to be left out. */
function pointsIn(value: unknown, closes = true): PlanPoint[] | null {
  if (!Array.isArray(value)) return null;
  const points = value.map(pointIn);
  if (points.some((point) => point === null)) return null;
  const found = points as PlanPoint[];
  const [start, end] = [found[0], found.at(-1)];
  const repeats = closes && found.length > 3 && start![0] === end![0] && start![1] === end![1];
  return repeats ? found.slice(0, -1) : found;
}

function pointIn(value: unknown): PlanPoint | null {
  const [x, y] =
    Array.isArray(value) && value.length === 2
      ? (value as unknown[])
      : [first(value, ['x']), first(value, ['y'])];
  return typeof x === 'number' && typeof y === 'number' ? [x, y] : null;
}

function kindIn(value: unknown): ZoneKind {
  const said = first(value, ['kind', 'type', 'zone_type']);
  const plain =
    typeof said === 'string'
      ? said
          .trim()
          .toLowerCase()
          .replaceAll(/[\s-]+/g, '_')
      : null;
  return ZONE_KINDS.find((kind) => kind === plain) ?? 'custom';
}

function nameIn(value: unknown, key: string): string {
  const name = first(value, ['name', 'label', 'title']);
  return typeof name === 'string' && name.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(name) ? name : key;
}

function enabledIn(value: unknown): boolean {
  return first(value, ['enabled', 'is_active', 'active']) !== false;
}

function frameIn(value: unknown): Camera['frame'] {
  const size = first(value, ['frame', 'resolution', 'size']) ?? value;
  const [w, h] = Array.isArray(size)
    ? (size as unknown[])
    : [first(size, ['w', 'width']), first(size, ['h', 'height'])];
  const isSide = (side: unknown): side is number =>
    typeof side === 'number' && Number.isInteger(side) && side > 0 && side <= 100_000;
  return isSide(w) && isSide(h) ? { w, h } : null;
}

/** The first of some members that is there. */
export function first(value: unknown, names: readonly string[]): unknown {
  if (!isObject(value)) return undefined;
  const name = names.find((one) => Object.hasOwn(value, one) && value[one] !== null);
  return name === undefined ? undefined : value[name];
}
