import fc from 'fast-check';
import {
  arbitraryCalendarStore,
  arbitraryOutages,
  arbitraryZoneChanges,
  type CalendarStore,
} from '../../test/oracle/arbitrary-calendars.js';
import { arbitraryPolicy, arbitraryStore } from '../../test/oracle/arbitrary-stores.js';
import { assessSlowly } from '../../test/oracle/availability-oracle.js';
import {
  assess,
  availabilityOf,
  earliestRelevantUs,
  pollInstantUs,
  type StoreCalendar,
  timelineOf,
  type WindowFigures,
} from './index.js';

const DAY = 86_400_000_000;
const EMPTY: StoreCalendar = {
  zoneChanges: [],
  hoursChanges: [],
  exceptions: new Map(),
  activeFrom: null,
  activeUntil: null,
};

const withOutages = arbitraryCalendarStore.chain(({ facts, asOfUs }) =>
  arbitraryOutages(asOfUs).map((outages) => ({ facts, asOfUs, outages })),
);

function windowsOf({ facts, asOfUs }: CalendarStore, policy: Parameters<typeof assess>[2]): WindowFigures[] {
  const { lastHour, lastDay, lastWeek } = assess(facts, asOfUs, policy);
  return [lastHour, lastDay, lastWeek];
}

describe('availability, for any store with a calendar', () => {
  it('agrees with a slow evaluation that shares no code with it', () => {
    fc.assert(
      fc.property(withOutages, arbitraryPolicy, ({ facts, asOfUs, outages }, policy) => {
        expect(assess(facts, asOfUs, policy, outages)).toEqual(assessSlowly(facts, asOfUs, policy, outages));
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with it however often the zone is changed around the week', () => {
    const moving = arbitraryStore.chain(({ facts, asOfUs }) =>
      arbitraryZoneChanges(facts.zone, Math.floor(asOfUs / DAY)).map((zoneChanges) => ({
        facts: { ...facts, calendar: { ...EMPTY, zoneChanges } },
        asOfUs,
      })),
    );
    fc.assert(
      fc.property(moving, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        expect(assess(facts, asOfUs, policy)).toEqual(assessSlowly(facts, asOfUs, policy));
      }),
      { numRuns: 100 },
    );
  });

  it('makes uptime, downtime and excluded time the open time, and inactive time no part of it', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, (store, policy) => {
        for (const figures of windowsOf(store, policy)) {
          expect(figures.uptimeUs + figures.downtimeUs + figures.excludedUs).toBe(figures.openUs);
          expect(figures.openUs + figures.inactiveUs).toBeLessThanOrEqual(figures.endUs - figures.startUs);
        }
      }),
    );
  });

  it('makes open and inactive time what would be open without active dates', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const calendar = { ...facts.calendar, activeFrom: null, activeUntil: null };
        const unbounded = windowsOf({ facts: { ...facts, calendar }, asOfUs }, policy);
        expect(
          windowsOf({ facts, asOfUs }, policy).map(({ openUs, inactiveUs }) => openUs + inactiveUs),
        ).toEqual(unbounded.map(({ openUs }) => openUs));
        expect(unbounded.map(({ inactiveUs }) => inactiveUs)).toEqual([0, 0, 0]);
      }),
    );
  });

  it('is the same when what holds is said again for some dates', () => {
    const said = fc.tuple(arbitraryStore, fc.array(fc.integer({ min: -12, max: 2 }), { maxLength: 5 }));
    fc.assert(
      fc.property(said, arbitraryPolicy, ([{ facts, asOfUs }, days], policy) => {
        const dates = [...new Set(days)].sort((one, other) => one - other);
        const { zone, hours } = facts;
        const again = dates.map((day) => ({ fromDate: Math.floor(asOfUs / DAY) + day, zone, hours }));
        const calendar = { ...EMPTY, zoneChanges: again, hoursChanges: again };
        expect(assess({ ...facts, calendar }, asOfUs, policy)).toEqual(assess(facts, asOfUs, policy));
      }),
    );
  });

  it('is that of the timeline, with the same stretches without a collector', () => {
    fc.assert(
      fc.property(withOutages, arbitraryPolicy, ({ facts, asOfUs, outages }, policy) => {
        const timeline = timelineOf(facts, asOfUs, policy, outages);
        expect(availabilityOf(timeline)).toEqual(assess(facts, asOfUs, policy, outages));
      }),
    );
  });

  it('is told of stretches without a collector, and is not changed by them', () => {
    fc.assert(
      fc.property(withOutages, arbitraryPolicy, ({ facts, asOfUs, outages }, policy) => {
        const told = assess(facts, asOfUs, policy, outages);
        const untold = assess(facts, asOfUs, policy);
        for (const window of ['lastHour', 'lastDay', 'lastWeek'] as const) {
          expect(told[window].unobservedInOutageUs).toBeLessThanOrEqual(told[window].unobservedUs);
          expect({ ...told[window], unobservedInOutageUs: 0 }).toEqual(untold[window]);
        }
        expect(told.outages).toEqual(untold.outages);
      }),
    );
  });

  it('needs no poll from before the earliest relevant instant', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const polls = [...facts.polls].filter((poll) => pollInstantUs(poll) >= earliestRelevantUs(asOfUs));
        expect(assess({ ...facts, polls }, asOfUs, policy)).toEqual(assess(facts, asOfUs, policy));
      }),
    );
  });

  it('has no business day in the week that begins before the earliest relevant instant', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const { days } = timelineOf(facts, asOfUs, policy);
        for (const { open } of days)
          expect(open[0]!.startUs).toBeGreaterThanOrEqual(earliestRelevantUs(asOfUs));
      }),
      { numRuns: 500 },
    );
  });
});
