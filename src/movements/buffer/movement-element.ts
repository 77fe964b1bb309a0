import type { MovementEvent } from '../movement-event.js';

/** An accepted event as an element of the list. */
export function elementOf(event: MovementEvent): string {
  return JSON.stringify(event);
}

/** The event that `elementOf` wrote; null for anything that somebody else put into the list. Its members may still be anything. */
export function eventOf(element: string): MovementEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(element);
  } catch {
    return null;
  }
  const { eventId, receivedUs } = (value ?? {}) as Partial<MovementEvent>;
  return typeof eventId === 'string' && typeof receivedUs === 'number' ? (value as MovementEvent) : null;
}
