import fc from 'fast-check';
import { MINUTE_US } from '../meaning/pieces.js';
import type { Stay } from '../meaning/united.js';
import { zoneFigures } from './zone-tally.js';

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

  it('have no peak of nobody in a step that begins within a minute', () => {
    const range = { fromUs: 0.5 * MINUTE_US, toUs: 3.5 * MINUTE_US };
    const { series, peak } = zoneFigures([[stay(0.75, 0.8)], [stay(0.9, 1.6)]], range, unlimited, MINUTE_US);
    expect(peak).toBe(2);
    expect(
      series!.map(({ startUs, people: count, peak: most }) => [startUs / MINUTE_US, count, most]),
    ).toEqual([
      [0.5, 2, 2],
      [1.5, 1, 1],
    ]);
    const hours = zoneFigures(
      [[stay(60.1, 60.2)]],
      { fromUs: 0.5 * MINUTE_US, toUs: 90 * MINUTE_US },
      unlimited,
      60 * MINUTE_US,
    );
    expect(hours.series).toMatchObject([{ people: 1, peak: 1 }]);
  });

  it('add up: steps make the whole, and no step or peak has more people than there are', () => {
    fc.assert(
      fc.property(people, fc.constantFrom(1, 7, 60), fc.constantFrom(0, 0.25, 1), (all, minutes, shift) => {
        const moved = (us: number): number => us + shift * MINUTE_US;
        const figures = zoneFigures(
          all.map((its) => its.map(({ fromUs, toUs }) => ({ fromUs: moved(fromUs), toUs: moved(toUs) }))),
          { fromUs: moved(HOUR.fromUs), toUs: moved(HOUR.toUs) },
          unlimited,
          minutes * MINUTE_US,
        );
        const series = figures.series!;
        expect(series.reduce((sum, step) => sum + step.dwellUs, 0)).toBe(figures.dwell.totalUs);
        expect(series.reduce((sum, step) => sum + step.visits, 0)).toBe(figures.visits);
        expect(figures.average * (HOUR.toUs - HOUR.fromUs)).toBeCloseTo(figures.dwell.totalUs, 3);
        expect(figures.peak).toBeLessThanOrEqual(all.length);
        for (const step of series) {
          expect(step.people).toBeLessThanOrEqual(all.length);
          expect(step.people).toBeGreaterThan(0);
          expect(step.peak).toBeGreaterThan(0);
          expect(step.peak).toBeLessThanOrEqual(figures.peak);
          expect(step.dwellUs).toBeLessThanOrEqual(step.people * minutes * MINUTE_US);
        }
      }),
    );
  });
});
