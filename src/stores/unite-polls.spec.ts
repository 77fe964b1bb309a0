import fc from 'fast-check';
import { unitePolls } from './unite-polls.js';

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
});
