import type { PlanPoint } from '../mapping-content.js';
import type { ShapeProblem } from './polygon.js';
import { segmentsMeet, turn } from './predicates.js';

/** The ends of a line, of which only these matter here. */
export interface LineEnds {
  readonly from: PlanPoint;
  readonly to: PlanPoint;
}

/** The side of a line seen from `from` to `to` on the plan: 1 left (in), -1 right (out), 0 on its straight line. Exact. */
export function sideOf(line: LineEnds, point: PlanPoint): -1 | 0 | 1 {
  return turn(line.from, line.to, point);
}

/** Whether a straight move passes between the ends of a line, or through one of them. Exact. */
export function passes(line: LineEnds, from: PlanPoint, to: PlanPoint): boolean {
  return segmentsMeet(line.from, line.to, from, to);
}

export type LineProblemCode = 'not_finite' | 'outside_plan' | 'no_length';

/** Why two points cannot be a line that people cross; null when they can. */
export function lineProblem({ from, to }: LineEnds): ShapeProblem<LineProblemCode> | null {
  for (const [end, [x, y]] of [['from', from] as const, ['to', to] as const]) {
    if (!Number.isFinite(x) || !Number.isFinite(y))
      return {
        code: 'not_finite',
        detail: `The end "${end}" is (${x}, ${y}); both have to be finite numbers.`,
      };
    if (x < 0 || x > 1 || y < 0 || y > 1)
      return {
        code: 'outside_plan',
        detail: `The end "${end}" is (${x}, ${y}); both are shares of the plan, from 0 to 1.`,
      };
  }
  if (from[0] === to[0] && from[1] === to[1])
    return { code: 'no_length', detail: 'Both ends of the line are the same point; it needs a length.' };
  return null;
}
