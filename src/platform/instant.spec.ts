import fc from 'fast-check';
import { formatInstantUs, parseAnyInstantUs, parseInstantUs } from './instant.js';

describe('instants', () => {
  it.each([
    ['2023-01-25T18:13:22.479220Z', 1_674_670_402_479_220],
    ['2023-01-25 18:13:22Z', 1_674_670_402_000_000],
    ['2023-01-25T19:13:22.5+01:00', 1_674_670_402_500_000],
    ['2023-01-25t18:13:22.5z', 1_674_670_402_500_000],
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
    '1969-12-31T23:59:59Z',
    '2112-01-01T00:00:00Z',
  ])('refuses %p', (text) => {
    expect(parseInstantUs(text)).toBeNull();
  });

  it('tells where an instant lies that is not taken', () => {
    expect(parseAnyInstantUs('2999-01-01T00:00:00Z')).toBe(Date.UTC(2999, 0, 1) * 1_000);
    expect(parseAnyInstantUs('1969-12-31T23:59:59Z')).toBe(-1_000_000);
    expect(parseAnyInstantUs('2999-02-30T00:00:00Z')).toBeNull();
  });

  it('reads back whatever it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (instantUs) => {
        expect(parseInstantUs(formatInstantUs(instantUs))).toBe(instantUs);
      }),
    );
  });
});
