import { createHash } from 'node:crypto';
import type { MovementEvent } from '../movement-event.js';

/**
 * What an event says, in 32 bits: the same for a repetition, another for other content under the same id. When it was
 * received is no part of it, nor is an instant that only stands for that: a client that gives none and sends its event
 * again means the same event. Nor is the store's name, since an id belongs to a store, however it is called.
 */
export function contentDigest(event: MovementEvent): number {
  const { userId, trackId, cameraId, bbox, bboxFormat, frame, state, confidence, role } = event;
  const atUs = event.atUs === event.receivedUs ? null : event.atUs;
  const size = frame && [frame.w, frame.h];
  const content = [userId, trackId, cameraId, bbox, bboxFormat, size, state, confidence, role, atUs];
  return createHash('md5').update(JSON.stringify(content)).digest().readInt32BE(0);
}
