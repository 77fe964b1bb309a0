import type { MovementEvent } from '../../src/movements/movement-event.js';

/** Noon of a day that does not change while a test runs, some days ago. */
export const NOON_US = (Math.floor(Date.now() / 86_400_000) - 3) * 86_400_000_000 + 43_200_000_000;

/** Somebody at the door of the store `a`, at noon, unless it is said otherwise. */
export function movementEvent(eventId: string, members: Partial<MovementEvent> = {}): MovementEvent {
  return {
    eventId,
    store: 'a',
    userId: 'somebody',
    trackId: 7,
    cameraId: 'door',
    bbox: [100, 100, 200, 200],
    bboxFormat: 'xyxy',
    frame: null,
    state: 'walking',
    atUs: NOON_US,
    receivedUs: NOON_US,
    confidence: null,
    role: null,
    ...members,
  };
}
