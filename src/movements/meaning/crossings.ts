import { type Line, passes, type PlanPoint, sideOf } from '../../blueprints/index.js';
import type { Crossing } from './track.js';
import type { Step } from './visits.js';

/**
 * The crossings of one line under one layout (M8): from strictly one side to strictly the other. Who stands on the line
 * is still on the side before, so nobody crosses it by standing there. It is passed between its ends: where the last
 * move, the one that leaves it behind, meets it.
 */
export function crossingsOf(line: Line, revision: number, steps: Iterable<Step>): Crossing[] {
  const crossings: Crossing[] = [];
  let side = 0;
  let from: PlanPoint | null = null;
  for (const { atUs, place } of steps) {
    if (place === null) continue;
    const its = sideOf(line, place);
    if (its !== 0) {
      if (side === -its && from !== null && passes(line, from, place))
        crossings.push({ lineKey: line.key, revision, atUs, direction: its > 0 ? 'entry' : 'exit' });
      side = its;
    }
    from = place;
  }
  return crossings;
}
