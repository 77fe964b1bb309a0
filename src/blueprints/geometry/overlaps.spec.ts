import type { PlanPoint } from '../mapping-content.js';
import { MOST_OVERLAPS, overlapsOf } from './overlaps.js';

interface Shaped {
  key: string;
  polygon: PlanPoint[];
  enabled: boolean;
}

function square(key: string, left: number, top: number, size: number, enabled = true): Shaped {
  const [right, bottom] = [left + size, top + size];
  const polygon: PlanPoint[] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  return { key, polygon, enabled };
}

/** The half of a square below its diagonal from the upper left. */
function triangle(key: string, left: number, top: number, size: number): Shaped {
  const { polygon, ...rest } = square(key, left, top, size);
  return { ...rest, polygon: [polygon[0]!, polygon[2]!, polygon[3]!] };
}

describe('the zones of a layout that overlap', () => {
  it('are told with what they share, those that share most first, keys in the order of the layout', () => {
    expect(
      overlapsOf([
        square('small', 0.4, 0.4, 0.2),
        square('large', 0, 0, 0.5),
        square('corner', 0.45, 0.45, 0.3),
        square('away', 0.8, 0.8, 0.1),
      ]),
    ).toEqual([
      { zones: ['small', 'corner'], area: 0.0225 },
      { zones: ['small', 'large'], area: 0.01 },
      { zones: ['large', 'corner'], area: 0.0025 },
    ]);
  });

  it('share what their shapes do, which may be nothing where their bounding boxes do', () => {
    const lower = triangle('lower', 0.1, 0.1, 0.4);
    expect(overlapsOf([lower, square('upper', 0.4, 0.1, 0.1)])).toEqual([]);
    expect(overlapsOf([lower, square('whole', 0.1, 0.1, 0.4)])).toEqual([
      { zones: ['lower', 'whole'], area: 0.08 },
    ]);
  });

  it('are none that only touch, also where their common edge is off by rounding', () => {
    const edge = 0.1 + 0.2;
    expect(overlapsOf([square('a', 0, 0, edge), square('b', 0.3, 0, 0.3)])).toEqual([]);
  });

  it('are none that are switched off', () => {
    expect(overlapsOf([square('a', 0, 0, 0.5), square('b', 0, 0, 0.5, false)])).toEqual([]);
  });

  it('are the largest of very many, and found before anybody would notice', () => {
    const alike = Array.from({ length: 998 }, (_, place) => square(`${place}`, 0.2, 0.2, 0.1));
    const zones = [...alike, square('x', 0.1, 0.1, 0.8), square('y', 0.1, 0.1, 0.7)];
    const ragged = Array.from({ length: 100 }, (_, place) => star(`${place}`, place / 1000));
    overlapsOf(zones);
    const startedAt = performance.now();
    const found = overlapsOf(zones);
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(found).toHaveLength(MOST_OVERLAPS);
    expect(found[0]).toEqual({ zones: ['x', 'y'], area: 0.49 });
    // Two pairs of 500 corners each are all that is looked at: all 4,950 pairs would take minutes.
    expect(overlapsOf(ragged)).toHaveLength(2);
  });
});

/** 500 corners, near the middle and far from it in turn: nearly all edges of two of them cross. */
function star(key: string, turned: number): Shaped {
  const polygon = Array.from({ length: 500 }, (_, place): PlanPoint => {
    const angle = turned + (2 * Math.PI * place) / 500;
    const radius = place % 2 === 0 ? 0.4 : 0.1;
    return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)];
  });
  return { key, polygon, enabled: true };
}
