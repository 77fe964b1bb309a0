import fc from 'fast-check';
import { arbitraryCalendarStore, arbitraryOutages } from '../../test/oracle/arbitrary-calendars.js';
import { arbitraryPolicy } from '../../test/oracle/arbitrary-stores.js';
import {
  assess,
  DEFAULT_POLICY,
  earliestRelevantUs,
  momentOf,
  type Piece,
  piecesOf,
  pollCode,
  pollInstantUs,
  sortPolls,
  type StoreFacts,
  timelineOf,
  timelineOfDates,
  type WindowFigures,
} from './index.js';

const DAY = 86_400_000_000;
const estimators = arbitraryPolicy.map(({ estimator }) => estimator);

/** Also polls of the weeks before. */
const longPolled = arbitraryCalendarStore.map(({ facts, asOfUs }) => {
  const earlier = [10, 20].flatMap((days) => Array.from(facts.polls, (poll) => poll - 2 * days * DAY));
  return { facts: { ...facts, polls: sortPolls([...earlier, ...facts.polls]) }, asOfUs };
});

function sum(pieces: readonly Piece[], take: (piece: Piece) => boolean): number {
  return pieces.filter(take).reduce((us, { startUs, endUs }) => us + endUs - startUs, 0);
}

type Sums = Pick<
  WindowFigures,
  'openUs' | 'uptimeUs' | 'downtimeUs' | 'excludedUs' | 'unobservedUs' | 'uptimeMinUs' | 'downtimeMinUs'
>;

function sumsOf(pieces: readonly Piece[]): Sums {
  return {
    openUs: sum(pieces, () => true),
    uptimeUs: sum(pieces, ({ status }) => status === 'up'),
    downtimeUs: sum(pieces, ({ status }) => status === 'down'),
    excludedUs: sum(pieces, ({ status }) => status === 'excluded'),
    unobservedUs: sum(pieces, ({ poll }) => poll === null),
    uptimeMinUs: sum(pieces, ({ status, proved }) => proved && status === 'up'),
    downtimeMinUs: sum(pieces, ({ status, proved }) => proved && status === 'down'),
  };
}

function upTo(facts: StoreFacts, atUs: number): StoreFacts {
  return { ...facts, polls: Float64Array.from(facts.polls).filter((poll) => pollInstantUs(poll) <= atUs) };
}

describe('what explains figures, for any store', () => {
  it('is in pieces that add up to those of every window to the microsecond', () => {
    const stores = arbitraryCalendarStore.chain(({ facts, asOfUs }) =>
      arbitraryOutages(asOfUs).map((outages) => ({ facts, asOfUs, outages })),
    );
    fc.assert(
      fc.property(stores, arbitraryPolicy, ({ facts, asOfUs, outages }, policy) => {
        const { days } = timelineOf(facts, asOfUs, policy, outages);
        const { lastHour, lastDay, lastWeek } = assess(facts, asOfUs, policy, outages);
        for (const figures of [lastHour, lastDay, lastWeek])
          expect(figures).toMatchObject(sumsOf(piecesOf(days, figures.startUs, figures.endUs)));
      }),
      { numRuns: 300 },
    );
  });

  it('lies apart, in open time, and names no poll that is not of the same day', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        for (const { open, polls, segments } of timelineOf(facts, asOfUs, policy).days) {
          let reachedUs = -Infinity;
          for (const { startUs, endUs, poll } of segments) {
            expect(startUs).toBeGreaterThanOrEqual(reachedUs);
            expect(open.some((opening) => opening.startUs <= startUs && endUs <= opening.endUs)).toBe(true);
            if (poll !== null) expect(polls).toContain(poll);
            reachedUs = endUs;
          }
        }
      }),
    );
  });
});

describe('the timeline of local dates, for any store', () => {
  it('holds the segments of a report of whole dates', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const report = timelineOf(facts, asOfUs, { ...policy, windows: 'calendar' });
        const dates = timelineOfDates(facts, asOfUs, policy, 7);
        expect(dates.startUs).toBe(report.week.weekStartUs);
        const observed = dates.days.filter(({ open }) => open[0]!.startUs <= asOfUs);
        expect(observed).toEqual(report.days);
        expect(dates.pollsOutsideHours).toEqual(report.pollsOutsideHours);
        expect(dates.inactive).toEqual(report.inactive);
      }),
    );
  });

  it('says the same of the same dates, however many are asked for', () => {
    const lengths = fc.integer({ min: 2, max: 31 });
    fc.assert(
      fc.property(longPolled, arbitraryPolicy, lengths, ({ facts, asOfUs }, policy, length) => {
        const long = timelineOfDates(facts, asOfUs, policy, length);
        const short = timelineOfDates(facts, asOfUs, policy, length - 1);
        expect(long.dates.slice(1)).toEqual(short.dates);
        expect(long.days.filter(({ open }) => open.at(-1)!.endUs > short.startUs)).toEqual(short.days);
      }),
    );
  });

  it('is empty of inactive time at the very start of a date, into which a day after the last active one reaches', () => {
    const midnightUs = 20_000 * DAY;
    const overnight = Array.from({ length: 7 }, (_, weekday) => ({
      weekday,
      startSecond: 79_200,
      endSecond: 7_200,
    }));
    const calendar = {
      zoneChanges: [],
      hoursChanges: [],
      exceptions: new Map(),
      activeFrom: null,
      activeUntil: 19_990,
    };
    const facts = { zone: 'UTC', hours: overnight, polls: [], calendar };
    const inactive = (days: number) => timelineOfDates(facts, midnightUs, DEFAULT_POLICY, days).inactive;
    expect(inactive(1)).toEqual([]);
    expect(inactive(2).at(-1)).toEqual({ startUs: midnightUs - 7_200_000_000, endUs: midnightUs });
  });

  it('needs no poll from before the earliest relevant one', () => {
    const lengths = fc.integer({ min: 1, max: 31 });
    fc.assert(
      fc.property(longPolled, arbitraryPolicy, lengths, ({ facts, asOfUs }, policy, length) => {
        const fromUs = earliestRelevantUs(asOfUs, length);
        const polls = Float64Array.from(facts.polls).filter((poll) => pollInstantUs(poll) >= fromUs);
        expect(timelineOfDates({ ...facts, polls }, asOfUs, policy, length)).toEqual(
          timelineOfDates(facts, asOfUs, policy, length),
        );
      }),
    );
  });

  it('covers its dates without a gap', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const { dates, startUs } = timelineOfDates(facts, asOfUs, policy, 9);
        expect(dates).toHaveLength(9);
        expect(dates[0]!.startUs).toBe(startUs);
        for (const [place, { startUs: from }] of dates.slice(1).entries())
          expect(from).toBe(dates[place]!.endUs);
      }),
    );
  });
});

