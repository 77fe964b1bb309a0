import { randomInt } from 'node:crypto';

/** How often a test repeats its faults: a few times with everything else, often when faults are what is tried. */
export interface Rounds {
  short: number;
  long: number;
}

/** What the seed decides for one round. The same seed gives a round the same draws, whatever runs beside it. */
export class Draws {
  private state: number;

  constructor(seed: number, round: number) {
    this.state = Math.imul(seed ^ Math.imul(round + 1, 0x9e3779b1), 0x85ebca6b) | 0;
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  share(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` (inclusive) to `bound` (exclusive). */
  whole(least: number, bound: number): number {
    return least + Math.floor(this.share() * (bound - least));
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.whole(0, choices.length)] ?? choices[0];
  }
}

/** `FAULT_ROUNDS=long`, or a number of rounds for every test; the short form when it is not set. */
export function roundsOf({ short, long }: Rounds): number {
  const asked = process.env['FAULT_ROUNDS'] ?? '';
  if (asked === '') return short;
  if (asked === 'long') return long;
  if (/^[1-9]\d{0,5}$/.test(asked)) return Number(asked);
  throw new Error(`FAULT_ROUNDS is '${asked}'; it has to be 'long' or a number of rounds.`);
}

const chance = randomInt(2 ** 31);

/** `FAULT_SEED`, or one of chance for this run. */
export function seedOf(): number {
  const asked = process.env['FAULT_SEED'] ?? '';
  if (asked === '') return chance;
  if (/^\d{1,10}$/.test(asked)) return Number(asked);
  throw new Error(`FAULT_SEED is '${asked}'; it has to be a whole number.`);
}

/**
 * Runs all rounds in so many lanes side by side, and gives what each came to in the order of the rounds.
 *
 * @throws the first failure, with the seed that repeats the schedule; rounds under way are waited for.
 */
export async function runRounds<T>(
  rounds: number,
  abreast: number,
  round: (draws: Draws, number: number, lane: number) => Promise<T>,
): Promise<T[]> {
  const seed = seedOf();
  const results: T[] = [];
  const failures: { number: number; error: unknown }[] = [];
  let next = 0;
  const run = async (lane: number): Promise<void> => {
    while (next < rounds && failures.length === 0) {
      const number = next++;
      try {
        results[number] = await round(new Draws(seed, number), number, lane);
      } catch (error) {
        failures.push({ number, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(abreast, rounds) }, (_, lane) => run(lane)));
  const [failure] = failures;
  if (failure === undefined) return results;
  throw withSeed(failure.error, failure.number, rounds, seed);
}

function withSeed(error: unknown, round: number, rounds: number, seed: number): Error {
  const replay = `Round ${round + 1} of ${rounds} failed; FAULT_SEED=${seed} FAULT_ROUNDS=${rounds} repeats its schedule.`;
  return prefixed(error instanceof Error ? error : new Error(String(error)), replay);
}

/** Jest shows the stack, whose first line holds the message of when the error was made. */
function prefixed(error: Error, sentence: string): Error {
  error.stack = `${sentence}\n${error.stack ?? ''}`;
  error.message = `${sentence}\n${error.message}`;
  return error;
}

/** Runs a whole test: what fails behind the rounds tells the seed as well. */
export async function tellingSeed(test: () => Promise<void>): Promise<void> {
  try {
    await test();
  } catch (error) {
    if (!(error instanceof Error) || error.message.includes('FAULT_SEED=')) throw error;
    throw prefixed(error, `FAULT_SEED=${seedOf()} repeats the schedule.`);
  }
}
