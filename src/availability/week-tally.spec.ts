import fc from 'fast-check';
import { arbitraryPolicy, arbitraryStore } from '../../test/oracle/arbitrary-stores.js';
import { assess, availabilityOf, timelineOf } from './index.js';

describe('the figures of a timeline', () => {
  it('are those of the report, for any store', () => {
    fc.assert(
      fc.property(arbitraryStore, arbitraryPolicy, ({ facts, asOfUs }, policy) => {
        const timeline = timelineOf(facts, asOfUs, policy);
        expect(availabilityOf(timeline)).toEqual(assess(facts, asOfUs, policy));
      }),
    );
  });
});
