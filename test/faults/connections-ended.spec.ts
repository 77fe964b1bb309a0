import { digestOf, makePolls } from './support/poll-files.js';
import { pause } from './support/pause.js';
import { PollClient } from './support/poll-client.js';
import { Draws, roundsOf, runRounds, seedOf, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import type { LoadPhase } from './support/site-database.js';

const ROUNDS = { short: 3, long: 50 };
const ROUND_LIMIT_MS = 60_000;

const FILES = [5, 7].map((inactiveEvery) =>
  makePolls({ stores: 100, pollsAStore: 500, from: '2023-01-02T00:00:00Z', inactiveEvery }),
);
const DIGESTS = FILES.map(digestOf);

describe('a server whose connections to PostgreSQL are all ended', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.create();
    await site.startServer();
  }, 60_000);

  afterAll(() => site.close());

  it(
    'stays, takes loads to their end and keeps the live polls that it answered',
    () =>
      tellingSeed(async () => {
        const client = new PollClient(() => site.server.origin, new Draws(seedOf(), -1), 1);
        client.start();
        await runRounds(roundsOf(ROUNDS), 1, async (draws, round) => {
          const phase = draws.oneOf<LoadPhase>(['reading', 'merging']);
          const thenMs = draws.whole(0, 150);
          const load = await site.requestLoad(FILES[round % 2]!);
          await site.reached(load, phase);
          await pause(thenMs);
          await site.endConnections();
          const { status, error } = await site.ended(load, 'completed', 'failed');
          if (status === 'failed') {
            expect(error).not.toBeNull();
            await site.ended(await site.requestLoadAgain(), 'completed');
          }
          expect(await site.storedPolls()).toEqual(DIGESTS[round % 2]);
        });
        await client.stop();
        await client.expectStored(site);
        expect([202, 503]).toEqual(expect.arrayContaining([...client.statuses]));
        expect(site.servers.map((server) => server.hasEnded)).toEqual([false]);
      }),
    roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );
});
