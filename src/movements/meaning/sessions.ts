import type { Observation } from './track.js';

/**
 * A session that has lasted so long is ended and another one begins (M1). A thing that a tracker takes for a person
 * stands there for weeks; without a bound every new event would have all of them worked out again.
 */
export const LONGEST_SESSION_US = 12 * 3_600_000_000;

/** The observations of one track in order of time, one for each instant. Takes them in any order. */
export function inOrder(observations: readonly Observation[]): Observation[] {
  const sorted = [...observations].sort(
    (one, other) => one.atUs - other.atUs || compareIds(one.eventId, other.eventId),
  );
  return sorted.filter((observation, index) => sorted[index - 1]?.atUs !== observation.atUs);
}

/**
 * Cuts the observations of one track into sessions: after every gap that is longer than the time-out, and when a
 * session has lasted its longest time (M1).
 *
 * @param ordered as `inOrder` gives them
 */
export function sessionsOf(ordered: readonly Observation[], timeoutUs: number): Observation[][] {
  const sessions: Observation[][] = [];
  let current: Observation[] = [];
  for (const observation of ordered) {
    const first = current[0];
    const last = current[current.length - 1];
    if (
      first === undefined ||
      last === undefined ||
      observation.atUs - last.atUs > timeoutUs ||
      observation.atUs - first.atUs > LONGEST_SESSION_US
    ) {
      current = [];
      sessions.push(current);
    }
    current.push(observation);
  }
  return sessions;
}

function compareIds(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
