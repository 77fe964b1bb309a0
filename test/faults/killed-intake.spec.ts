import { digestOf, makePolls, NO_POLLS, pollsCsv } from './support/poll-files.js';
import { pause } from './support/pause.js';
import { PollClient } from './support/poll-client.js';
import { Draws, roundsOf, runRounds, seedOf, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';

const ROUNDS = { short: 2, long: 50 };
const UPLOAD_ROUNDS = { short: 1, long: 20 };
const ROUND_LIMIT_MS = 60_000;

const FILE = makePolls({ stores: 200, pollsAStore: 500, from: '2023-01-02T00:00:00Z', inactiveEvery: 5 });
const CSV = Buffer.from(pollsCsv(FILE));
const OF_FILE = digestOf(FILE);

describe('a server that is killed', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.create();
    await site.startServer();
  }, 60_000);

  afterAll(() => site.close());

  it(
    'while live polls come in has every one that it answered, once, and the others once or not at all',
    () =>
      tellingSeed(async () => {
        const client = new PollClient(() => site.server.origin, new Draws(seedOf(), -1), 1);
        await runRounds(roundsOf(ROUNDS), 1, async (draws) => {
          client.start();
          await pause(draws.whole(50, 900));
          await site.server.kill('SIGKILL');
          await client.stop();
          await site.startServer();
          // A client that was not answered sends again, unless it has gone as well.
          await client.sendUncertainAgain(() => draws.share() < 0.5);
        });
        expect([...client.statuses]).toEqual([202]);
        const stored = await client.expectStored(site);

        // Sent again, what is known changes nothing.
        await client.sendKeptAgain(20);
        expect(await site.storedLivePolls()).toEqual(stored);
      }),
    roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  it(
    'while a file is sent to it has nothing of the file, and takes it when it is sent anew',
    () =>
      tellingSeed(async () => {
        await runRounds(roundsOf(UPLOAD_ROUNDS), 1, async (draws) => {
          await site.empty();
          await site.sendPart('polls.csv', CSV, draws.share());
          await site.server.kill('SIGKILL');
          await site.startServer();
          expect(await site.query('SELECT status FROM imports')).toEqual([]);
          expect(await site.storedPolls()).toEqual(NO_POLLS);
          const { id } = await site.upload('polls.csv', CSV, false);
          await site.ended(id, 'completed');
          expect(await site.storedPolls()).toEqual(OF_FILE);
        });
      }),
    roundsOf(UPLOAD_ROUNDS) * ROUND_LIMIT_MS,
  );
});
