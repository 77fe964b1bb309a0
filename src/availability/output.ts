import { fail } from './assert.js';
import type { WindowFigures } from './figures.js';
import { HOUR_US, SECOND_US } from './units.js';

const UNIT_US = { minutes: 60 * SECOND_US, hours: HOUR_US } as const;

/**
 * Hundredths of a unit, rounded half up, exactly: only whole numbers take part, because 0.005 has no
 * floating-point value to round.
 */
export function toHundredths(us: number, unitUs: number): number {
  const numerator = us * 200 + unitUs;
  const denominator = unitUs * 2;
  if (!(us >= 0 && Number.isInteger(us) && Number.isSafeInteger(numerator)))
    fail(`a duration must be whole microseconds, 0 or more, got ${us}`);
  return (numerator - (numerator % denominator)) / denominator;
}

/** A duration as a report writes it: '59.50'. */
export function formatDuration(us: number, unit: 'minutes' | 'hours'): string {
  const hundredths = toHundredths(us, UNIT_US[unit]);
  const fraction = hundredths % 100;
  return `${(hundredths - fraction) / 100}.${fraction < 10 ? '0' : ''}${fraction}`;
}

/** The proved share of open time, 0..1; null where there is no open time. */
export function coverage(
  figures: Pick<WindowFigures, 'openUs' | 'uptimeMinUs' | 'downtimeMinUs'>,
): number | null {
  return figures.openUs === 0 ? null : (figures.uptimeMinUs + figures.downtimeMinUs) / figures.openUs;
}
