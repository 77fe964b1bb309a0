import { orient2d } from 'robust-predicates';
import type { PlanPoint } from '../mapping-content.js';

/**
 * On which side of the way from `a` to `b` a point lies, as one sees it on the plan, whose y grows downwards: 1 left,
 * -1 right, 0 on the straight line through both. Exact: plain arithmetic puts points that lie on a line beside it.
 */
export function turn(a: PlanPoint, b: PlanPoint, point: PlanPoint): -1 | 0 | 1 {
  const area = orient2d(a[0], a[1], b[0], b[1], point[0], point[1]);
  if (area === 0) return 0;
  return area > 0 ? 1 : -1;
}

/** Whether a point that is known to lie on the straight line through `a` and `b` lies between them, ends included. */
function isBetween(a: PlanPoint, b: PlanPoint, point: PlanPoint): boolean {
  return (
    Math.min(a[0], b[0]) <= point[0] &&
    point[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= point[1] &&
    point[1] <= Math.max(a[1], b[1])
  );
}

/** Whether a point lies on the segment from `a` to `b`, ends included. Exact. */
export function isOnSegment(a: PlanPoint, b: PlanPoint, point: PlanPoint): boolean {
  return isBetween(a, b, point) && turn(a, b, point) === 0;
}

/** Whether two segments have a point in common, ends included. Exact. */
export function segmentsMeet(a: PlanPoint, b: PlanPoint, c: PlanPoint, d: PlanPoint): boolean {
  if (
    Math.max(a[0], b[0]) < Math.min(c[0], d[0]) ||
    Math.max(c[0], d[0]) < Math.min(a[0], b[0]) ||
    Math.max(a[1], b[1]) < Math.min(c[1], d[1]) ||
    Math.max(c[1], d[1]) < Math.min(a[1], b[1])
  )
    return false;
  const ofC = turn(a, b, c);
  const ofD = turn(a, b, d);
  const ofA = turn(c, d, a);
  const ofB = turn(c, d, b);
  if (ofC * ofD < 0 && ofA * ofB < 0) return true;
  return (
    (ofC === 0 && isBetween(a, b, c)) ||
    (ofD === 0 && isBetween(a, b, d)) ||
    (ofA === 0 && isBetween(c, d, a)) ||
    (ofB === 0 && isBetween(c, d, b))
  );
}
