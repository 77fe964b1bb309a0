import { digestOf, loadedAfter, makePolls, pollsCsv } from './support/poll-files.js';
import { roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';

const ROUNDS = { short: 2, long: 20 };
const ROUND_LIMIT_MS = 90_000;

/** They name the same stores and instants, and more, and disagree on the statuses. */
const FILES = [
  makePolls({ stores: 200, pollsAStore: 700, from: '2023-01-02T00:00:00Z', inactiveEvery: 5 }),
  makePolls({ stores: 250, pollsAStore: 500, from: '2023-01-04T00:00:00Z', inactiveEvery: 7 }),
] as const;
/** By which of them was accepted first. */
const DIGESTS = [
  digestOf(loadedAfter(FILES[0], FILES[1])),
  digestOf(loadedAfter(FILES[1], FILES[0])),
] as const;

const AT_ONCE = 8;
const UPLOADED = makePolls({ stores: 150, pollsAStore: 500, from: '2023-01-02T00:00:00Z', inactiveEvery: 5 });
const CSV = Buffer.from(pollsCsv(UPLOADED));
const OF_UPLOADED = digestOf(UPLOADED);

describe('two servers on one database', () => {
  let sites: readonly [Site, Site];

  beforeAll(async () => {
    const one = await Site.create();
    sites = [one, Site.on(one.settings.databaseUrl)];
    await Promise.all(sites.map((site) => site.startServer()));
  }, 60_000);

  afterAll(async () => {
    await sites[1].close();
    await sites[0].close();
  });

  beforeEach(() => sites[0].empty());

  it(
    'load different files at once while reports are made, without a deadlock, and the later file holds',
    () =>
      tellingSeed(async () => {
        await runRounds(roundsOf(ROUNDS), 1, async (draws) => {
          const order = draws.oneOf<readonly [0 | 1, 0 | 1]>([
            [0, 1],
            [1, 0],
          ]);
          const [first, second] = await Promise.all(
            order.map((file, n) => sites[n]!.requestLoad(FILES[file])),
          );
          const reports = await Promise.all([...sites, ...sites].map((site) => site.requestReport()));
          const ended = await Promise.all(reports.map((id) => sites[0].reportEnded(id)));
          expect(ended.map(({ status }) => status)).toEqual(Array(4).fill('completed'));
          await sites[0].ended(first!, 'completed');
          await sites[1].ended(second!, 'completed');
          const [row] = await sites[0].query<{ first: boolean }>(
            `SELECT (SELECT (accepted_at, import_id) FROM imports WHERE import_id = $1)
                < (SELECT (accepted_at, import_id) FROM imports WHERE import_id = $2) AS first`,
            [first, second],
          );
          expect(await sites[0].storedPolls()).toEqual(DIGESTS[row!.first ? order[0] : order[1]]);
        });
        expect(await sites[0].deadlocks()).toBe(0);
        expect(sites.flatMap((site) => site.servers.map((server) => server.hasEnded))).toEqual([
          false,
          false,
        ]);
      }),
    roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  it(
    'have a file once that is uploaded to them many times at once, without a deadlock or an error',
    () =>
      tellingSeed(async () => {
        await runRounds(roundsOf(ROUNDS), 1, async (_draws, round) => {
          const force = round % 2 === 1;
          if (!force) await sites[0].empty();
          const uploads = await Promise.all(
            Array.from({ length: AT_ONCE }, (_, n) => sites[n % 2]!.upload('store_status.csv', CSV, force)),
          );
          // The first of them, or a repetition that is told so.
          expect([200, 202]).toEqual(expect.arrayContaining(uploads.map(({ status }) => status)));
          for (const { id } of uploads) await sites[0].ended(id, 'completed');
          expect(await sites[0].storedPolls()).toEqual(OF_UPLOADED);
        });
        expect(await sites[0].deadlocks()).toBe(0);
      }),
    roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );
});
