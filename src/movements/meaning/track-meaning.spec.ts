import fc from 'fast-check';
import type { Line, MappingContent, MappingRevision, Zone } from '../../blueprints/index.js';
import { Layouts } from './layouts.js';
import { meaningOfTrack } from './track-meaning.js';
import type { Observation, Session } from './track.js';

const SECOND = 1_000_000;
const TIMEOUT = 30 * SECOND;
/** A whole quarter of an hour. */
const START = 1_674_640_800 * SECOND;

/** The left half of the plan. */
const LEFT: Zone = {
  key: 'left',
  name: 'Left',
  kind: 'aisle',
  polygon: [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ],
  anchor: 'bottom_center',
  minPresenceMs: 0,
  exitGraceMs: 0,
  capacity: null,
  openEvidence: true,
  enabled: true,
};
/** Who goes left over it goes in. */
const DOOR: Line = {
  key: 'door',
  name: 'Door',
  from: [0.5, 0.9],
  to: [0.5, 0.1],
  anchor: 'bottom_center',
  enabled: true,
};
const FLOOR: MappingContent = { zones: [LEFT], lines: [DOOR], cameras: [], data: {} };

function revision(content: Partial<MappingContent> = {}, fromUs = 0, number = 1): MappingRevision {
  return { storeKey: 1, revision: number, effectiveFromUs: fromUs, content: { ...FLOOR, ...content } };
}

/** Seen at some seconds after the start, each time with its feet at (x, y). */
function track(...seen: readonly (readonly [second: number, x: number, y?: number])[]): Observation[] {
  return seen.map(([second, x, y = 0.5], index) => ({
    atUs: START + second * SECOND,
    eventId: String(index).padStart(4, '0'),
    box: { bbox: [x, y - 0.1, x, y], format: 'norm', frame: null },
  }));
}

function meaning(
  observations: readonly Observation[],
  revisions: readonly MappingRevision[] = [revision()],
  camera = '',
): Session[] {
  return meaningOfTrack(camera, observations, new Layouts(revisions), TIMEOUT);
}

/** Zone and seconds after the start. */
function visitsOf(sessions: readonly Session[]): [string, number, number][] {
  return sessions.flatMap(({ visits }) =>
    visits.map(({ zoneKey, enterUs, exitUs }): [string, number, number] => [
      zoneKey,
      (enterUs - START) / SECOND,
      (exitUs - START) / SECOND,
    ]),
  );
}

function crossingsOf(sessions: readonly Session[]): [string, number][] {
  return sessions.flatMap(({ crossings }) =>
    crossings.map(({ direction, atUs }): [string, number] => [direction, (atUs - START) / SECOND]),
  );
}

const withZone = (zone: Partial<Zone>): MappingRevision[] => [revision({ zones: [{ ...LEFT, ...zone }] })];

describe('sessions', () => {
  it('end after a gap that is longer than the time-out, not after one that is as long', () => {
    const sessions = meaning(track([0, 0.1], [30, 0.1], [60.000001, 0.1]));
    expect(sessions.map(({ startUs, endUs }) => [startUs - START, endUs - START])).toEqual([
      [0, 30 * SECOND],
      [60_000_001, 60_000_001],
    ]);
  });

  it('keep people apart when a track id is used again after a restart', () => {
    const before = track([0, 0.1], [10, 0.1]);
    const after = track([300, 0.2], [310, 0.2]);
    expect(visitsOf(meaning([...after, ...before]))).toEqual([
      ['left', 0, 10],
      ['left', 300, 310],
    ]);
  });

  it('take one of several observations at one instant, that with the least id', () => {
    const [first, second] = track([0, 0.1], [0, 0.9]);
    expect(meaning([second!, first!])).toEqual(meaning([first!]));
  });

  it('end when they have lasted their longest time', () => {
    const hours = Array.from({ length: (13 * 3600) / 30 + 1 }, (_, index) => [index * 30, 0.1] as const);
    const sessions = meaning(track(...hours));
    expect(
      sessions.map(({ startUs, endUs }) => [(startUs - START) / SECOND, (endUs - START) / SECOND]),
    ).toEqual([
      [0, 43_200],
      [43_230, 46_800],
    ]);
  });

  it('of nobody are none', () => {
    expect(meaning([])).toEqual([]);
  });
});

