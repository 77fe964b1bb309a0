import fc from 'fast-check';
import { settle, splitAtDays } from './poll-batches.js';

describe('polls of the inbox', () => {
  it('are settled to one for each instant, the one that came last', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), (arrived) => {
        const last = new Map(arrived.map((code) => [Math.floor(code / 2), code]));
        expect(settle(arrived)).toEqual(Float64Array.from(last.values()).sort());
      }),
    );
  });

  it('are cut at midnight UTC', () => {
    const day = 86_400_000_000 * 2;
    const polls = Float64Array.of(day - 1, day, day + 5, 4 * day);
    expect([...splitAtDays(polls)]).toEqual([
      { day: 0, polls: Float64Array.of(day - 1) },
      { day: 1, polls: Float64Array.of(day, day + 5) },
      { day: 4, polls: Float64Array.of(4 * day) },
    ]);
  });
});
