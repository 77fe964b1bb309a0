import fc from 'fast-check';
import { formatInstantUs, parseInstantUs } from './instant.js';

describe('instants', () => {
  it.each([
    ['2023-01-25T18:13:22.479220Z', 1_674_670_402_479_220],
    ['2023-01-25 18:13:22Z', 1_674_670_402_000_000],
    ['2023-01-25T19:13:22.5+01:00', 1_674_670_402_500_000],
  ])('reads %s to the microsecond', (text, expected) => {
    expect(parseInstantUs(text)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2023-02-30T00:00:00Z',
    '2023-01-25T18:13:22',
    '2023-01-25T25:00:00Z',
    '2023-01-25T18:13:22.1234567Z',
  ])('refuses %p', (text) => {
    expect(parseInstantUs(text)).toBeNull();
  });

  it('reads back whatever it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (instantUs) => {
        expect(parseInstantUs(formatInstantUs(instantUs))).toBe(instantUs);
      }),
    );
  });
});
