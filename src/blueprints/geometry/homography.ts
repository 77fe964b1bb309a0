import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Calibration, PlanPoint } from '../mapping-content.js';
import { type CalibrationProblemCode, pairsProblem } from './calibration-pairs.js';
import type { ShapeProblem } from './polygon.js';

/** Nine numbers, row by row, that take a point of the image to the plan. */
export type HomographyMatrix = readonly number[];

export interface Homography {
  readonly matrix: HomographyMatrix;
  /** How far the pairs lie from where they are projected to, as shares of the plan: the root of the mean square. */
  readonly rmsError: number;
  /** The farthest of them. */
  readonly maxError: number;
}

/** Below this share of the largest, a singular value is rounding: several matrices fit equally well. */
const NOTHING = 1e-9;

/** Why pairs of points do not calibrate a camera; null when they do. */
export function calibrationProblem(calibration: Calibration): ShapeProblem<CalibrationProblemCode> | null {
  const problem = pairsProblem(calibration);
  if (problem !== null) return problem;
  const fit = fitted(calibration);
  return 'code' in fit ? fit : null;
}

/**
 * The projective map that takes the image points of a calibration as near as can be to its plan points: the direct
 * linear transformation by singular values, of points moved and scaled to the middle first, without which pixels in
 * the thousands would drown the shares of the plan.
 *
 * @throws Error for a calibration that `calibrationProblem` refuses.
 */
export function fitHomography(calibration: Calibration): Homography {
  const problem = pairsProblem(calibration);
  const fit = problem ?? fitted(calibration);
  if ('code' in fit) throw new Error(`This calibration should have been refused: ${fit.detail}`);
  return fit;
}

/**
 * Where a point of the image lies on the plan, perhaps outside its 0..1; null for one at the horizon or beyond it,
 * where no floor is.
 */
export function project(matrix: HomographyMatrix, [x, y]: readonly [number, number]): PlanPoint | null {
  const [a, b, c, d, e, f, g, h, i] = matrix as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const depth = g * x + h * y + i;
  // Depths are scaled to 1 in the middle of the pairs, and positive before the camera.
  if (!(depth > NOTHING)) return null;
  const point: PlanPoint = [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  return Number.isFinite(point[0]) && Number.isFinite(point[1]) ? point : null;
}

function fitted({ image, plan }: Calibration): Homography | ShapeProblem<CalibrationProblemCode> {
  const ofImage = normalising(image);
  const ofPlan = normalising(plan);
  const solution = solve(image.map(ofImage.take), plan.map(ofPlan.take));
  if (solution === null)
    return {
      code: 'ambiguous',
      detail:
        'The points lie so near to a straight line that they do not tell where the floor is; spread them.',
    };
  const matrix = ofPlan.back.mmul(solution).mmul(ofImage.matrix).to1DArray();
  const middle = middleOf(image);
  const depthAt = ([x, y]: readonly [number, number]): number => matrix[6]! * x + matrix[7]! * y + matrix[8]!;
  const scale = depthAt(middle);
  const scaled = matrix.map((value) => value / scale);
  const landed = image.map((point) => project(scaled, point));
  if (landed.includes(null))
    return {
      code: 'folded',
      detail:
        'The horizon would run between the points; most likely two of them are exchanged: both lists need one order.',
    };
  const errors = landed.map((point, index) =>
    Math.hypot(point![0] - plan[index]![0], point![1] - plan[index]![1]),
  );
  return {
    matrix: scaled,
    rmsError: Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length),
    maxError: Math.max(...errors),
  };
}

function middleOf(points: readonly PlanPoint[]): readonly [number, number] {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point[0] / points.length;
    y += point[1] / points.length;
  }
  return [x, y];
}

/** Moves points about the middle of all and to a mean distance of √2 from it, and back. */
function normalising(points: readonly PlanPoint[]): {
  take: (point: PlanPoint) => PlanPoint;
  matrix: Matrix;
  back: Matrix;
} {
  const [x, y] = middleOf(points);
  const distance = points.reduce((sum, point) => sum + Math.hypot(point[0] - x, point[1] - y), 0);
  const scale = (Math.SQRT2 * points.length) / distance;
  return {
    take: (point) => [(point[0] - x) * scale, (point[1] - y) * scale],
    matrix: new Matrix([
      [scale, 0, -x * scale],
      [0, scale, -y * scale],
      [0, 0, 1],
    ]),
    back: new Matrix([
      [1 / scale, 0, x],
      [0, 1 / scale, y],
      [0, 0, 1],
    ]),
  };
}

/** The matrix that fits best; null when more than one does, or when it would press the plan flat. */
function solve(image: readonly PlanPoint[], plan: readonly PlanPoint[]): Matrix | null {
  const rows = image.flatMap(([x, y], index) => {
    const [u, v] = plan[index]!;
    return [
      [-x, -y, -1, 0, 0, 0, u * x, u * y, u],
      [0, 0, 0, -x, -y, -1, v * x, v * y, v],
    ];
  });
  // Four pairs give eight rows for nine unknowns; a ninth of zeros makes the decomposition give all nine vectors.
  if (rows.length < 9) rows.push(Array.from({ length: 9 }, () => 0));
  const { diagonal, rightSingularVectors } = new SingularValueDecomposition(new Matrix(rows));
  if (diagonal[7]! < NOTHING * diagonal[0]!) return null;
  const solution = Matrix.from1DArray(3, 3, rightSingularVectors.getColumn(8));
  const ofMatrix = new SingularValueDecomposition(solution).diagonal;
  return ofMatrix[2]! < NOTHING * ofMatrix[0]! ? null : solution;
}
