import type { MovementEvent } from '../movement-event.js';

/** From 2112 on the product knows no instants. */
const END_OF_TIME_US = Date.UTC(2112, 0, 1) * 1_000;
const MOST_INT4 = 2 ** 31 - 1;
/** Half of a pair of surrogates, which is no character at all. */
const HALF = /\p{Cs}/u;

/**
 * What the tables have no room for, as a sentence; null for nothing. Intake lets none of it pass, but a list in Redis
 * may be written to by anybody, and a number that does not fit would be cut to another one.
 */
export function notStorable(event: MovementEvent): string | null {
  for (const name of ['eventId', 'store', 'userId', 'cameraId', 'state', 'bboxFormat', 'role'] as const) {
    const text = event[name];
    if (text === null && name === 'role') continue;
    if (typeof text !== 'string') return `${name} is no text.`;
    if (text.includes('\0') || HALF.test(text)) return `${name} holds the character 0 or half a character.`;
  }
  for (const name of ['atUs', 'receivedUs'] as const) {
    if (!isWhole(event[name], 0, END_OF_TIME_US)) return `${name} is no instant from 1970 up to 2112.`;
  }
  if (!Number.isSafeInteger(event.trackId))
    return 'trackId is no whole number that can be told from its neighbours.';
  const { bbox, frame, confidence } = event;
  if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every(Number.isFinite))
    return 'bbox is not four finite numbers.';
  if (frame !== null && !(isWhole(frame?.w, 0, MOST_INT4) && isWhole(frame?.h, 0, MOST_INT4)))
    return 'frame is no size in whole pixels.';
  if (confidence !== null && !Number.isFinite(confidence)) return 'confidence is no finite number.';
  return null;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
