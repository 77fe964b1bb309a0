import { coverage, formatDuration, toHundredths } from './index.js';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('a duration as a report writes it', () => {
  it.each([
    [0, 'minutes', '0.00'],
    [59 * MINUTE + 30 * SECOND, 'minutes', '59.50'],
    [HOUR, 'minutes', '60.00'],
    [(6 * SECOND) / 10, 'minutes', '0.01'],
    [168 * HOUR, 'hours', '168.00'],
    [3 * MINUTE, 'hours', '0.05'],
    [HOUR + 36 * SECOND, 'hours', '1.01'],
  ] as const)('writes %d µs in %s as %s', (us, unit, text) => {
    expect(formatDuration(us, unit)).toBe(text);
  });

  it('rounds exactly half a hundredth up, and a microsecond less down', () => {
    const halfAHundredth = MINUTE / 200;
    expect(formatDuration(MINUTE + halfAHundredth, 'minutes')).toBe('1.01');
    expect(formatDuration(MINUTE + halfAHundredth - 1, 'minutes')).toBe('1.00');
    expect(formatDuration(100 * HOUR + HOUR / 200, 'hours')).toBe('100.01');
    expect(formatDuration(100 * HOUR + HOUR / 200 - 1, 'hours')).toBe('100.00');
  });

  it('rounds up what floating point has just below the half: 1.005 hours', () => {
    expect(toHundredths(HOUR + 18 * SECOND, HOUR)).toBe(101);
  });

  it('refuses a negative or fractional duration as a mistake of the program', () => {
    expect(() => formatDuration(-1, 'hours')).toThrow(/whole microseconds, 0 or more, got -1/);
    expect(() => formatDuration(0.5, 'hours')).toThrow(/whole microseconds/);
    expect(() => formatDuration(Number.NaN, 'hours')).toThrow(/whole microseconds/);
  });
});

describe('coverage', () => {
  it('is the proved share of open time', () => {
    expect(coverage({ openUs: 8 * HOUR, uptimeMinUs: 3 * HOUR, downtimeMinUs: HOUR })).toBe(0.5);
  });

  it('is none where there is no open time', () => {
    expect(coverage({ openUs: 0, uptimeMinUs: 0, downtimeMinUs: 0 })).toBeNull();
  });
});
