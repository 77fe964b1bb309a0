import type { RedisClient } from '../../platform/queue/redis-client.js';
import { MovementLists } from './movement-lists.js';

describe('what is added to the list of waiting events', () => {
  /** @param unwritten bytes that Redis has not written at each look; the last one for ever. */
  function listsOn(unwritten: number[]): { lists: MovementLists; looks: () => number } {
    let looks = 0;
    const evaluate = (script: string): Promise<number> => {
      if (script.includes('RPUSH')) return Promise.resolve(1);
      return Promise.resolve(unwritten[Math.min(looks++, unwritten.length - 1)]!);
    };
    const client = { isReady: () => true, get: () => ({ eval: evaluate }) } as unknown as RedisClient;
    return { lists: new MovementLists(client), looks: () => looks };
  }

  it('is kept only when the append-only file has it', async () => {
    const { lists, looks } = listsOn([4_000, 120, 0]);
    expect(await lists.add(['{}'], 10)).toBe(1);
    expect(looks()).toBe(3);
  });

  it('is not promised while the disk of Redis does not keep up', async () => {
    const { lists } = listsOn([4_000]);
    await expect(lists.add(['{}'], 10)).rejects.toThrow('its disk is too slow');
  });
});
