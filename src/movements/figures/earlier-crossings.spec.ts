import type pg from 'pg';
import { DAY_US } from '../../platform/instant.js';
import type { SeenCrossing } from '../meaning/united.js';
import { addEarlierCrossings } from './earlier-crossings.js';

const SECOND_US = 1_000_000;
const TIMEOUT_US = 30 * SECOND_US;
const FROM_US = 10 * DAY_US;

/** Entries of one person over one line, in seconds from the beginning of a range. */
async function chainOf(inRange: readonly number[], before: readonly number[]) {
  const reads: number[] = [];
  // Stands in for the one statement that reads backwards.
  const query = (_: string, [, fromUs, untilUs]: [number, number, number]) => {
    reads.push((FROM_US - fromUs) / SECOND_US);
    const rows = before
      .map((second) => FROM_US + second * SECOND_US)
      .filter((us) => us >= fromUs && us < untilUs)
      .toSorted((one, other) => other - one)
      .map((us) => ({ line_key: 'door', user_id: 'ann', is_entry: true, camera_id: 'b', at_us: String(us) }));
    return Promise.resolve({ rows });
  };
  const crossings = inRange.map(
    (second): SeenCrossing => ({ cameraId: 'a', atUs: FROM_US + second * SECOND_US, direction: 'entry' }),
  );
  await addEarlierCrossings(
    { query } as unknown as pg.ClientBase,
    1,
    new Map([['door', new Map([['ann', crossings]])]]),
    { fromUs: FROM_US, timeoutUs: TIMEOUT_US },
  );
  const found = crossings.slice(inRange.length).map(({ atUs }) => (atUs - FROM_US) / SECOND_US);
  return { found, reads };
}

describe('what was crossed before a range', () => {
  it('is not looked for where nobody crosses the line as the range begins', async () => {
    expect(await chainOf([30, 40], [-1])).toEqual({ found: [], reads: [] });
    expect(await chainOf([29], [-1])).toMatchObject({ found: [-1] });
  });

  it('is taken in up to the first gap that is longer than the time-out, and looked for no farther', async () => {
    expect(await chainOf([10], [-20, -50, -80, -110.5, -140, -170])).toEqual({
      found: [-20, -50, -80],
      reads: [30, 90, 210],
    });
    // Those behind the gap lie so near to the end of what was read that they would have it go on.
    expect(await chainOf([10], [-10, -75, -85])).toEqual({ found: [-10], reads: [30, 90] });
  });

  it('is looked for at most a day back', async () => {
    const week = Array.from({ length: 7 * 24 * 180 }, (_, place) => -20 * (place + 1));
    const { found, reads } = await chainOf([0], week);
    expect(found.at(-1)).toBe(-86_400);
    expect(reads.at(-1)).toBe(86_400);
    expect(reads.length).toBeLessThan(15);
  });
});
