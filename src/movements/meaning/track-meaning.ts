import type { Anchor } from '../../blueprints/index.js';
import { crossingsOf } from './crossings.js';
import { cellOf, QuarterTally } from './heat.js';
import { type Layout, type Layouts, Places } from './layouts.js';
import { inOrder, sessionsOf } from './sessions.js';
import type { Crossing, Observation, Session, Visit } from './track.js';
import { type Step, ZoneWatch } from './visits.js';

/** By which point of the box heat is counted. */
const HEAT_ANCHOR: Anchor = 'bottom_center';

/**
 * What the observations of one track of one camera mean under the layouts of its store (M1 to M10). It depends on the
 * observations alone, neither on their order nor on how they came in batches.
 */
export function meaningOfTrack(
  cameraId: string,
  observations: readonly Observation[],
  layouts: Layouts,
  timeoutUs: number,
): Session[] {
  return sessionsOf(inOrder(observations), timeoutUs).map((seen) =>
    meaningOfSession(cameraId, seen, layouts),
  );
}

function meaningOfSession(cameraId: string, seen: readonly Observation[], layouts: Layouts): Session {
  const visits: Visit[] = [];
  const crossings: Crossing[] = [];
  const tally = new QuarterTally();
  const endUs = seen[seen.length - 1]!.atUs;
  for (const { layout, part, nextUs } of stretches(seen, layouts)) {
    const places = new Places((anchor) =>
      part.map(({ box }) => layout.locate({ ...box, cameraKey: cameraId }, anchor)),
    );
    const floor = visitsOf(layout, part, places);
    visits.push(...floor.visits);
    for (const line of layout.lines)
      crossings.push(...crossingsOf(line, layout.revision, stepsOf(part, places, line.anchor)));
    const untilUs = Math.min(layout.untilUs, nextUs ?? endUs);
    const heat = places.by(HEAT_ANCHOR);
    for (const [index, { atUs }] of part.entries()) {
      const place = heat[index]!;
      const evidence = floor.inZone[index] === 0 || floor.inOpenZone[index] === 1;
      tally.add(atUs, part[index + 1]?.atUs ?? untilUs, place && cellOf(place), evidence);
    }
  }
  return {
    startUs: seen[0]!.atUs,
    endUs,
    observations: seen.length,
    revision: layouts.at(seen[0]!.atUs).revision,
    visits,
    crossings,
    quarters: tally.end(),
  };
}

interface Stretch {
  layout: Layout;
  part: readonly Observation[];
  /** The first observation after it. */
  nextUs: number | null;
}

/** A session cut where a new layout begins (M3). */
function* stretches(seen: readonly Observation[], layouts: Layouts): Generator<Stretch> {
  for (let from = 0; from < seen.length; ) {
    const layout = layouts.at(seen[from]!.atUs);
    let end = from + 1;
    while (end < seen.length && seen[end]!.atUs < layout.untilUs) end += 1;
    yield { layout, part: seen.slice(from, end), nextUs: seen[end]?.atUs ?? null };
    from = end;
  }
}

function visitsOf(
  layout: Layout,
  part: readonly Observation[],
  places: Places,
): { visits: Visit[]; inZone: Uint8Array; inOpenZone: Uint8Array } {
  const visits: Visit[] = [];
  const inZone = new Uint8Array(part.length);
  const inOpenZone = new Uint8Array(part.length);
  for (const { zone, holds } of layout.zones) {
    const watch = new ZoneWatch(zone, layout.revision);
    const its = places.by(zone.anchor);
    for (const [index, { atUs }] of part.entries()) {
      const place = its[index]!;
      if (place === null) continue;
      const isInside = holds(place);
      watch.see(atUs, isInside);
      if (!isInside) continue;
      inZone[index] = 1;
      if (zone.openEvidence) inOpenZone[index] = 1;
    }
    visits.push(...watch.end());
  }
  return { visits, inZone, inOpenZone };
}

function* stepsOf(part: readonly Observation[], places: Places, anchor: Anchor): Generator<Step> {
  const its = places.by(anchor);
  for (const [index, { atUs }] of part.entries()) yield { atUs, place: its[index]! };
}
