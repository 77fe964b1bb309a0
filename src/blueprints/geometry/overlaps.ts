import type { PlanPoint } from '../mapping-content.js';
import { overlapArea } from './polygon.js';

/** Two zones that share a part of the floor. */
export interface Overlap {
  /** Their keys, in the order of the layout. */
  readonly zones: readonly [string, string];
  /** What they share, as a share of the plan, to a billionth. */
  readonly area: number;
}

interface ShapedZone {
  readonly key: string;
  readonly polygon: readonly PlanPoint[];
  readonly enabled: boolean;
}

/** A zone and the smallest upright rectangle round it. */
interface Boxed {
  readonly zone: ShapedZone;
  readonly place: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly area: number;
  /** Whether it is that rectangle. */
  readonly isBox: boolean;
}

interface Candidate {
  readonly one: Boxed;
  readonly other: Boxed;
  /** What their boxes share: they can't share more. */
  readonly bound: number;
}

/**
 * Pairs that are looked at: a thousand zones that all lie on each other are half a million, each a fifth of a
 * millisecond, and more are of no help to a person.
 */
export const MOST_OVERLAPS = 100;
/** Edges of one zone times edges of the other, of all pairs: as often may two edges meet while everybody else waits. */
const MOST_MEETINGS = 500_000;
/** Less is rounding, where two zones have an edge in common. */
const GRID = 1e9;

/**
 * The zones of a layout that overlap, those that share most first; disabled ones are none. At most `MOST_OVERLAPS`, of
 * the pairs whose bounding boxes share most: the same layout always gives the same.
 */
export function overlapsOf(zones: readonly ShapedZone[]): Overlap[] {
  let meetings = 0;
  return candidatesOf(zones)
    .flatMap((pair): Overlap[] => {
      const isKnown = pair.one.isBox && pair.other.isBox;
      const mayMeet = isKnown ? 0 : pair.one.zone.polygon.length * pair.other.zone.polygon.length;
      if (meetings + mayMeet > MOST_MEETINGS) return [];
      meetings += mayMeet;
      const exact = isKnown ? pair.bound : overlapArea(pair.one.zone.polygon, pair.other.zone.polygon);
      const area = Math.round(exact * GRID) / GRID;
      return area === 0 ? [] : [{ zones: keysOf(pair), area }];
    })
    .toSorted((a, b) => b.area - a.area);
}

function keysOf({ one, other }: Candidate): [string, string] {
  return one.place < other.place ? [one.zone.key, other.zone.key] : [other.zone.key, one.zone.key];
}

/** The pairs whose boxes share most. */
function candidatesOf(zones: readonly ShapedZone[]): Candidate[] {
  // From left to right: a zone meets only those that begin before it ends. The largest first, to look at fewer pairs.
  const boxes = zones
    .flatMap((zone, place) => (zone.enabled ? [boxed(zone, place)] : []))
    .toSorted((one, other) => one.left - other.left || other.area - one.area);
  let best: Candidate[] = [];
  let least = 0;
  const cut = (): void => {
    best = best.toSorted((a, b) => b.bound - a.bound).slice(0, MOST_OVERLAPS);
    if (best.length === MOST_OVERLAPS) least = best.at(-1)!.bound;
  };
  for (const [place, one] of boxes.entries()) {
    if (one.area <= least) continue;
    for (let next = place + 1; next < boxes.length; next++) {
      const other = boxes[next]!;
      if (other.left >= one.right) break;
      const bound = sharedByBoxes(one, other);
      if (bound <= least) continue;
      best.push({ one, other, bound });
      if (best.length === 2 * MOST_OVERLAPS) cut();
    }
  }
  cut();
  return best;
}

function boxed(zone: ShapedZone, place: number): Boxed {
  let [left, top] = zone.polygon[0]!;
  let [right, bottom] = [left, top];
  for (const [x, y] of zone.polygon) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  // Four corners of a polygon that crosses itself nowhere.
  const isBox =
    zone.polygon.length === 4 &&
    zone.polygon.every(([x, y]) => (x === left || x === right) && (y === top || y === bottom));
  return { zone, place, left, top, right, bottom, area: (right - left) * (bottom - top), isBox };
}

/** 0 or less where they share nothing. */
function sharedByBoxes(a: Boxed, b: Boxed): number {
  const width = (a.right < b.right ? a.right : b.right) - (a.left > b.left ? a.left : b.left);
  if (width <= 0) return 0;
  return width * ((a.bottom < b.bottom ? a.bottom : b.bottom) - (a.top > b.top ? a.top : b.top));
}
