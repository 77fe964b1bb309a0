import type { Layouts } from '../meaning/layouts.js';
import { meaningOfTrack } from '../meaning/track-meaning.js';
import type { TrackFigures } from './floor.writer.js';
import type { TrackObservations } from './observations.reader.js';

/**
 * What a touched track means from now on.
 *
 * A session whose first events are no longer kept stays as it is, with all that was worked out from it (M13): from the
 * rest of its events it would come out shorter. Events that fall into it are not counted.
 */
export function figuresOf(
  { track, observations }: TrackObservations,
  layouts: Layouts,
  timeoutUs: number,
): TrackFigures {
  const oldestUs = observations[0]!.atUs;
  const settledUs = Math.max(
    -1,
    ...track.known.filter(({ startUs }) => startUs < oldestUs).map(({ endUs }) => endUs),
  );
  const open = settledUs < 0 ? observations : observations.filter(({ atUs }) => atUs > settledUs);
  return {
    cameraId: track.cameraId,
    trackId: track.trackId,
    userId: track.userId,
    fromUs: Math.max(track.fromUs, settledUs + 1),
    toUs: track.toUs,
    sessions: meaningOfTrack(track.cameraId, open, layouts, timeoutUs),
  };
}
