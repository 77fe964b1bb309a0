import type { Calibration, PlanPoint } from '../mapping-content.js';
import type { ShapeProblem } from './polygon.js';
import { turn } from './predicates.js';

export type CalibrationProblemCode =
  | 'unequal_count'
  | 'too_few_pairs'
  | 'too_many_pairs'
  | 'not_finite'
  | 'outside_plan'
  | 'on_a_line'
  | 'ambiguous'
  | 'folded';

const FEWEST_PAIRS = 4;
export const MOST_CALIBRATION_PAIRS = 100;

/** Why pairs of points say nothing of where the floor is, before anything is fitted to them; null when they may. */
export function pairsProblem({ image, plan }: Calibration): ShapeProblem<CalibrationProblemCode> | null {
  if (image.length !== plan.length)
    return {
      code: 'unequal_count',
      detail: `There are ${image.length} points of the image and ${plan.length} of the plan; they go in pairs.`,
    };
  if (image.length < FEWEST_PAIRS || image.length > MOST_CALIBRATION_PAIRS)
    return {
      code: image.length < FEWEST_PAIRS ? 'too_few_pairs' : 'too_many_pairs',
      detail: `A camera is calibrated by ${FEWEST_PAIRS} to ${MOST_CALIBRATION_PAIRS} pairs of points; there are ${image.length}.`,
    };
  for (const [name, points] of [['image', image] as const, ['plan', plan] as const]) {
    const problem = pointsProblem(name, points);
    if (problem !== null) return problem;
  }
  return null;
}

function pointsProblem(
  name: 'image' | 'plan',
  points: readonly PlanPoint[],
): ShapeProblem<CalibrationProblemCode> | null {
  for (const [index, [x, y]] of points.entries()) {
    if (!Number.isFinite(x) || !Number.isFinite(y))
      return {
        code: 'not_finite',
        detail: `Point ${index + 1} of the ${name} is (${x}, ${y}); both have to be finite numbers.`,
      };
    if (name === 'plan' && (x < 0 || x > 1 || y < 0 || y > 1))
      return {
        code: 'outside_plan',
        detail: `Point ${index + 1} of the plan is (${x}, ${y}); both are shares of the plan, from 0 to 1.`,
      };
  }
  if (!hasFourInGeneralPosition(points))
    return {
      code: 'on_a_line',
      detail: `Too many points of the ${name} lie on a straight line: four are needed, no three of them on one. The corners of a rectangle on the floor do.`,
    };
  return null;
}

/** Four points, no three on a line, can be chosen unless some straight line takes all different points but one. */
function hasFourInGeneralPosition(points: readonly PlanPoint[]): boolean {
  const different = points.filter(
    (point, index) => points.findIndex(([x, y]) => x === point[0] && y === point[1]) === index,
  );
  if (different.length < FEWEST_PAIRS) return false;
  // A line that leaves out one point at the most holds two of any three.
  const [a, b, c] = different as [PlanPoint, PlanPoint, PlanPoint, ...PlanPoint[]];
  return [[a, b] as const, [a, c] as const, [b, c] as const].every(
    ([one, other]) => different.filter((point) => turn(one, other, point) !== 0).length >= 2,
  );
}
