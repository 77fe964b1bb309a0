import { MINUTE_US } from './pieces.js';
import type { Stay } from './united.js';

/** Steps of one length, one after another: minutes, or the hours of a day. */
export interface Steps {
  readonly startUs: number;
  readonly stepUs: number;
  readonly count: number;
}

/** The minutes of UTC that lie in a time, whole or in part. */
export function minutesOf(fromUs: number, toUs: number): Steps {
  const first = Math.floor(fromUs / MINUTE_US);
  return {
    startUs: first * MINUTE_US,
    stepUs: MINUTE_US,
    count: Math.max(1, Math.ceil(toUs / MINUTE_US) - first),
  };
}

/**
 * How many people were in a zone in each step (M11): those with a visit that touches it, each once.
 * @param staysByPerson united visits of each person, in order of time
 */
export function peopleBySteps(staysByPerson: Iterable<readonly Stay[]>, steps: Steps): Int32Array {
  const { startUs, stepUs, count } = steps;
  const change = new Int32Array(count + 1);
  for (const stays of staysByPerson) {
    let counted = -1;
    for (const { fromUs, toUs } of stays) {
      const from = Math.max(counted + 1, Math.floor((fromUs - startUs) / stepUs));
      const to = Math.min(Math.floor((toUs - startUs) / stepUs), count - 1);
      if (to < from) continue;
      change[from]! += 1;
      change[to + 1]! -= 1;
      counted = to;
    }
  }
  let people = 0;
  for (let step = 0; step < count; step++) {
    people += change[step]!;
    change[step] = people;
  }
  return change.subarray(0, count);
}
