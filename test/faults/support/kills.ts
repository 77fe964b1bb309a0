import { digestOf, loadedAfter, makePolls, NO_POLLS, pollsCsv } from './poll-files.js';
import { type Draws, type Rounds, roundsOf, runRounds } from './schedule.js';
import { pause } from './pause.js';
import { Site } from './site.js';
import type { LoadPhase } from './site-database.js';

const ROUNDS: Rounds = { short: 3, long: 50 };
/** Rounds at once: most of its time each waits for the dead run's lease to end. */
const ABREAST = 4;
const ROUND_LIMIT_MS = 120_000;

const EARLIER = makePolls({ stores: 150, pollsAStore: 300, from: '2023-01-02T00:00:00Z', inactiveEvery: 7 });
/** Of its first day the earlier file knows some instants, with other statuses; the rest is new. */
const FILE = makePolls({ stores: 300, pollsAStore: 1_000, from: '2023-01-03T00:00:00Z', inactiveEvery: 5 });
const CSV = Buffer.from(pollsCsv(FILE));
const OF_EARLIER = digestOf(EARLIER);
const OF_FILE = digestOf(FILE);
const OF_BOTH = digestOf(loadedAfter(EARLIER, FILE));

/** Which process dies: the server that does the work itself, or a worker that takes it from Redis. */
interface Victim {
  name: 'server' | 'worker';
  /** Of its own for each lane; null for a server that does the work itself. */
  redisUrl: (lane: number) => string | null;
}

const REPORT = { status: 'completed', stores: 300, as_of: '2023-01-09T22:30:00.000000Z' };

/** When a process is killed. */
interface KillPoint {
  /** The database knows the earlier file. */
  isKnown: boolean;
  /** What the load has begun by then … */
  phase: LoadPhase;
  /** … so long ago. */
  thenMs: number;
}

/**
 * The rounds of a process that is killed at random points of loads: while it reads, while it merges, while it commits,
 * a moment later. Half of the loads come into an empty database, the others into one that knows some of their polls.
 *
 * @returns the status that the import had when the process was dead, round by round.
 */
export function killedRounds(victim: Victim): Promise<string[]> {
  return runRounds(roundsOf(ROUNDS), ABREAST, (draws, number, lane) =>
    killedRound(victim.name, victim.redisUrl(lane), drawPoint(draws, number)),
  );
}

/** What all rounds may take together. */
export function killedRoundsLimitMs(): number {
  return Math.ceil(roundsOf(ROUNDS) / ABREAST) * ROUND_LIMIT_MS;
}

/** In every other round while the file is read, in the others while it is merged and committed, or a little later. */
function drawPoint(draws: Draws, round: number): KillPoint {
  const isKnown = draws.share() < 0.5;
  return { isKnown, phase: round % 2 === 0 ? 'reading' : 'merging', thenMs: draws.whole(0, 500) };
}

async function killedRound(
  name: Victim['name'],
  redisUrl: string | null,
  { isKnown, phase, thenMs }: KillPoint,
): Promise<string> {
  const site = await Site.create(redisUrl);
  try {
    await site.startServer();
    if (name === 'worker') await site.startWorker();
    if (isKnown) await site.ended(await site.requestLoad(EARLIER), 'completed');
    const { id } = await site.upload('polls.csv', CSV, false);
    const report = await site.requestReport();
    await site.reached(id, phase);
    await pause(thenMs);
    await (name === 'worker' ? site.worker : site.server).kill('SIGKILL');

    const { status } = await site.importState(id);
    const before = isKnown ? OF_EARLIER : NO_POLLS;
    const after = isKnown ? OF_BOTH : OF_FILE;
    const visible = await site.storedPolls();
    expect(status === 'completed' ? [after] : [before, after]).toContainEqual(visible);

    await (name === 'worker' ? site.startWorker() : site.startServer());
    const { attempts } = await site.ended(id, 'completed');
    expect(attempts).toBeLessThanOrEqual(2);
    expect(await site.storedPolls()).toEqual(after);
    // It was answered 202 before the kill, so it is there, and it has waited for the load that came before it.
    expect(await site.reportEnded(report)).toMatchObject(REPORT);
    return status;
  } finally {
    await site.close();
  }
}
