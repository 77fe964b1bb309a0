import type { Availability, WindowFigures } from '../../availability/index.js';
import { SetTally } from './set-tally.js';

const HOUR_US = 3_600_000_000;

function availabilityOf(uptimeUs: number, downtimeUs: number, excludedUs = 0): Availability {
  const figures: WindowFigures = {
    startUs: 0,
    endUs: 0,
    openUs: uptimeUs + downtimeUs + excludedUs,
    uptimeUs,
    downtimeUs,
    excludedUs,
    unobservedUs: excludedUs,
    uptimeMinUs: 0,
    downtimeMinUs: 0,
    polls: 0,
    pollsOutsideHours: 0,
    inactiveUs: 0,
    unobservedInOutageUs: 0,
  };
  return { lastHour: figures, lastDay: figures, lastWeek: figures, outages: [], longestOutageUs: 0 };
}

function tallyOf(stores: readonly Availability[]): ReturnType<SetTally['present']> {
  const tally = new SetTally();
  for (const store of stores) tally.add(store);
  return tally.present();
}

describe('the tally of a set of options', () => {
  it('adds up without losing a microsecond, though the sum is more than a number holds', () => {
    const tally = new SetTally();
    // Half a hundredth of an hour in all, spread over odd microseconds: one less, and it would be rounded down.
    const stores = 36_000;
    const store = availabilityOf(168 * HOUR_US + 500, 0);
    for (let count = 0; count < stores; count += 1) tally.add(store);
    expect(stores * store.lastWeek.uptimeUs).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(tally.present().totals.last_week.uptime_hours).toBe(168 * stores + 0.01);
    const less = new SetTally();
    for (let count = 1; count < stores; count += 1) less.add(store);
    less.add(availabilityOf(168 * HOUR_US + 499, 0));
    expect(less.present().totals.last_week.uptime_hours).toBe(168 * stores);
  });

  it('says of no store at all that nothing is known', () => {
    const { totals, availability_last_week: week } = tallyOf([]);
    expect(totals.last_day).toEqual({
      open_hours: 0,
      uptime_hours: 0,
      downtime_hours: 0,
      unobserved_hours: 0,
      excluded_hours: 0,
      availability_percent: null,
    });
    expect(week.quantiles).toEqual({
      p1: null,
      p5: null,
      p25: null,
      p50: null,
      p75: null,
      p95: null,
      p99: null,
    });
    expect(week.without).toBe(0);
  });

  it('leaves stores without uptime and downtime out of the quantiles', () => {
    const { availability_last_week: week } = tallyOf([availabilityOf(0, 0, HOUR_US), availabilityOf(1, 3)]);
    expect(week.without).toBe(1);
    expect(week.quantiles).toMatchObject({ p1: 25, p99: 25 });
    expect(week.bins.filter(({ stores }) => stores > 0)).toEqual([{ from: 25, to: 30, stores: 1 }]);
  });

  it('gives as a quantile an availability that a store has', () => {
    const stores = Array.from({ length: 100 }, (_, up) => availabilityOf(up + 1, 99 - up));
    const { quantiles } = tallyOf(stores).availability_last_week;
    expect(quantiles).toEqual({ p1: 1, p5: 5, p25: 25, p50: 50, p75: 75, p95: 95, p99: 99 });
  });

  it('puts a store that was always up into the last bin, and rounds halves up', () => {
    const week = 168 * HOUR_US;
    const { availability_last_week: one } = tallyOf([availabilityOf(week, 0)]);
    expect(one.bins.at(-1)).toEqual({ from: 95, to: 100, stores: 1 });
    expect(one.quantiles.p50).toBe(100);
    // 0.005 % exactly, and one microsecond less.
    expect(tallyOf([availabilityOf(1, 19_999)]).availability_last_week.quantiles.p50).toBe(0.01);
    expect(
      tallyOf([availabilityOf(week / 20_000 - 1, week - week / 20_000 + 1)]).availability_last_week.quantiles
        .p50,
    ).toBe(0);
    // So near to all that it is shown as all, and yet in no other bin.
    const nearly = tallyOf([availabilityOf(week * 0.95 - 1, week * 0.05 + 1)]).availability_last_week;
    expect(nearly.quantiles.p50).toBe(95);
    expect(nearly.bins[18]).toEqual({ from: 90, to: 95, stores: 1 });
  });
});