describe('a moment, for any store', () => {
  it('has the status with which the timeline of a report as of then goes on', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const moment = momentOf(facts, asOfUs, policy.estimator);
        const known = upTo(facts, asOfUs);
        const { days } = timelineOf(known, asOfUs + 1, { ...policy, windows: 'rolling' });
        const [piece] = piecesOf(days, asOfUs, asOfUs + 1);
        if (!('date' in moment)) return expect(piece).toBeUndefined();
        expect(moment.date).toBe(piece!.date);
        expect(moment.poll).toBe(piece!.poll);
        expect(moment.state).toBe(piece!.poll === null ? 'unobserved' : piece!.status);
      }),
      { numRuns: 500 },
    );
  });

  it('is down since the outage began that a report as of then tells, and not longer', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, estimators, ({ facts, asOfUs }, estimator) => {
        const moment = momentOf(facts, asOfUs, estimator);
        if (moment.state !== 'down') return;
        const { outages, lastWeek } = assess(upTo(facts, asOfUs), asOfUs + 1, {
          estimator,
          windows: 'rolling',
          unobserved: 'exclude',
        });
        const current = outages.find(
          ({ startUs, endUs }) => startUs <= asOfUs && (endUs ?? Infinity) > asOfUs,
        );
        expect(Math.max(moment.sinceUs, lastWeek.startUs)).toBe(current!.startUs);
      }),
      { numRuns: 500 },
    );
  });

  it('needs no poll from before the earliest relevant one', () => {
    fc.assert(
      fc.property(arbitraryCalendarStore, estimators, ({ facts, asOfUs }, estimator) => {
        const fromUs = earliestRelevantUs(asOfUs, 0);
        const polls = Float64Array.from(facts.polls).filter((poll) => pollInstantUs(poll) >= fromUs);
        expect(momentOf({ ...facts, polls }, asOfUs, estimator)).toEqual(momentOf(facts, asOfUs, estimator));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a moment', () => {
  const us = (text: string): number => Date.parse(text) * 1000;
  const daily = [0, 1, 2, 3, 4, 5, 6].flatMap((weekday) => [
    { weekday, startSecond: 9 * 3600, endSecond: 12 * 3600 },
    { weekday, startSecond: 14 * 3600, endSecond: 18 * 3600 },
  ]);
  const facts = (...polls: [string, boolean][]): StoreFacts => ({
    zone: 'UTC',
    hours: daily,
    polls: sortPolls(polls.map(([at, active]) => pollCode(us(`2023-01-18T${at}Z`), active))),
  });

  it('is closed at the very end of a window, and open at its start', () => {
    const store = facts(['10:00:00', true]);
    expect(momentOf(store, us('2023-01-18T12:00:00Z'), 'step')).toEqual({ state: 'closed' });
    expect(momentOf(store, us('2023-01-18T14:00:00Z'), 'step')).toMatchObject({ state: 'up' });
  });

  it('goes on over a closed gap: down since before it, with open time alone lost', () => {
    const store = facts(['09:30:00', true], ['11:00:00', false]);
    expect(momentOf(store, us('2023-01-18T15:00:00Z'), 'step')).toMatchObject({
      state: 'down',
      sinceUs: us('2023-01-18T11:00:00Z'),
      poll: pollCode(us('2023-01-18T11:00:00Z'), false),
      downUs: 2 * 3_600_000_000,
      leftUs: 3 * 3_600_000_000,
    });
  });

  it('has the status of a poll at that very instant', () => {
    const store = facts(['09:30:00', true], ['11:00:00', false]);
    expect(momentOf(store, us('2023-01-18T11:00:00Z'), 'step')).toMatchObject({
      state: 'down',
      sinceUs: us('2023-01-18T11:00:00Z'),
      downUs: 0,
    });
  });

  it('is unobserved before the first poll of the business day, whatever the one before ended with', () => {
    const store = facts(['17:00:00', false]);
    expect(momentOf(store, us('2023-01-19T10:00:00Z'), 'step')).toMatchObject({
      state: 'unobserved',
      sinceUs: us('2023-01-19T09:00:00Z'),
      poll: null,
    });
  });
});
