import fc from 'fast-check';
import { unitePolls, uniteWithin } from './unite-polls.js';

describe('unitePolls', () => {
  const list = fc
    .uniqueArray(fc.nat(20), { maxLength: 12 })
    .chain((instants) =>
      fc.tuple(...instants.map((instant) => fc.constantFrom(instant * 2, instant * 2 + 1))),
    )
    .map((codes) => Float64Array.from(codes).sort());

  it('keeps one poll for each instant, the later list’s where both know it, and counts those that are equal', () => {
    fc.assert(
      fc.property(list, list, (earlier, later) => {
        const byInstant = new Map([...earlier, ...later].map((code) => [Math.floor(code / 2), code]));
        expect(unitePolls(earlier, later)).toEqual({
          polls: Float64Array.from(byInstant.values()).sort(),
          equal: earlier.filter((code) => later.includes(code)).length,
        });
      }),
    );
  });

  it('takes of a list that is too long only what there is room for, loses nothing, and knows whether that changes anything', () => {
    fc.assert(
      fc.property(list, list, fc.nat(24), (earlier, later, room) => {
        const most = Math.max(earlier.length, room);
        const { polls, surplus, changes } = uniteWithin(earlier, later, most);
        const whole = unitePolls(earlier, later).polls;
        expect(polls.length).toBe(Math.min(most, whole.length));
        expect(Float64Array.of(...polls, ...surplus).sort()).toEqual(whole);
        expect(changes).toBe(polls.join() !== earlier.join());
      }),
    );
  });
});
