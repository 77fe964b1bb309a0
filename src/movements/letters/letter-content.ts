import { formatInstantUs } from '../../platform/instant.js';
import type { MovementEvent } from '../movement-event.js';
import { replaceUserIds } from '../privacy/person.js';
import type { KeptLetter } from '../storing/dead-letters.js';

/**
 * What a dead letter holds, as clients write events. People's ids in it are as they are kept, also where it could not
 * be read as an event.
 *
 * @param keep an id as it is kept.
 */
export function contentOf({ content, readable }: KeptLetter, keep: (userId: string) => string): string {
  if (readable) return JSON.stringify(inWordsOfClients(JSON.parse(content) as MovementEvent));
  return replaceUserIds(content, keep);
}

/** Somebody may have put the event into the buffer by hand, so its members may be anything. */
function inWordsOfClients(event: MovementEvent): Record<string, unknown> {
  return {
    event_id: event.eventId,
    store: event.store,
    user_id: event.userId,
    track_id: event.trackId,
    camera_id: event.cameraId === '' ? null : event.cameraId,
    bbox: event.bbox,
    bbox_format: event.bboxFormat,
    frame: event.frame,
    state: event.state,
    timestamp: instantOf(event.atUs),
    received_at: instantOf(event.receivedUs),
    confidence: event.confidence,
    role: event.role,
  };
}

function instantOf(us: unknown): unknown {
  const isInstant = Number.isSafeInteger(us) && (us as number) >= 0 && (us as number) < 4_480_000_000_000_000;
  return isInstant ? formatInstantUs(us as number) : us;
}