describe('visits', () => {
  it('last from the first observation inside to the last one', () => {
    expect(visitsOf(meaning(track([0, 0.8], [1, 0.4], [2, 0.1], [9, 0.3], [10, 0.7])))).toEqual([
      ['left', 1, 9],
    ]);
  });

  it('hold who stands on an edge for inside', () => {
    expect(visitsOf(meaning(track([0, 0.5], [5, 0.5], [6, 0.5, 1])))).toEqual([['left', 0, 6]]);
    expect(visitsOf(meaning(track([0, 0.5 + Number.EPSILON], [5, 0.6])))).toEqual([]);
  });

  it('are not ended by somebody who is hidden for three seconds', () => {
    expect(visitsOf(meaning(track([0, 0.1], [1, 0.1], [4, 0.1], [5, 0.1])))).toEqual([['left', 0, 5]]);
  });

  it('take in absences up to the grace, and end before longer ones', () => {
    const walk = track([0, 0.1], [1, 0.6], [3, 0.1], [4, 0.6], [7, 0.1], [8, 0.1]);
    expect(visitsOf(meaning(walk, withZone({ exitGraceMs: 2_000 })))).toEqual([
      ['left', 0, 3],
      ['left', 7, 8],
    ]);
    expect(visitsOf(meaning(walk, withZone({ exitGraceMs: 3_000 })))).toEqual([['left', 0, 8]]);
    expect(visitsOf(meaning(walk))).toEqual([
      ['left', 0, 0],
      ['left', 3, 3],
      ['left', 7, 8],
    ]);
  });

  it('do not take in an absence that lasts to the end', () => {
    expect(visitsOf(meaning(track([0, 0.1], [1, 0.1], [2, 0.9]), withZone({ exitGraceMs: 60_000 })))).toEqual(
      [['left', 0, 1]],
    );
  });

  it('count from the shortest presence on', () => {
    const zone = withZone({ minPresenceMs: 5_000 });
    expect(visitsOf(meaning(track([0, 0.1], [4.999999, 0.1], [6, 0.9]), zone))).toEqual([]);
    expect(visitsOf(meaning(track([0, 0.1], [5, 0.1], [6, 0.9]), zone))).toEqual([['left', 0, 5]]);
  });

  it('of a single observation last no time, and count where no presence is asked for', () => {
    expect(visitsOf(meaning(track([7, 0.1])))).toEqual([['left', 7, 7]]);
    expect(visitsOf(meaning(track([7, 0.1]), withZone({ minPresenceMs: 1 })))).toEqual([]);
  });

  it('are made to each of two zones that overlap', () => {
    const middle: Zone = {
      ...LEFT,
      key: 'middle',
      polygon: LEFT.polygon.map(([x, y]) => [x + 0.25, y] as const),
    };
    const sessions = meaning(track([0, 0.1], [1, 0.3], [2, 0.6], [3, 0.9]), [
      revision({ zones: [LEFT, middle] }),
    ]);
    expect(visitsOf(sessions)).toEqual([
      ['left', 0, 1],
      ['middle', 1, 2],
    ]);
  });

  it('are not made to a zone that is switched off', () => {
    expect(visitsOf(meaning(track([0, 0.1]), withZone({ enabled: false })))).toEqual([]);
  });

  it('go by the anchor of their zone', () => {
    const top = withZone({
      anchor: 'top_center',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 0.45],
        [0, 0.45],
      ],
    });
    expect(visitsOf(meaning(track([0, 0.1, 0.5]), top))).toEqual([['left', 0, 0]]);
    expect(visitsOf(meaning(track([0, 0.1, 0.6]), top))).toEqual([]);
  });

  it('are found through the calibration of either of two cameras', () => {
    const image = [
      [0, 0],
      [100, 0],
      [100, 100],
      [0, 100],
    ] as const;
    const at = (left: number) =>
      [
        [left, 0],
        [left + 0.5, 0],
        [left + 0.5, 1],
        [left, 1],
      ] as const;
    const camera = (key: string, left: number) => ({
      key,
      name: key,
      frame: { w: 100, h: 100 },
      calibration: { image, plan: at(left) },
      enabled: true,
    });
    const revisions = [revision({ cameras: [camera('west', 0), camera('east', 0.5)] })];
    const seen = track([0, 0.9], [5, 0.8]);
    expect(visitsOf(meaning(seen, revisions, 'west'))).toEqual([['left', 0, 5]]);
    expect(visitsOf(meaning(seen, revisions, 'east'))).toEqual([]);
    expect(visitsOf(meaning(seen, revisions, 'north'))).toEqual([]);
  });

  it('end and begin where a new layout does, each with its revision', () => {
    const sessions = meaning(track([0, 0.1], [10, 0.1], [11, 0.1], [20, 0.1]), [
      revision(),
      revision({ lines: [] }, START + 10.5 * SECOND, 2),
    ]);
    expect(sessions).toHaveLength(1);
    expect(visitsOf(sessions)).toEqual([
      ['left', 0, 10],
      ['left', 11, 20],
    ]);
    expect(sessions[0]!.visits.map((visit) => visit.revision)).toEqual([1, 2]);
  });

  it('are under the new layout at the instant at which it begins', () => {
    const sessions = meaning(track([0, 0.1], [10, 0.1]), [revision(), revision({}, START + 10 * SECOND, 2)]);
    expect(sessions[0]!.visits.map((visit) => [visit.revision, visit.enterUs - START])).toEqual([
      [1, 0],
      [2, 10 * SECOND],
    ]);
  });

  it('are none before there is a layout', () => {
    expect(visitsOf(meaning(track([0, 0.1], [10, 0.1]), [revision({}, START + 5 * SECOND)]))).toEqual([
      ['left', 10, 10],
    ]);
    expect(meaning(track([0, 0.1]), [])[0]).toMatchObject({ observations: 1, visits: [], crossings: [] });
  });
});

