import fc from 'fast-check';
import { arbitraryPolicy, arbitraryStore } from '../../test/oracle/arbitrary-stores.js';
import { assessSlowly } from '../../test/oracle/availability-oracle.js';
import { foldSegments } from './figures.js';
import {
  assess,
  earliestRelevantUs,
  isActive,
  pollCode,
  pollInstantUs,
  sortPolls,
  timelineOf,
} from './index.js';

describe('availability, for any store', () => {
  it('agrees with a slow evaluation that shares no code with it', () => {
    fc.assert(
      fc.property(arbitraryStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        expect(assess(facts, asOfUs, policy)).toEqual(assessSlowly(facts, asOfUs, policy));
      }),
      { numRuns: 500 },
    );
  });

  it('makes uptime, downtime and excluded time the open time of every window', () => {
    fc.assert(
      fc.property(arbitraryStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const { lastHour, lastDay, lastWeek } = assess(facts, asOfUs, policy);
        for (const figures of [lastHour, lastDay, lastWeek]) {
          expect(figures.uptimeUs + figures.downtimeUs + figures.excludedUs).toBe(figures.openUs);
          expect(figures.uptimeMinUs).toBeLessThanOrEqual(figures.uptimeUs);
          expect(figures.downtimeMinUs).toBeLessThanOrEqual(figures.downtimeUs);
        }
      }),
    );
  });

  it('gives two parts of a stretch of time what it gives the whole', () => {
    fc.assert(
      fc.property(
        arbitraryStore,
        arbitraryPolicy,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (store, policy, share) => {
          const { days, week } = timelineOf(store.facts, store.asOfUs, policy);
          const { weekStartUs, asOfUs } = week;
          const splitUs = weekStartUs + Math.floor((asOfUs - weekStartUs) * share);
          const whole = foldSegments(days, weekStartUs, asOfUs);
          const first = foldSegments(days, weekStartUs, splitUs);
          const second = foldSegments(days, splitUs, asOfUs);
          for (const figure of Object.keys(whole) as (keyof typeof whole)[]) {
            expect(first[figure] + second[figure]).toBe(whole[figure]);
          }
        },
      ),
    );
  });

  it('does not depend on the order of the hour rows', () => {
    const shuffled = arbitraryStore.chain((store) => {
      const { hours } = store.facts;
      const order =
        hours === null ? fc.constant(null) : fc.shuffledSubarray([...hours], { minLength: hours.length });
      return fc.record({
        facts: fc.constant(store.facts),
        asOfUs: fc.constant(store.asOfUs),
        reordered: order,
      });
    });
    fc.assert(
      fc.property(shuffled, arbitraryPolicy, ({ facts, asOfUs, reordered }, policy) => {
        expect(assess({ ...facts, hours: reordered }, asOfUs, policy)).toEqual(assess(facts, asOfUs, policy));
      }),
    );
  });

  it('needs no poll from before the earliest relevant instant, and none from after asOf', () => {
    fc.assert(
      fc.property(arbitraryStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const needed = [...facts.polls].filter((poll) => {
          const instantUs = pollInstantUs(poll);
          return instantUs >= earliestRelevantUs(asOfUs) && instantUs <= asOfUs;
        });
        expect(assess({ ...facts, polls: needed }, asOfUs, policy)).toEqual(assess(facts, asOfUs, policy));
      }),
    );
  });

  it('turns every active poll inactive, and so uptime into downtime', () => {
    fc.assert(
      fc.property(arbitraryStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const excluding = { ...policy, unobserved: 'exclude' } as const;
        const polls = [...facts.polls].map((poll) => pollCode(pollInstantUs(poll), !isActive(poll)));
        const { lastWeek } = assess(facts, asOfUs, excluding);
        const { lastWeek: turned } = assess({ ...facts, polls }, asOfUs, excluding);
        expect([turned.uptimeUs, turned.downtimeUs]).toEqual([lastWeek.downtimeUs, lastWeek.uptimeUs]);
        expect([turned.uptimeMinUs, turned.downtimeMinUs]).toEqual([
          lastWeek.downtimeMinUs,
          lastWeek.uptimeMinUs,
        ]);
      }),
    );
  });

  it('lists outages whose open time is the downtime of the week', () => {
    fc.assert(
      fc.property(arbitraryStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const { outages, lastWeek } = assess(facts, asOfUs, policy);
        expect(outages.reduce((sum, { openUs }) => sum + openUs, 0)).toBe(lastWeek.downtimeUs);
      }),
    );
  });
});

describe('sorting polls', () => {
  it('gives the same for any order of polls at different instants', () => {
    const codes = fc.uniqueArray(fc.integer({ min: 0, max: 4e15 }), {
      selector: (code) => Math.floor(code / 2),
    });
    fc.assert(
      fc.property(
        codes.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(sortPolls(shuffled)).toEqual(sortPolls(all));
        },
      ),
    );
  });
});
