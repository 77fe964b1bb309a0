import type { CrossingDirection } from './track.js';

/** A time in which somebody was in a zone; the end may be its start. */
export interface Stay {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * One person's visits to one zone, with those made one that overlap or touch in time (M7): two cameras that see the
 * same person do not make two of them. Takes them in any order.
 */
export function united(stays: readonly Stay[]): readonly Stay[] {
  // Nearly everybody has one, and there are tens of thousands of them.
  if (stays.length < 2) return stays;
  const ordered = [...stays].sort((one, other) => one.fromUs - other.fromUs || one.toUs - other.toUs);
  const result: Stay[] = [];
  for (const stay of ordered) {
    const last = result[result.length - 1];
    if (last !== undefined && stay.fromUs <= last.toUs)
      result[result.length - 1] = { fromUs: last.fromUs, toUs: Math.max(last.toUs, stay.toUs) };
    else result.push(stay);
  }
  return result;
}

export interface SeenCrossing {
  readonly cameraId: string;
  readonly atUs: number;
  readonly direction: CrossingDirection;
}

interface CountedCrossing {
  readonly crossing: SeenCrossing;
  readonly seenBy: Set<string>;
}

/**
 * One person's crossings of one line, without those that another camera saw too (M8): in the same direction, no later
 * than the time-out after the one that counts, and not seen by that camera yet. So who goes back and forth before two
 * cameras, of which one lags behind, has not gone twice as often.
 */
export function crossingsOnce(crossings: readonly SeenCrossing[], timeoutUs: number): SeenCrossing[] {
  const ordered = [...crossings].sort(
    (one, other) => one.atUs - other.atUs || (one.cameraId < other.cameraId ? -1 : 1),
  );
  const counted: CountedCrossing[] = [];
  /** Up to it none is young enough any more to be seen again. */
  let past = 0;
  for (const crossing of ordered) {
    const { atUs, cameraId, direction } = crossing;
    while (past < counted.length && atUs - counted[past]!.crossing.atUs > timeoutUs) past += 1;
    let same = past;
    while (same < counted.length && !isSameAs(counted[same]!, direction, cameraId)) same += 1;
    if (same < counted.length) counted[same]!.seenBy.add(cameraId);
    else counted.push({ crossing, seenBy: new Set([cameraId]) });
  }
  return counted.map(({ crossing }) => crossing);
}

function isSameAs(
  { crossing, seenBy }: CountedCrossing,
  direction: CrossingDirection,
  cameraId: string,
): boolean {
  return crossing.direction === direction && !seenBy.has(cameraId);
}
