import fc from 'fast-check';
import { minutesOf, peopleBySteps } from './occupancy.js';
import { MINUTE_US } from './pieces.js';
import { crossingsOnce, type SeenCrossing, type Stay, united } from './united.js';

const stay = (fromUs: number, toUs: number): Stay => ({ fromUs, toUs });
const stays = fc.array(
  fc.tuple(fc.nat(30), fc.nat(10)).map(([from, long]) => stay(from * 20_000_000, (from + long) * 20_000_000)),
  { maxLength: 12 },
);
const total = (all: readonly Stay[]): number => all.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);

describe('visits of one person to one zone', () => {
  it('are one where two cameras saw them at the same time', () => {
    expect(united([stay(5, 9), stay(0, 6), stay(12, 13)])).toEqual([stay(0, 9), stay(12, 13)]);
    expect(united([stay(0, 9), stay(3, 4)])).toEqual([stay(0, 9)]);
  });

  it('stay two where time lies between them', () => {
    expect(united([stay(0, 5), stay(6, 9)])).toHaveLength(2);
    expect(united([stay(0, 5), stay(5, 9)])).toEqual([stay(0, 9)]);
  });

  it('take as long as the instants that any of them holds, in whatever order they come', () => {
    fc.assert(
      fc.property(stays, (given) => {
        const joined = united(given);
        const pieces = Array.from({ length: 60 }, (_, index) => index * 20_000_000 + 1);
        const held = pieces.filter((at) => given.some(({ fromUs, toUs }) => fromUs <= at && at <= toUs));
        expect(total(joined)).toBe(held.length * 20_000_000);
        expect(united([...given].reverse())).toEqual(joined);
        expect(united(joined)).toEqual(joined);
      }),
    );
  });
});

describe('occupancy', () => {
  it('counts a person once in each minute that a visit touches', () => {
    const minutes = peopleBySteps(
      [[stay(0.5 * MINUTE_US, 1 * MINUTE_US), stay(1.5 * MINUTE_US, 1.6 * MINUTE_US)], [stay(0, 0)]],
      minutesOf(0, 4 * MINUTE_US),
    );
    expect([...minutes]).toEqual([2, 1, 0, 0]);
  });

  it('is never negative, and never more than there are people', () => {
    fc.assert(
      fc.property(fc.array(stays, { maxLength: 6 }), fc.nat(20), fc.nat(20), (people, from, long) => {
        const fromUs = from * 15_000_000;
        const toUs = fromUs + long * 30_000_000;
        const minutes = peopleBySteps(people.map(united), minutesOf(fromUs, toUs));
        for (const [index, count] of minutes.entries()) {
          const startUs = (Math.floor(fromUs / MINUTE_US) + index) * MINUTE_US;
          const there = people.filter((its) =>
            its.some((one) => one.toUs >= startUs && one.fromUs < startUs + MINUTE_US),
          );
          expect(count).toBe(there.length);
        }
      }),
    );
  });
});

describe('crossings of one person', () => {
  const crossing = (
    atUs: number,
    cameraId: string,
    direction: SeenCrossing['direction'] = 'entry',
  ): SeenCrossing => ({
    atUs,
    cameraId,
    direction,
  });

  it('are one where two cameras saw them', () => {
    expect(crossingsOnce([crossing(7, 'b'), crossing(5, 'a')], 10)).toEqual([crossing(5, 'a')]);
  });

  it('are as many as one camera saw of who goes back and forth before two', () => {
    const both = [
      crossing(1, 'a'),
      crossing(2, 'a', 'exit'),
      crossing(3, 'b'),
      crossing(4, 'b', 'exit'),
      crossing(5, 'a'),
      crossing(7, 'b'),
    ];
    expect(crossingsOnce(both, 10)).toEqual(both.filter(({ cameraId }) => cameraId === 'a'));
  });

  it('are one where three cameras saw them, however many times they are asked in another order', () => {
    const three = [crossing(5, 'a'), crossing(7, 'b'), crossing(9, 'c')];
    for (const order of [three, [...three].reverse()])
      expect(crossingsOnce(order, 10)).toEqual([crossing(5, 'a')]);
  });

  it('are never fewer than the camera saw that saw most of them', () => {
    const seen = fc.array(
      fc
        .tuple(fc.nat(60), fc.constantFrom('a', 'b', 'c'), fc.boolean())
        .map(([atUs, camera, into]) => crossing(atUs, camera, into ? 'entry' : 'exit')),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(seen, (all) => {
        const counted = crossingsOnce(all, 10);
        for (const direction of ['entry', 'exit'] as const) {
          const of = (its: readonly SeenCrossing[], camera?: string): number =>
            its.filter((one) => one.direction === direction && (camera ?? one.cameraId) === one.cameraId)
              .length;
          expect(of(counted)).toBeGreaterThanOrEqual(Math.max(of(all, 'a'), of(all, 'b'), of(all, 'c')));
          expect(of(counted)).toBeLessThanOrEqual(of(all));
        }
      }),
    );
  });

  it('stay two by one camera, in two directions, or with the time-out between them', () => {
    expect(crossingsOnce([crossing(5, 'a'), crossing(7, 'a')], 10)).toHaveLength(2);
    expect(crossingsOnce([crossing(5, 'a'), crossing(7, 'b', 'exit')], 10)).toHaveLength(2);
    expect(crossingsOnce([crossing(5, 'a'), crossing(16, 'b')], 10)).toHaveLength(2);
  });
});
