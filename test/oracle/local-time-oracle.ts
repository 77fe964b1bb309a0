import { Temporal } from 'temporal-polyfill';
import type { LocalClock } from '../../src/availability/local-time.js';

const DAY = 86_400_000_000;

/** A change of a zone's offset. All are microseconds. */
export interface Transition {
  instantUs: number;
  beforeUs: number;
  afterUs: number;
}

export function transitionsOf(zone: string, from: string, until: string): Transition[] {
  const transitions: Transition[] = [];
  const endMs = Temporal.Instant.from(until).epochMilliseconds;
  let cursor = Temporal.Instant.from(from).toZonedDateTimeISO(zone);
  for (;;) {
    const next = cursor.getTimeZoneTransition('next');
    if (next === null || next.epochMilliseconds >= endMs) return transitions;
    const beforeUs = next.subtract({ nanoseconds: 1 }).offsetNanoseconds / 1000;
    transitions.push({
      instantUs: next.epochMilliseconds * 1000,
      beforeUs,
      afterUs: next.offsetNanoseconds / 1000,
    });
    cursor = next;
  }
}

/** What the engine's clock says around transitions; lines of text, so that a difference names its place. */
export function clockAnswers(clock: LocalClock, transitions: readonly Transition[]): string[] {
  return [
    ...instantsAround(transitions).map((us) => `${us} shows ${clock.wallAt(us)}`),
    ...wallTimesAround(transitions).map(
      (wallUs) =>
        `${wallUs} at ${clock.instantsShowing(wallUs).join(' and ')}, is ${clock.instantOf(wallUs)}`,
    ),
  ];
}

/** The same from Temporal. */
export function temporalAnswers(zone: string, transitions: readonly Transition[]): string[] {
  return [
    ...instantsAround(transitions).map((us) => `${us} shows ${wallAt(us, zone)}`),
    ...wallTimesAround(transitions).map((wallUs) => {
      const local = new Temporal.Instant(BigInt(wallUs) * 1000n).toZonedDateTimeISO('UTC').toPlainDateTime();
      const [earlier, later] = [instantOf(local, zone, 'earlier'), instantOf(local, zone, 'later')];
      if (earlier === later) return `${wallUs} at ${earlier}, is ${earlier}`;
      // Temporal has no list of instants: of the two it offers, those that do show the time are the list.
      const shown = [earlier, later].filter((us) => wallAt(us, zone) === wallUs);
      return `${wallUs} at ${shown.join(' and ')}, is ${instantOf(local, zone, 'compatible')}`;
    }),
  ];
}

function instantsAround(transitions: readonly Transition[]): number[] {
  return transitions.flatMap(({ instantUs }) => [-1, 0, DAY].map((aside) => instantUs + aside));
}

function wallTimesAround(transitions: readonly Transition[]): number[] {
  return transitions.flatMap(({ instantUs, beforeUs, afterUs }) => {
    const low = instantUs + Math.min(beforeUs, afterUs);
    const high = instantUs + Math.max(beforeUs, afterUs);
    return [low - 1, low, (low + high) / 2, high - 1, high];
  });
}

function wallAt(us: number, zone: string): number {
  return us + new Temporal.Instant(BigInt(us) * 1000n).toZonedDateTimeISO(zone).offsetNanoseconds / 1000;
}

function instantOf(
  local: Temporal.PlainDateTime,
  zone: string,
  way: 'earlier' | 'later' | 'compatible',
): number {
  return Number(local.toZonedDateTime(zone, { disambiguation: way }).epochNanoseconds / 1000n);
}