describe('crossings', () => {
  it('tell in from out for who crosses a line back and forth', () => {
    expect(crossingsOf(meaning(track([0, 0.6], [1, 0.4], [2, 0.3], [3, 0.7], [4, 0.2])))).toEqual([
      ['entry', 1],
      ['exit', 3],
      ['entry', 4],
    ]);
  });

  it('are none for who steps onto the line and back', () => {
    expect(crossingsOf(meaning(track([0, 0.6], [1, 0.5], [2, 0.5], [3, 0.6])))).toEqual([]);
  });

  it('happen when who stood on the line leaves it on the other side', () => {
    expect(crossingsOf(meaning(track([0, 0.6], [1, 0.5], [2, 0.5], [3, 0.4])))).toEqual([['entry', 3]]);
  });

  it('are none for who begins on the line, or passes beyond its ends', () => {
    expect(crossingsOf(meaning(track([0, 0.5], [1, 0.4])))).toEqual([]);
    expect(crossingsOf(meaning(track([0, 0.6, 0.95], [1, 0.4, 0.95])))).toEqual([]);
  });

  it('are seen again after somebody went round the end of the line', () => {
    const walk = track([0, 0.6], [1, 0.6, 0.95], [2, 0.4, 0.95], [3, 0.4], [4, 0.6]);
    expect(crossingsOf(meaning(walk))).toEqual([['exit', 4]]);
  });

  it('go by the anchor of their line', () => {
    const across = (anchor: Line['anchor']): Line => ({
      ...DOOR,
      key: anchor,
      from: [0, 0.45],
      to: [1, 0.45],
      anchor,
    });
    const lines = [across('bottom_center'), across('top_center')];
    const [session] = meaning(track([0, 0.2, 0.5], [1, 0.2, 0.6]), [revision({ lines })]);
    expect(session!.crossings.map(({ lineKey }) => lineKey)).toEqual(['top_center']);
  });

  it('are none of a line that is switched off', () => {
    const lines = [{ ...DOOR, enabled: false }];
    expect(crossingsOf(meaning(track([0, 0.6], [1, 0.4]), [revision({ lines })]))).toEqual([]);
  });

  it('do not reach over the end of a session', () => {
    expect(crossingsOf(meaning(track([0, 0.6], [100, 0.4])))).toEqual([]);
  });
});

describe('heat', () => {
  it('is the time until the next observation, in the cell of the one before', () => {
    const [session] = meaning(track([0, 0, 0.5], [2, 1, 1], [5, 0, 0.5]));
    expect(session!.quarters).toHaveLength(1);
    expect([...session!.quarters[0]!.cells]).toEqual([
      [32 * 64, 2 * SECOND],
      [64 * 64 - 1, 3 * SECOND],
    ]);
  });

  it('is cut at quarters of an hour', () => {
    const { quarters } = meaning(track([890, 0.1], [910, 0.1]))[0]!;
    expect(quarters.map(({ observations, cells }) => [observations, [...cells.values()]])).toEqual([
      [1, [10 * SECOND]],
      [1, [10 * SECOND]],
    ]);
  });

  it('is none outside the plan or without one', () => {
    expect(meaning(track([0, 1.2], [5, 0.1]))[0]!.quarters[0]!.cells.size).toBe(1);
    expect(meaning(track([0, 0.2], [5, 0.1]), [])[0]!.quarters[0]!.cells.size).toBe(0);
  });
});

describe('signs that a store is open', () => {
  const staff: Zone = { ...LEFT, key: 'staff', openEvidence: false };
  const evidence = (x: number, zones: readonly Zone[]): boolean =>
    meaning(track([0, x]), [revision({ zones })])[0]!.quarters[0]!.evidence;

  it('are people in a zone that says so, and in none, but not those in other zones alone', () => {
    expect(evidence(0.1, [LEFT])).toBe(true);
    expect(evidence(0.1, [staff])).toBe(false);
    expect(evidence(0.1, [staff, LEFT])).toBe(true);
    expect(evidence(0.9, [staff])).toBe(true);
  });

  it('are all people where there is no layout', () => {
    expect(meaning(track([0, 0.1]), [])[0]!.quarters[0]!.evidence).toBe(true);
  });
});

