import fc from 'fast-check';
import type { PlanPoint } from '../mapping-content.js';
import { areaOf, contains, polygonProblem } from './index.js';
import { overlapArea } from './polygon.js';

const SQUARE: PlanPoint[] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
];
const codeOf = (points: readonly PlanPoint[]): string | undefined => polygonProblem(points)?.code;

/** Points round a middle, in order of angle: a polygon that never crosses itself. */
const star: fc.Arbitrary<PlanPoint[]> = fc
  .array(fc.double({ min: 0.1, max: 0.45, noNaN: true }), { minLength: 3, maxLength: 12 })
  .map((radii) =>
    radii.map((radius, index): PlanPoint => {
      const angle = (2 * Math.PI * index) / radii.length;
      return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)];
    }),
  );
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a polygon as a zone', () => {
  it('is taken in either direction, with corners on the border of the plan and points along an edge', () => {
    expect(polygonProblem(SQUARE)).toBeNull();
    expect(polygonProblem([...SQUARE].reverse())).toBeNull();
    expect(
      polygonProblem([
        [0, 0],
        [0.5, 0],
        [1, 0],
        [1, 1],
      ]),
    ).toBeNull();
  });

  it.each([
    ['too_few_points', SQUARE.slice(0, 2)],
    ['too_many_points', Array.from({ length: 501 }, (_, index): PlanPoint => [index / 600, 0.5])],
    ['not_finite', [...SQUARE.slice(0, 3), [Number.NaN, 0.5] as const]],
    ['not_finite', [...SQUARE.slice(0, 3), [0.5, Infinity] as const]],
    ['outside_plan', [...SQUARE.slice(0, 3), [-0.1, 0.5] as const]],
    ['outside_plan', [...SQUARE.slice(0, 3), [0.5, 1.0000001] as const]],
    ['repeated_point', [...SQUARE, SQUARE[0]!]],
    ['repeated_point', [SQUARE[0]!, SQUARE[0]!, ...SQUARE.slice(1)]],
    ['no_area', [[0.1, 0.1] as const, [0.5, 0.5] as const, [0.9, 0.9] as const, [0.3, 0.3] as const]],
    ['self_crossing', [SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!]],
    // Touches one of its own corners.
    [
      'self_crossing',
      [
        [0.1, 0.1] as const,
        [0.5, 0.5] as const,
        [0.9, 0.1] as const,
        [0.9, 0.9] as const,
        [0.5, 0.5] as const,
        [0.1, 0.9] as const,
      ],
    ],
    // Runs back along itself.
    ['self_crossing', [[0.1, 0.1] as const, [0.9, 0.1] as const, [0.5, 0.1] as const, [0.5, 0.9] as const]],
  ])('is refused as %s', (code, points) => {
    expect(codeOf(points as PlanPoint[])).toBe(code);
  });

  it('says which edges cross', () => {
    expect(polygonProblem([SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!])?.detail).toBe(
      'The edge from point 1 to point 2 crosses or touches the edge from point 3 to point 4.',
    );
  });

  it('is never refused for crossing itself when it does not', () => {
    fc.assert(
      fc.property(star, (points) => {
        expect(polygonProblem(points)).toBeNull();
      }),
    );
  });
});

describe('a point in a polygon', () => {
  it('is inside on an edge and on a corner', () => {
    for (const point of [...SQUARE, [0.5, 0.2] as const, [0.2, 0.3] as const, [0.8, 0.8] as const])
      expect(contains(SQUARE, point)).toBe(true);
  });

  it('is outside by the smallest step', () => {
    expect(contains(SQUARE, [0.5, 0.2 - Number.EPSILON / 8])).toBe(false);
    expect(contains(SQUARE, [0.2 - Number.EPSILON / 8, 0.5])).toBe(false);
    expect(contains(SQUARE, [0.2, 0.1])).toBe(false);
    expect(contains(SQUARE, [0.9, 0.2])).toBe(false);
  });

  it('is exact where plain arithmetic is not', () => {
    const triangle: PlanPoint[] = [
      [0.1, 0.1],
      [0.9, 0.9],
      [0.1, 0.9],
    ];
    expect(contains(triangle, [0.3, 0.3])).toBe(true);
    expect(contains(triangle, [0.3 + Number.EPSILON / 4, 0.3])).toBe(false);
    expect(contains(triangle, [0.3 - Number.EPSILON / 4, 0.3])).toBe(true);
  });

  it('is outside in the bay of a horseshoe, at the height of its corners too', () => {
    const horseshoe: PlanPoint[] = [
      [0, 0],
      [0.3, 0],
      [0.3, 0.5],
      [0.6, 0.5],
      [0.6, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(contains(horseshoe, [0.45, 0.2])).toBe(false);
    expect(contains(horseshoe, [0.45, 0])).toBe(false);
    expect(contains(horseshoe, [0.45, 0.5])).toBe(true);
    expect(contains(horseshoe, [0.8, 0.5])).toBe(true);
  });

  it('does not depend on the direction or the first point', () => {
    fc.assert(
      fc.property(star, share, share, fc.nat(11), (points, x, y, turns) => {
        const moved = points.map((_, index) => points[(index + turns) % points.length]!);
        const inside = contains(points, [x, y]);
        expect(contains(moved, [x, y])).toBe(inside);
        expect(contains([...moved].reverse(), [x, y])).toBe(inside);
      }),
    );
  });

  it('is inside at every corner', () => {
    fc.assert(
      fc.property(star, (points) => {
        expect(points.filter((point) => !contains(points, point))).toEqual([]);
      }),
    );
  });
});

describe('the area that two polygons share', () => {
  const right: PlanPoint[] = [
    [0.5, 0.2],
    [1, 0.2],
    [1, 0.8],
    [0.5, 0.8],
  ];

  it('is that of what lies in both', () => {
    expect(areaOf(SQUARE)).toBeCloseTo(0.36, 12);
    expect(overlapArea(SQUARE, right)).toBeCloseTo(0.18, 12);
    expect(overlapArea(SQUARE, SQUARE)).toBeCloseTo(0.36, 12);
  });

  it('is none where they only touch', () => {
    expect(
      overlapArea(
        right,
        right.map(([x, y]): PlanPoint => [x - 0.5, y]),
      ),
    ).toBe(0);
  });

  it('is never more than either of them, whichever comes first', () => {
    fc.assert(
      fc.property(star, star, fc.double({ min: -0.05, max: 0.05, noNaN: true }), (one, two, shift) => {
        const moved = two.map(([x, y]): PlanPoint => [x + shift, y]);
        const shared = overlapArea(one, moved);
        expect(shared).toBeGreaterThan(0);
        expect(shared).toBeLessThanOrEqual(Math.min(areaOf(one), areaOf(moved)) + 1e-9);
        expect(overlapArea(moved, one)).toBeCloseTo(shared, 9);
      }),
    );
  });
});
