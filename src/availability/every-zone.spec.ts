import {
  clockAnswers,
  temporalAnswers,
  type Transition,
  transitionsOf,
} from '../../test/oracle/local-time-oracle.js';
import { LocalClock } from './local-time.js';
import { canonicalZone } from './zone-names.js';

const FROM = '2016-01-01T00:00:00Z';
const UNTIL = '2026-01-01T00:00:00Z';
const DAY = 86_400_000_000;

/** Ordinary instants, so that a transition is not only found where one is, but also missing where none is. */
const ORDINARY: Transition[] = Array.from({ length: 10 }, (_, i) => ({
  instantUs: Date.parse(FROM) * 1000 + i * 371 * DAY,
  beforeUs: 0,
  afterUs: 0,
}));

const zones = Intl.supportedValuesOf('timeZone');

describe('local time in every zone', () => {
  it('is asked of all zones there are', () => {
    expect(zones.length).toBeGreaterThan(400);
  });

  it('agrees with Temporal at every transition of ten years', () => {
    let count = 0;
    for (const zone of zones) {
      const transitions = transitionsOf(zone, FROM, UNTIL);
      count += transitions.length;
      const clock = new LocalClock(zone);
      expect({ zone, answers: clockAnswers(clock, transitions) }).toEqual({
        zone,
        answers: temporalAnswers(zone, transitions),
      });
    }
    expect(count).toBeGreaterThan(2000);
  }, 60_000);

  it('agrees with Temporal on ordinary days of each year', () => {
    for (const zone of zones) {
      expect({ zone, answers: clockAnswers(new LocalClock(zone), ORDINARY) }).toEqual({
        zone,
        answers: temporalAnswers(zone, ORDINARY),
      });
    }
  }, 60_000);

  it('takes every name that the machine knows, and its canonical name for itself', () => {
    for (const zone of zones) {
      const canonical = canonicalZone(zone);
      expect([zone, canonical === null ? null : canonicalZone(canonical)]).toEqual([zone, canonical]);
      expect(canonical).not.toBeNull();
    }
  });
});