/** Walks of some minutes, with gaps now and then. */
const walk: fc.Arbitrary<Observation[]> = fc
  .array(
    fc.record({
      gapMs: fc.oneof({ weight: 9, arbitrary: fc.nat(4_000) }, { weight: 1, arbitrary: fc.nat(90_000) }),
      x: fc.oneof(fc.constant(0.5), fc.double({ min: -0.1, max: 1.1, noNaN: true })),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
      isPlaced: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let atUs = START;
    return steps.map(({ gapMs, x, y, isPlaced }, index): Observation => {
      atUs += gapMs * 1_000;
      return {
        atUs,
        eventId: String(index).padStart(3, '0'),
        box: { bbox: [x, y, x, y], format: isPlaced ? 'norm' : 'xyxy', frame: null },
      };
    });
  });
const zoneRules = fc.record({ minPresenceMs: fc.nat(6_000), exitGraceMs: fc.nat(6_000) });
const changeUs = fc.nat(120_000).map((ms) => START + ms * 1_000);

function revisionsWith(rules: Partial<Zone>, secondFromUs: number): MappingRevision[] {
  const zones = [{ ...LEFT, ...rules }];
  return [revision({ zones }), revision({ zones }, secondFromUs, 2)];
}

describe('the meaning of any track', () => {
  it('does not depend on the order of arrival', () => {
    const shuffled = walk.chain((seen) =>
      fc.tuple(fc.constant(seen), fc.shuffledSubarray(seen, { minLength: seen.length })),
    );
    fc.assert(
      fc.property(shuffled, zoneRules, changeUs, ([seen, arrived], rules, secondFromUs) => {
        const revisions = revisionsWith(rules, secondFromUs);
        expect(meaning(arrived, revisions)).toEqual(meaning(seen, revisions));
      }),
    );
  });

  it('claims nothing outside its sessions, nor over a change of layout', () => {
    fc.assert(
      fc.property(walk, zoneRules, changeUs, (seen, rules, secondFromUs) => {
        for (const { startUs, endUs, visits } of meaning(seen, revisionsWith(rules, secondFromUs)))
          for (const { enterUs, exitUs, revision: its } of visits) {
            expect(enterUs).toBeGreaterThanOrEqual(startUs);
            expect(exitUs).toBeLessThanOrEqual(endUs);
            expect(exitUs - enterUs).toBeGreaterThanOrEqual(rules.minPresenceMs * 1_000);
            expect(enterUs < secondFromUs ? exitUs < secondFromUs : its === 2).toBe(true);
          }
      }),
    );
  });

  it('has as much heat as time in which the place was known', () => {
    fc.assert(
      fc.property(walk, changeUs, (seen, secondFromUs) => {
        const sessions = meaning(seen, revisionsWith({}, secondFromUs));
        const heat = sessions
          .flatMap(({ quarters }) => quarters.flatMap(({ cells }) => [...cells.values()]))
          .reduce((sum, us) => sum + us, 0);
        expect(heat).toBe(timeLocated(seen, sessions, secondFromUs));
      }),
    );
  });

  it('has entries and exits of a line in turn, as long as nobody goes round its ends', () => {
    const whole: Line = { ...DOOR, from: [0.5, 1], to: [0.5, 0] };
    fc.assert(
      fc.property(walk, (seen) => {
        for (const { crossings } of meaning(seen, [revision({ lines: [whole] })]))
          for (const [index, { direction }] of crossings.entries())
            expect(direction).not.toBe(crossings[index - 1]?.direction);
      }),
    );
  });
});

/** By its own way: of each pair of neighbours the time between, as far as one session and one layout reach. */
function timeLocated(seen: readonly Observation[], sessions: readonly Session[], changeAtUs: number): number {
  const instants = [...new Map(seen.toReversed().map((one) => [one.atUs, one])).values()].reverse();
  return instants.reduce((sum, { atUs, box }, index) => {
    const next = instants[index + 1]?.atUs;
    const isPlaced = box.format === 'norm' && box.bbox[0] >= 0 && box.bbox[0] <= 1;
    if (next === undefined || !isPlaced || sessions.some(({ endUs }) => endUs === atUs)) return sum;
    return sum + (atUs < changeAtUs ? Math.min(next, changeAtUs) : next) - atUs;
  }, 0);
}
