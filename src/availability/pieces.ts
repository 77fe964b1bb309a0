import type { Segment } from './segments.js';
import type { DayTimeline } from './timeline.js';

/** What of a segment lies in a window. */
export interface Piece extends Segment {
  /** Of its business day, in days since 1970-01-01. */
  readonly date: number;
}

/**
 * The open time of [startUs, endUs), piece by piece: what adds up to the figures of the window, to the microsecond. A
 * window's edge cuts time, never evidence: each piece keeps the poll and the reason of its segment.
 * @param days as a timeline holds them
 */
export function piecesOf(
  days: readonly Pick<DayTimeline, 'date' | 'segments'>[],
  startUs: number,
  endUs: number,
): Piece[] {
  const pieces: Piece[] = [];
  for (const { date, segments } of days) {
    for (const segment of segments) {
      if (segment.endUs <= startUs || segment.startUs >= endUs) continue;
      const cut = { startUs: Math.max(segment.startUs, startUs), endUs: Math.min(segment.endUs, endUs) };
      pieces.push({ ...segment, ...cut, date });
    }
  }
  return pieces;
}
