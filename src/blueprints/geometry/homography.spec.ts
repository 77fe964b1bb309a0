import fc from 'fast-check';
import type { Calibration, PlanPoint } from '../mapping-content.js';
import { calibrationProblem, fitHomography, project } from './index.js';

const IMAGE: [number, number][] = [
  [400, 300],
  [1500, 320],
  [1900, 1000],
  [60, 1040],
];
const PLAN: PlanPoint[] = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.8],
  [0.1, 0.8],
];
const codeOf = (calibration: Calibration): string | undefined => calibrationProblem(calibration)?.code;

describe('a calibration', () => {
  it('takes its four points where they belong', () => {
    const { matrix, rmsError, maxError } = fitHomography({ image: IMAGE, plan: PLAN });
    IMAGE.forEach((pixel, index) => {
      const [x, y] = project(matrix, pixel)!;
      expect(x).toBeCloseTo(PLAN[index]![0], 9);
      expect(y).toBeCloseTo(PLAN[index]![1], 9);
    });
    expect(rmsError).toBeLessThan(1e-9);
    expect(maxError).toBeLessThan(1e-9);
  });

  it('keeps straight lines straight: the diagonals of a floor meet where those of its image do', () => {
    const { matrix } = fitHomography({ image: IMAGE, plan: PLAN });
    const [x, y] = project(matrix, meeting(IMAGE[0]!, IMAGE[2]!, IMAGE[1]!, IMAGE[3]!))!;
    expect(x).toBeCloseTo(0.5, 9);
    expect(y).toBeCloseTo(0.45, 9);
  });

  it('tells how far its pairs lie off', () => {
    const { rmsError, maxError } = fitHomography({
      image: [...IMAGE, meeting(IMAGE[0]!, IMAGE[2]!, IMAGE[1]!, IMAGE[3]!)],
      plan: [...PLAN, [0.52, 0.45]],
    });
    expect(maxError).toBeGreaterThan(0.002);
    expect(maxError).toBeLessThan(0.02);
    expect(rmsError).toBeLessThanOrEqual(maxError);
  });

  it('puts nothing of the sky onto the floor', () => {
    const { matrix } = fitHomography({ image: IMAGE, plan: PLAN });
    expect(project(matrix, [900, -5000])).toBeNull();
  });

  it.each<[string, Calibration]>([
    ['unequal_count', { image: IMAGE, plan: PLAN.slice(1) }],
    ['too_few_pairs', { image: IMAGE.slice(1), plan: PLAN.slice(1) }],
    ['not_finite', { image: [...IMAGE.slice(1), [Number.NaN, 3]], plan: PLAN }],
    ['outside_plan', { image: IMAGE, plan: [...PLAN.slice(1), [1.2, 0]] }],
    [
      'on_a_line',
      {
        image: [
          [0, 0],
          [10, 10],
          [20, 20],
          [5, 90],
        ],
        plan: PLAN,
      },
    ],
    [
      'on_a_line',
      {
        image: IMAGE,
        plan: [
          [0.1, 0.1],
          [0.2, 0.2],
          [0.3, 0.3],
          [0.9, 0.1],
        ],
      },
    ],
    ['on_a_line', { image: [IMAGE[0]!, IMAGE[0]!, IMAGE[1]!, IMAGE[2]!], plan: PLAN }],
    ['folded', { image: [IMAGE[1]!, IMAGE[0]!, IMAGE[2]!, IMAGE[3]!], plan: PLAN }],
    // Not on a line by the letter, but by what can be computed from it.
    [
      'ambiguous',
      {
        image: [
          [0, 0],
          [1000, 1e-9],
          [2000, 0],
          [500, 1e-9],
        ],
        plan: PLAN,
      },
    ],
  ])('is refused as %s', (code, calibration) => {
    expect(codeOf(calibration)).toBe(code);
    expect(() => fitHomography(calibration)).toThrow('should have been refused');
  });

  it('takes a grid, of whose points many lie on lines', () => {
    const plan = [0.2, 0.5, 0.8].flatMap((y) => [0.2, 0.5, 0.8].map((x): PlanPoint => [x, y]));
    const image = plan.map(([x, y]): [number, number] => [x * 1920, y * 1080]);
    expect(calibrationProblem({ image, plan })).toBeNull();
  });

  it('finds any camera again from eight points of its image', () => {
    const camera = fc.record({
      tilt: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
      roll: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
      shear: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
    });
    fc.assert(
      fc.property(camera, ({ tilt, roll, shear }) => {
        const taken = (x: number, y: number): PlanPoint => {
          const depth = 2.5 + roll * x + tilt * y;
          return [(x + shear * y + 0.31) / depth, (y + 0.2) / depth];
        };
        const places = [0, 1].flatMap((y) => [0, 0.3, 0.7, 1].map((x) => [x, y] as const));
        const { matrix, maxError } = fitHomography({
          image: places.map(([x, y]): [number, number] => [x * 1920, y * 1080]),
          plan: places.map(([x, y]) => taken(x, y)),
        });
        expect(maxError).toBeLessThan(1e-9);
        const [x, y] = project(matrix, [0.4 * 1920, 0.6 * 1080])!;
        expect(x).toBeCloseTo(taken(0.4, 0.6)[0], 8);
        expect(y).toBeCloseTo(taken(0.4, 0.6)[1], 8);
      }),
    );
  });
});

/** Where the way from `a` to `b` meets that from `c` to `d`. */
function meeting(a: PlanPoint, b: PlanPoint, c: PlanPoint, d: PlanPoint): [number, number] {
  const [x, y] = [b[0] - a[0], b[1] - a[1]];
  const [u, v] = [d[0] - c[0], d[1] - c[1]];
  const along = ((c[0] - a[0]) * v - (c[1] - a[1]) * u) / (x * v - y * u);
  return [a[0] + along * x, a[1] + along * y];
}
