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

/**
 * One person's crossings of one line, without those that another camera saw too (M8): in the same direction as the last
 * one that counted, not by its camera, and no longer after it than the time-out.
 */
export function crossingsOnce(crossings: readonly SeenCrossing[], timeoutUs: number): SeenCrossing[] {
  const ordered = [...crossings].sort(
    (one, other) => one.atUs - other.atUs || (one.cameraId < other.cameraId ? -1 : 1),
  );
  const counted: SeenCrossing[] = [];
  for (const crossing of ordered) {
    const last = counted[counted.length - 1];
    const isSeenAgain =
      last !== undefined &&
      last.direction === crossing.direction &&
      last.cameraId !== crossing.cameraId &&
      crossing.atUs - last.atUs <= timeoutUs;
    if (!isSeenAgain) counted.push(crossing);
  }
  return counted;
}
