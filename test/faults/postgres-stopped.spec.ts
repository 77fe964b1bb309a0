import { digestOf, makePolls, NO_POLLS, type PollDigest } from './support/poll-files.js';
import { type OwnPostgres, startOwnPostgres } from './support/own-postgres.js';
import { pause } from './support/pause.js';
import { PollClient } from './support/poll-client.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import type { LoadPhase } from './support/site-database.js';

const ROUNDS = { short: 2, long: 20 };
const ROUND_LIMIT_MS = 120_000;

/** The same stores and instants with other statuses: whichever was loaded last is all there is. */
const FILES = [5, 7].map((inactiveEvery) =>
  makePolls({ stores: 300, pollsAStore: 1_000, from: '2023-01-02T00:00:00Z', inactiveEvery }),
);
const DIGESTS = FILES.map(digestOf);

/** A PostgreSQL and a server on it. */
interface Lane {
  postgres: OwnPostgres;
  site: Site;
  loads: number;
  stored: PollDigest;
}

describe('PostgreSQL that is stopped in the middle of a load, while live polls come in', () => {
  const lanes: Lane[] = [];

  beforeAll(async () => {
    await Promise.all(
      [0, 1].map(async () => {
        const postgres = await startOwnPostgres();
        const site = Site.on(postgres.url);
        lanes.push({ postgres, site, loads: 0, stored: NO_POLLS });
        await site.startServer();
      }),
    );
  }, 90_000);

  afterAll(async () => {
    for (const { site, postgres } of lanes) {
      await site.close();
      await postgres.close();
    }
  });

  it(
    'comes back to a server that goes on, or says why a load failed and can be asked again',
    () =>
      tellingSeed(async () => {
        await runRounds(roundsOf(ROUNDS), lanes.length, (draws, round, lane) =>
          stoppedRound(lanes[lane]!, draws, round % 2 === 0 ? 'immediate' : 'fast'),
        );
        expect(lanes.flatMap(({ site }) => site.servers.map((server) => server.hasEnded))).toEqual([
          false,
          false,
        ]);
      }),
    roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );
});

async function stoppedRound(lane: Lane, draws: Draws, how: 'immediate' | 'fast'): Promise<void> {
  const { site, postgres, stored: before } = lane;
  const phase = draws.oneOf<LoadPhase>(['reading', 'merging']);
  const thenMs = draws.whole(0, 500);
  const variant = lane.loads++ % 2;
  const after = DIGESTS[variant]!;
  const client = new PollClient(() => site.server.origin, draws, lane.loads);
  client.start();
  const load = await site.requestLoad(FILES[variant]!);
  await site.reached(load, phase);
  await pause(thenMs);
  postgres.stop(how);

  expect([before, after]).toContainEqual(await site.whenBack(() => site.storedPolls()));
  const { status, error } = await site.ended(load, 'completed', 'failed');
  await client.stop();
  if (status === 'failed') {
    expect(error).not.toBeNull();
    await site.ended(await site.requestLoadAgain(), 'completed');
  }
  expect(await site.storedPolls()).toEqual(after);
  lane.stored = after;
  await client.expectStored(site);
  // What is not certain is said so, and is no fault of the client.
  expect([202, 503]).toEqual(expect.arrayContaining([...client.statuses]));
}
