import fc from 'fast-check';
import type { Stay } from '../meaning/united.js';
import { zoneFigures } from './zone-tally.js';

const MINUTE_US = 60_000_000;
const HOUR = { fromUs: 0, toUs: 60 * MINUTE_US };
const unlimited = (): null => null;
const stay = (from: number, to: number): Stay => ({ fromUs: from * MINUTE_US, toUs: to * MINUTE_US });

const stays = fc.array(
  fc.tuple(fc.nat(70), fc.nat(15)).map(([from, long]) => stay(from - 5, from - 5 + long)),
  { minLength: 1, maxLength: 8 },
);
/** As they come from the database: only those that reach into the hour. */
const people = fc
  .array(stays, { maxLength: 6 })
  .map((all) =>
    all
      .map((its) =>
        its.filter(({ fromUs, toUs }) => fromUs < HOUR.toUs && (toUs > HOUR.fromUs || fromUs >= HOUR.fromUs)),
      )
      .filter((its) => its.length > 0),
  );

describe('the figures of a zone', () => {
  it('have a median and a 95th percentile that some visit has', () => {
    const each = Array.from({ length: 20 }, (_, index) => [stay(0, index + 1)]);
    expect(zoneFigures(each, HOUR, unlimited, null).dwell).toMatchObject({
      medianUs: 10 * MINUTE_US,
      p95Us: 19 * MINUTE_US,
      maxUs: 20 * MINUTE_US,
    });
  });

  it('of nobody are none', () => {
    expect(zoneFigures([], HOUR, unlimited, MINUTE_US)).toEqual({
      visits: 0,
      people: 0,
      dwell: { totalUs: 0, meanUs: null, medianUs: null, p95Us: null, maxUs: null },
      average: 0,
      peak: 0,
      peakAtUs: null,
      minutesOverCapacity: 0,
      series: [],
    });
  });

  it('count minutes over the capacity that holds in them', () => {
    const two = [[stay(0, 9.5)], [stay(2, 9.5)]];
    const capacity = (us: number): number => (us < 5 * MINUTE_US ? 1 : 2);
    expect(zoneFigures(two, HOUR, capacity, null)).toMatchObject({ peak: 2, minutesOverCapacity: 3 });
  });

  it('add up: steps make the whole, and no step or peak has more people than there are', () => {
    fc.assert(
      fc.property(people, fc.constantFrom(1, 7, 60), (all, minutes) => {
        const figures = zoneFigures(all, HOUR, unlimited, minutes * MINUTE_US);
        const series = figures.series!;
        expect(series.reduce((sum, step) => sum + step.dwellUs, 0)).toBe(figures.dwell.totalUs);
        expect(series.reduce((sum, step) => sum + step.visits, 0)).toBe(figures.visits);
        expect(figures.average * (HOUR.toUs - HOUR.fromUs)).toBeCloseTo(figures.dwell.totalUs, 3);
        expect(figures.peak).toBeLessThanOrEqual(all.length);
        for (const step of series) {
          expect(step.people).toBeLessThanOrEqual(all.length);
          expect(step.dwellUs).toBeLessThanOrEqual(step.people * minutes * MINUTE_US);
        }
      }),
    );
  });
});
