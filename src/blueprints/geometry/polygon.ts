import polygonClipping from 'polygon-clipping';
import type { PlanPoint } from '../mapping-content.js';
import { isOnSegment, segmentsMeet, turn } from './predicates.js';

/** What is wrong with a shape, for a program and for a person. */
export interface ShapeProblem<Code extends string = string> {
  readonly code: Code;
  readonly detail: string;
}

export type PolygonProblemCode =
  | 'too_few_points'
  | 'too_many_points'
  | 'not_finite'
  | 'outside_plan'
  | 'repeated_point'
  | 'self_crossing'
  | 'no_area';

/** Each edge is compared with every other one: a body full of larger polygons would hold up everybody else. */
export const MOST_POLYGON_POINTS = 500;

/** Why a polygon cannot be a zone; null when it can. Points are named by their place, counted from 1. */
export function polygonProblem(points: readonly PlanPoint[]): ShapeProblem<PolygonProblemCode> | null {
  if (points.length < 3)
    return {
      code: 'too_few_points',
      detail: `A polygon has at least 3 points; this one has ${points.length}.`,
    };
  if (points.length > MOST_POLYGON_POINTS)
    return {
      code: 'too_many_points',
      detail: `A polygon has at most ${MOST_POLYGON_POINTS} points; this one has ${points.length}.`,
    };
  return pointProblem(points) ?? formProblem(points);
}

function pointProblem(points: readonly PlanPoint[]): ShapeProblem<PolygonProblemCode> | null {
  for (const [index, [x, y]] of points.entries()) {
    if (!Number.isFinite(x) || !Number.isFinite(y))
      return {
        code: 'not_finite',
        detail: `Point ${index + 1} is (${x}, ${y}); both have to be finite numbers.`,
      };
    if (x < 0 || x > 1 || y < 0 || y > 1)
      return {
        code: 'outside_plan',
        detail: `Point ${index + 1} is (${x}, ${y}); both are shares of the plan, from 0 to 1.`,
      };
  }
  for (const [index, point] of points.entries()) {
    const next = (index + 1) % points.length;
    const following = points[next]!;
    if (point[0] !== following[0] || point[1] !== following[1]) continue;
    const detail =
      next === 0
        ? 'The last point repeats the first one; leave it out, a polygon closes by itself.'
        : `Points ${index + 1} and ${next + 1} are the same; leave one out.`;
    return { code: 'repeated_point', detail };
  }
  return null;
}

function formProblem(points: readonly PlanPoint[]): ShapeProblem<PolygonProblemCode> | null {
  const [first, second] = points as [PlanPoint, PlanPoint, ...PlanPoint[]];
  if (points.every((point) => turn(first, second, point) === 0))
    return { code: 'no_area', detail: 'All points lie on one straight line; a polygon needs an area.' };
  const count = points.length;
  const at = (index: number): PlanPoint => points[index % count]!;
  const named = (edge: number): string => `from point ${edge + 1} to point ${((edge + 1) % count) + 1}`;
  for (let one = 0; one < count; one++) {
    if (foldsBack(at(one), at(one + 1), at(one + 2)))
      return {
        code: 'self_crossing',
        detail: `The edge ${named((one + 1) % count)} runs back along the one before it.`,
      };
    // The last edge is the neighbour of the first one.
    const end = one === 0 ? count - 1 : count;
    for (let other = one + 2; other < end; other++) {
      if (segmentsMeet(at(one), at(one + 1), at(other), at(other + 1)))
        return {
          code: 'self_crossing',
          detail: `The edge ${named(one)} crosses or touches the edge ${named(other)}.`,
        };
    }
  }
  return null;
}

function foldsBack(a: PlanPoint, b: PlanPoint, c: PlanPoint): boolean {
  return turn(a, b, c) === 0 && (isOnSegment(a, b, c) || isOnSegment(b, c, a));
}

/**
 * Whether a point lies in a polygon. A point on an edge or a corner is inside (M4).
 *
 * Counts the edges to one side of the point; only those that reach its height are looked at closely, exactly.
 */
export function contains(polygon: readonly PlanPoint[], point: PlanPoint): boolean {
  const y = point[1];
  let inside = false;
  let a = polygon[polygon.length - 1]!;
  for (const b of polygon) {
    const above = a[1] < y;
    const below = b[1] < y;
    if (above !== below || a[1] === y || b[1] === y) {
      if (isOnSegment(a, b, point)) return true;
      if (above !== below && turn(a, b, point) === (below ? -1 : 1)) inside = !inside;
    }
    a = b;
  }
  return inside;
}

/** The area of a polygon, in shares of the plan. */
export function areaOf(polygon: readonly PlanPoint[]): number {
  let twice = 0;
  let a = polygon[polygon.length - 1]!;
  for (const b of polygon) {
    twice += a[0] * b[1] - b[0] * a[1];
    a = b;
  }
  return Math.abs(twice) / 2;
}

/** A billionth of the plan: far finer than a camera sees, and coarse enough that near misses become hits. */
const GRID = 1e9;

/** The area that two polygons share, in shares of the plan; 0 when they only touch. */
export function overlapArea(a: readonly PlanPoint[], b: readonly PlanPoint[]): number {
  let shared: polygonClipping.MultiPolygon;
  try {
    shared = polygonClipping.intersection([ringOf(a)], [ringOf(b)]);
  } catch {
    // Edges that all but coincide can put the sweep line out of step; on a common grid they do coincide.
    shared = polygonClipping.intersection([snapped(a)], [snapped(b)]);
  }
  let area = 0;
  for (const [outline, ...holes] of shared) {
    area += areaOf(outline!);
    for (const hole of holes) area -= areaOf(hole);
  }
  return area;
}

function ringOf(polygon: readonly PlanPoint[]): [number, number][] {
  return polygon.map(([x, y]) => [x, y]);
}

function snapped(polygon: readonly PlanPoint[]): [number, number][] {
  return polygon.map(([x, y]) => [Math.round(x * GRID) / GRID, Math.round(y * GRID) / GRID]);
}
