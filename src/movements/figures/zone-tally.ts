import { minutesOf, peopleBySteps, type Steps } from '../meaning/occupancy.js';
import { type SeenCrossing, type Stay, crossingsOnce, united } from '../meaning/united.js';
import type { FigureRange } from './figure-range.js';

/** Of the visits to a zone; microseconds. */
export interface DwellFigures {
  readonly totalUs: number;
  readonly meanUs: number | null;
  readonly medianUs: number | null;
  readonly p95Us: number | null;
  readonly maxUs: number | null;
}

/** One step of a series. */
export interface ZoneStep {
  readonly startUs: number;
  /** That begin in it; those under way when the range begins count for its first step. */
  readonly visits: number;
  readonly people: number;
  readonly dwellUs: number;
  /** The most people in a minute that lies in it, whole or in part. */
  readonly peak: number;
}

export interface ZoneFigures {
  readonly visits: number;
  readonly people: number;
  readonly dwell: DwellFigures;
  /** People at a time, over the whole range. */
  readonly average: number;
  readonly peak: number;
  /** The first minute with so many; null: there was nobody. */
  readonly peakAtUs: number | null;
  readonly minutesOverCapacity: number;
  /** Steps without anybody are left out; null: none were asked for. */
  readonly series: readonly ZoneStep[] | null;
}

/** How many people a zone is made for at an instant; null: nobody said. */
export type CapacityAt = (instantUs: number) => number | null;

/**
 * The figures of one zone (M7, M11): visits of each person united, and cut where the range begins and ends.
 * @param stepUs length of the steps of a series, counted from the start of the range; null for none
 */
export function zoneFigures(
  staysByPerson: Iterable<readonly Stay[]>,
  range: FigureRange,
  capacityAt: CapacityAt,
  stepUs: number | null,
): ZoneFigures {
  const people = Array.from(staysByPerson, (stays) => united(stays).map((stay) => cut(stay, range)));
  const visits = people.flat();
  const dwells = new Float64Array(visits.length);
  let totalUs = 0;
  for (let index = 0; index < visits.length; index++) {
    const us = visits[index]!.toUs - visits[index]!.fromUs;
    dwells[index] = us;
    totalUs += us;
  }
  dwells.sort();
  const minutes = minutesOf(range.fromUs, range.toUs);
  const occupancy = peopleBySteps(people, minutes);
  let peakAt = 0;
  let minutesOverCapacity = 0;
  for (const [minute, count] of occupancy.entries()) {
    if (count > occupancy[peakAt]!) peakAt = minute;
    if (count === 0) continue;
    const capacity = capacityAt(minutes.startUs + minute * minutes.stepUs);
    if (capacity !== null && count > capacity) minutesOverCapacity += 1;
  }
  const peak = occupancy[peakAt]!;
  return {
    visits: visits.length,
    people: people.length,
    dwell: {
      totalUs,
      meanUs: dwells.length === 0 ? null : totalUs / dwells.length,
      medianUs: quantile(dwells, 0.5),
      p95Us: quantile(dwells, 0.95),
      maxUs: dwells[dwells.length - 1] ?? null,
    },
    average: totalUs / (range.toUs - range.fromUs),
    peak,
    peakAtUs: peak === 0 ? null : minutes.startUs + peakAt * minutes.stepUs,
    minutesOverCapacity,
    series: stepUs === null ? null : seriesOf(people, range, stepUs, { minutes, occupancy }),
  };
}

/** Those of a person are in order of time, so they stay united when they are cut. */
function cut(stay: Stay, range: FigureRange): Stay {
  const { fromUs, toUs } = stay;
  if (fromUs >= range.fromUs && toUs <= range.toUs) return stay;
  return { fromUs: Math.max(fromUs, range.fromUs), toUs: Math.min(toUs, range.toUs) };
}

/** The least of sorted values that so large a share of them does not exceed. */
function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function seriesOf(
  people: readonly (readonly Stay[])[],
  { fromUs, toUs }: FigureRange,
  stepUs: number,
  { minutes, occupancy }: { minutes: Steps; occupancy: Int32Array },
): ZoneStep[] {
  const steps: Steps = { startUs: fromUs, stepUs, count: Math.ceil((toUs - fromUs) / stepUs) };
  const present = peopleBySteps(people, steps);
  const visits = new Int32Array(steps.count);
  const dwell = new Float64Array(steps.count);
  const stepAt = (us: number): number =>
    Math.min(steps.count - 1, Math.max(0, Math.floor((us - fromUs) / stepUs)));
  for (const stay of people.flat()) {
    visits[stepAt(stay.fromUs)]! += 1;
    for (let us = stay.fromUs; us < stay.toUs; ) {
      const step = stepAt(us);
      const endUs = Math.min(stay.toUs, fromUs + (step + 1) * stepUs);
      dwell[step]! += endUs - us;
      us = endUs;
    }
  }
  const peaks = new Int32Array(steps.count);
  for (const [minute, count] of occupancy.entries()) {
    if (count === 0) continue;
    const minuteUs = minutes.startUs + minute * minutes.stepUs;
    // Where steps don't begin with a minute, two of them share one.
    for (let step = stepAt(minuteUs); step <= stepAt(minuteUs + minutes.stepUs - 1); step++)
      peaks[step] = Math.max(peaks[step]!, count);
  }
  return Array.from(present, (count, step) => ({
    startUs: fromUs + step * stepUs,
    visits: visits[step]!,
    people: count,
    dwellUs: dwell[step]!,
    peak: peaks[step]!,
  })).filter((step) => step.people > 0);
}

export interface LineStep {
  readonly startUs: number;
  readonly entries: number;
  readonly exits: number;
}

export interface LineFigures {
  readonly entries: number;
  readonly exits: number;
  readonly series: readonly LineStep[] | null;
}

/**
 * The figures of one line (M8). Crossings that several cameras saw count once.
 * @param crossingsByPerson those of the range, and those before it that decide which of them count
 */
export function lineFigures(
  crossingsByPerson: Iterable<readonly SeenCrossing[]>,
  { fromUs }: FigureRange,
  stepUs: number | null,
  timeoutUs: number,
): LineFigures {
  const all = [...crossingsByPerson]
    .flatMap((crossings) => crossingsOnce(crossings, timeoutUs))
    .filter(({ atUs }) => atUs >= fromUs);
  const entries = all.filter(({ direction }) => direction === 'entry').length;
  const steps = new Map<number, { entries: number; exits: number }>();
  for (const { atUs, direction } of stepUs === null ? [] : all) {
    const step = Math.floor((atUs - fromUs) / stepUs!);
    const its = steps.get(step) ?? { entries: 0, exits: 0 };
    steps.set(step, its);
    its[direction === 'entry' ? 'entries' : 'exits'] += 1;
  }
  return {
    entries,
    exits: all.length - entries,
    series:
      stepUs === null
        ? null
        : [...steps]
            .sort(([one], [other]) => one - other)
            .map(([step, { entries: into, exits }]) => ({
              startUs: fromUs + step * stepUs,
              entries: into,
              exits,
            })),
  };
}
