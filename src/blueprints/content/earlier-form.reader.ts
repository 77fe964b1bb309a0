import { Findings } from '../../stores/invalid.js';
import { calibrationProblem, lineProblem, polygonProblem } from '../geometry/index.js';
import type { Calibration, Camera, Line, PlanPoint, Zone, ZoneKind } from '../mapping-content.js';
import { ZONE_KINDS } from '../mapping-content.js';
import { ZONE_DEFAULTS } from '../zone-defaults.js';
import { parseCamera } from './camera.parser.js';
import { isObject, type JsonObject, MOST_PARTS } from './members.js';
import { isKey, parseLine, parseZone } from './zone.parser.js';

/** What could be read of a layout of the earlier system. */
export interface EarlierLayout {
  zones: Zone[];
  lines: Line[];
  cameras: Camera[];
}

/** A part of such a layout: the name it stands under, and in which store's part. */
interface Part {
  key: string;
  store: string | null;
  value: unknown;
}

/**
 * Reads what can be read of a layout whose form nobody laid down: zones and lines at its top or within its stores, as
 * lists or under their names, cameras, and their calibration. The rest is passed over; nothing is refused, since the
 * whole is kept as it was given. What two stores call the same goes by the store's name too.
 */
export function readEarlierForm(given: JsonObject): EarlierLayout {
  const calibrations = new Map(
    entriesOf(given['calibration']).map(({ key, value }) => [key, calibrationIn(value)]),
  );
  const listed = partsOf(given, 'cameras');
  const unlisted = [...calibrations.keys()]
    .filter((key) => !listed.some((part) => part.key === key))
    .map((key): Part => ({ key, store: null, value: {} }));
  return {
    zones: unique(partsOf(given, 'zones'), zoneIn),
    lines: unique(partsOf(given, 'lines'), lineIn),
    cameras: unique([...listed, ...unlisted], (part) => cameraIn(part, calibrations.get(part.key) ?? null)),
  };
}

function partsOf(given: JsonObject, kind: 'zones' | 'lines' | 'cameras'): Part[] {
  const within = entriesOf(given['stores']).flatMap(({ key: store, value }) =>
    isObject(value) ? entriesOf(value[kind], store) : [],
  );
  return [...entriesOf(given[kind]), ...within];
}

/** Of a list those items that say how they are called, or that are a name; of an object all members. */
function entriesOf(container: unknown, store: string | null = null): Part[] {
  const entries: [unknown, unknown][] = Array.isArray(container)
    ? container.map((item: unknown, place) => [typeof item === 'string' ? item : calledIn(item, place), item])
    : Object.entries(isObject(container) ? container : {});
  return entries.flatMap(([name, value]) => {
    const key = typeof name === 'string' ? name.trim() : name;
    return isKey(key) ? [{ key, store, value }] : [];
  });
}

function calledIn(item: unknown, place: number): unknown {
  const name = first(item, ['key', 'id', 'zone_id', 'line_id', 'camera_id', 'store', 'name']);
  return typeof name === 'number' ? String(name) : (name ?? String(place + 1));
}

/** Reads each part under a key that no other has. */
function unique<T extends { readonly key: string }>(
  parts: readonly Part[],
  read: (part: Part) => T | null,
): T[] {
  const names = new Map<string, number>();
  for (const { key } of parts) names.set(key, (names.get(key) ?? 0) + 1);
  const taken = new Map<string, T>();
  for (const part of parts.slice(0, 2 * MOST_PARTS)) {
    const shared = names.get(part.key)! > 1 && part.store !== null;
    const key = shared ? `${part.store}/${part.key}` : part.key;
    const found = isKey(key) && !taken.has(key) && taken.size < MOST_PARTS ? read(part) : null;
    if (found !== null) taken.set(key, { ...found, key });
  }
  return [...taken.values()];
}

function zoneIn({ key, value }: Part): Zone | null {
  const exact = exactly(value, { key, kind: kindIn(value) }, parseZone);
  if (exact !== null) return exact;
  const polygon = pointsIn(
    Array.isArray(value) ? value : first(value, ['polygon', 'points', 'coordinates', 'vertices']),
  );
  if (polygon === null || polygonProblem(polygon) !== null) return null;
  const kind = kindIn(value);
  const { anchor, minPresenceMs, exitGraceMs, openEvidence } = ZONE_DEFAULTS[kind];
  const shape = { key, name: nameIn(value, key), kind, polygon, anchor, minPresenceMs, exitGraceMs };
  return { ...shape, capacity: null, openEvidence, enabled: enabledIn(value) };
}

function lineIn({ key, value }: Part): Line | null {
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
  if (ends?.length !== 2 || from === undefined || to === undefined || lineProblem({ from, to }) !== null)
    return null;
  return { key, name: nameIn(value, key), from, to, anchor: 'bottom_center', enabled: enabledIn(value) };
}

function cameraIn({ key, value }: Part, calibration: Calibration | null): Camera | null {
  const exact = exactly(value, { key, frame: frameIn(value) }, parseCamera);
  if (exact !== null) return { ...exact, calibration: exact.calibration ?? calibration };
  const own = isObject(value) ? calibrationIn(value['calibration']) : null;
  return {
    key,
    name: nameIn(value, key),
    frame: frameIn(value),
    calibration: own ?? calibration,
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

function calibrationIn(value: unknown): Calibration | null {
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
  if (image === null || plan === null) return null;
  return calibrationProblem({ image, plan }) === null ? { image, plan } : null;
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
function first(value: unknown, names: readonly string[]): unknown {
  if (!isObject(value)) return undefined;
  const name = names.find((one) => Object.hasOwn(value, one) && value[one] !== null);
  return name === undefined ? undefined : value[name];
}
