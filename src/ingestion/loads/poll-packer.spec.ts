import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { PollPacker, StoreDayTooFull } from './poll-packer.js';

const DAY_US = 86_400_000_000;
const DAY = 19_000;

type Poll = [store: number, day: number, second: number, active: 0 | 1];

function codeOf([, day, second, active]: Poll): number {
  return (day * DAY_US + second * 1_000_000) * 2 + active;
}

async function pack(
  polls: readonly Poll[],
  capacity: number,
  order: Int32Array | null = null,
): Promise<{ days: [number, number, number[]][]; superseded: number }> {
  const packer = new PollPacker(capacity);
  try {
    for (const poll of polls) {
      if (packer.isFull) await packer.spill();
      packer.add(poll[0], codeOf(poll));
    }
    const days: [number, number, number[]][] = [];
    for await (const { store, day, polls: codes } of packer.storeDays(order))
      days.push([store, day, [...codes]]);
    return { days, superseded: packer.superseded };
  } finally {
    packer.dispose();
  }
}

/** The same by the plainest means. */
function expected(polls: readonly Poll[]): { days: [number, number, number[]][]; superseded: number } {
  const last = new Map(polls.map((poll) => [`${poll[0]}/${poll[1]}/${poll[2]}`, poll]));
  const days = new Map<string, [number, number, number[]]>();
  for (const poll of last.values()) {
    const key = `${poll[0]}/${poll[1]}`;
    if (!days.has(key)) days.set(key, [poll[0], poll[1], []]);
    days.get(key)![2].push(codeOf(poll));
  }
  for (const [, , codes] of days.values()) codes.sort((a, b) => a - b);
  return {
    days: [...days.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    superseded: polls.length - last.size,
  };
}

describe('PollPacker', () => {
  const poll: fc.Arbitrary<Poll> = fc.tuple(
    fc.nat(3),
    fc.integer({ min: DAY, max: DAY + 2 }),
    fc.nat(5),
    fc.constantFrom(0 as const, 1 as const),
  );

  it('gives back each store-day once, sorted, with the later line for each instant, whatever fits into memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(poll, { maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        async (polls, capacity) => {
          expect(await pack(polls, capacity)).toEqual(expected(polls));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives stores back in the order that is asked for', async () => {
    const polls: Poll[] = [
      [0, DAY, 1, 1],
      [1, DAY, 1, 1],
      [2, DAY, 1, 0],
    ];
    const { days } = await pack(polls, 10, Int32Array.of(2, 0, 1));
    expect(days.map(([store]) => store)).toEqual([2, 0, 1]);
  });

  it('puts a poll at midnight into the day that starts', async () => {
    const { days } = await pack(
      [
        [0, DAY, 86_399, 1],
        [0, DAY, 86_400, 1],
      ],
      10,
    );
    expect(days.map(([, day]) => day)).toEqual([DAY, DAY + 1]);
  });

  it.each([200_000, 60_000])(
    'refuses more polls of a store on a day than seconds (%i in memory)',
    async (capacity) => {
      const seconds = Array.from(
        { length: 86_401 },
        (_, index): Poll => [0, DAY, (index * 86_399) / 86_400, 1],
      );
      await expect(pack(seconds, capacity)).rejects.toThrow(StoreDayTooFull);
    },
  );

  it('leaves no temporary file behind', async () => {
    const ours = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('storewatch-load-'));
    const packer = new PollPacker(2);
    packer.add(0, 2);
    await packer.spill();
    const during = ours();
    packer.dispose();
    expect(during).toEqual([]);
  });
});
