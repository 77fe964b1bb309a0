import { movementEvent } from '../../../test/support/movement-events.js';
import type { MovementWriter, Stored } from '../storing/movement.writer.js';
import { elementOf } from './movement-element.js';
import { MovementFlusher } from './movement-flusher.js';
import { LEASE_MS, type MovementLists } from './movement-lists.js';
import type { RawEvents } from './raw-events.js';

describe('a batch that takes long to be stored', () => {
  let renewed: string[];
  let taken: string[];
  let store: (stored: Stored) => void;
  let drained: Promise<number>;

  beforeEach(async () => {
    jest.useFakeTimers();
    renewed = [];
    taken = [];
    const elements = [elementOf(movementEvent('slow'))];
    const lists: Partial<MovementLists> = {
      isReady: () => true,
      take: (own) => {
        const some = elements.splice(0);
        if (some.length > 0) taken.push(own);
        return Promise.resolve(some);
      },
      renew: (own) => {
        renewed.push(own);
        return renewed.length === 1 ? Promise.reject(new Error('not heard')) : Promise.resolve();
      },
      done: () => Promise.resolve(true),
    };
    const writer: Partial<MovementWriter> = {
      store: () => new Promise((resolve) => (store = resolve)),
    };
    drained = new MovementFlusher(lists as MovementLists, writer as MovementWriter, {} as RawEvents).drain();
    await jest.advanceTimersByTimeAsync(0);
  });

  afterEach(() => jest.useRealTimers());

  it('is held on to, though Redis does not hear it once, for as long as it takes and no longer', async () => {
    await jest.advanceTimersByTimeAsync(LEASE_MS - 1);
    expect(renewed.length).toBeGreaterThanOrEqual(2);
    await jest.advanceTimersByTimeAsync(10 * LEASE_MS);
    const times = renewed.length;
    expect(times).toBeGreaterThanOrEqual(22);
    expect(new Set(renewed)).toEqual(new Set(taken));
    store({ stored: 1, duplicates: 0, deadLettered: 0 });
    expect(await drained).toBe(1);
    await jest.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect(renewed).toHaveLength(times);
  });
});
