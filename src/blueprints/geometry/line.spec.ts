import fc from 'fast-check';
import type { PlanPoint } from '../mapping-content.js';
import { lineProblem, passes, sideOf } from './index.js';

/** Seen from its start at the bottom of the plan, the left of the plan lies to its left. */
const UPWARDS = { from: [0.5, 0.9], to: [0.5, 0.1] } as const;
const point = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

describe('a line across the floor', () => {
  it('has its left on the left of who walks along it on the plan', () => {
    expect(sideOf(UPWARDS, [0.2, 0.5])).toBe(1);
    expect(sideOf(UPWARDS, [0.8, 0.5])).toBe(-1);
    expect(sideOf(UPWARDS, [0.5, 0.3])).toBe(0);
  });

  it('has nothing on it that is not exactly on it', () => {
    const slanted = { from: [0.1, 0.1], to: [0.9, 0.9] } as const;
    expect(sideOf(slanted, [0.3, 0.3])).toBe(0);
    expect(sideOf(slanted, [0.3, 0.3 + Number.EPSILON / 4])).toBe(-1);
    expect(sideOf(slanted, [0.3, 0.3 - Number.EPSILON / 4])).toBe(1);
  });

  it('is passed between its ends and through them, not beyond', () => {
    expect(passes(UPWARDS, [0.4, 0.5], [0.6, 0.5])).toBe(true);
    expect(passes(UPWARDS, [0.4, 0.9], [0.6, 0.9])).toBe(true);
    expect(passes(UPWARDS, [0.4, 0.95], [0.6, 0.95])).toBe(false);
    expect(passes(UPWARDS, [0.1, 0.5], [0.4, 0.5])).toBe(false);
  });

  it('is passed alike in both directions', () => {
    fc.assert(
      fc.property(point, point, point, point, (from, to, a, b) => {
        const line = { from: from as PlanPoint, to: to as PlanPoint };
        expect(passes(line, b, a)).toBe(passes(line, a, b));
        expect(-sideOf({ from: to, to: from }, a) + 0).toBe(sideOf(line, a));
      }),
    );
  });

  it.each([
    ['no_length', [0.5, 0.5], [0.5, 0.5]],
    ['outside_plan', [0.5, 0.5], [0.5, 1.5]],
    ['not_finite', [Number.NaN, 0.5], [0.5, 0.5]],
  ])('is refused as %s', (code, from, to) => {
    expect(lineProblem({ from: from as [number, number], to: to as [number, number] })?.code).toBe(code);
  });
});
