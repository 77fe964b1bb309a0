import { QUARTER_US } from '../meaning/pieces.js';
import { noteOf } from './evidence-noter.js';
import type { StorePresence } from './store-presence.js';

const NOW = 1_000;
/** Five minutes into the current piece. */
const AT_US = NOW * QUARTER_US + QUARTER_US / 3;
const LONG_AGO_US = (NOW - 20) * QUARTER_US;

function told(
  people: readonly number[],
  sent: readonly number[],
  more: Partial<StorePresence> = {},
): StorePresence {
  return { withPeople: new Set(people), sent: new Map([['a', sent]]), mapped: [], pending: null, ...more };
}

describe('a store that is down now', () => {
  it.each<[string, StorePresence, ReturnType<typeof noteOf>]>([
    ['people in the piece before', told([NOW - 1], [NOW - 1]), 'tech_outage_suspected'],
    ['people in the piece that is not over', told([NOW], [NOW]), 'tech_outage_suspected'],
    ['people only before that', told([NOW - 2], [NOW - 2]), 'closed_unexpectedly'],
    ['a camera that has not sent for a day', told([], [NOW - 200]), 'sensor_silent'],
    ['no camera', told([], []), null],
    [
      'events on their way',
      told([], [NOW - 2], { pending: { startUs: AT_US - QUARTER_US, endUs: AT_US } }),
      null,
    ],
  ])('with %s', (_, presence, note) => {
    expect(noteOf(presence, 'down', LONG_AGO_US, AT_US)).toBe(note);
  });

  it('is not known to be empty before a whole piece of its outage is over', () => {
    const since = (NOW - 1) * QUARTER_US + 1;
    expect(noteOf(told([NOW - 1], [NOW - 1]), 'down', since, AT_US)).toBeNull();
    expect(noteOf(told([NOW], [NOW]), 'down', since, AT_US)).toBe('tech_outage_suspected');
    expect(noteOf(told([NOW], [NOW]), 'down', NOW * QUARTER_US + 1, AT_US)).toBeNull();
  });
});

describe('a store without a poll', () => {
  it('has a gap where people are, and nothing to tell where nobody is', () => {
    expect(noteOf(told([NOW], [NOW]), 'unobserved', LONG_AGO_US, AT_US)).toBe('monitoring_gap');
    expect(noteOf(told([], [NOW]), 'unobserved', LONG_AGO_US, AT_US)).toBeNull();
    expect(noteOf(told([], [NOW - 200]), 'unobserved', LONG_AGO_US, AT_US)).toBe('sensor_silent');
  });
});
