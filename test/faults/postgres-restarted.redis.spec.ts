import { expectNothingLeft } from './support/nothing-left.js';
import { type OwnPostgres, startOwnPostgres } from './support/own-postgres.js';
import { pause } from './support/pause.js';
import { emptyRedis } from './support/redis-databases.js';
import { ReportWork } from './support/report-work.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import { WorkerCrew } from './support/worker-crew.js';

const ROUNDS = { short: 2, long: 21 };
const ROUND_LIMIT_MS = 120_000;
const REPORTS_A_ROUND = 4;
const WORKERS = 2;
const DELAY_MS = 3;
const LANE = 6;
/** It is told to stop, with time or without; or one of its processes is killed, and it starts all of them anew. */
const WAYS = ['fast', 'immediate', 'crash'] as const;
const ENDED_MS = 60_000;

describe('PostgreSQL that is restarted in the middle of reports', () => {
  let postgres: OwnPostgres;
  let site: Site;
  let crew: WorkerCrew | undefined;

  beforeAll(async () => {
    postgres = await startOwnPostgres();
    site = Site.on(postgres.url, await emptyRedis(LANE));
    await site.startServer();
  }, 90_000);

  afterAll(async () => {
    await crew?.close();
    await site.close();
    await postgres.close();
  });

  it(
    'ends no process, and every report comes to its end with the right figures',
    () =>
      tellingSeed(async () => {
        const work = new ReportWork(site);
        crew = await WorkerCrew.start(site, WORKERS, DELAY_MS);
        await work.load();
        await runRounds(roundsOf(ROUNDS), 1, (draws, round) =>
          restartedRound(work, postgres, draws, WAYS[round % WAYS.length]!),
        );
        const begun = performance.now();
        const standings = await work.untilEnded(ENDED_MS);
        tell('PostgreSQL restarted', {
          restarts: roundsOf(ROUNDS),
          reports: standings.length,
          startedAgain: standings.filter(({ attempts }) => attempts > 1).length,
          drainedMs: Math.round(performance.now() - begun),
        });
        await expectWhole(work);
        await work.expectSameUndisturbed([...work.ids]);
        expect(crew.deaths).toBe(0);
        expect(site.server.hasEnded).toBe(false);
        await expectNothingLeft(site, 'swept');
      }),
    90_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );
});

/** The next restart spares what two have broken already: a third would fail it for good. */
async function restartedRound(
  work: ReportWork,
  postgres: OwnPostgres,
  draws: Draws,
  how: (typeof WAYS)[number],
): Promise<void> {
  const thenMs = draws.whole(0, 600);
  const batch: string[] = [];
  // One after another: a trigger is no matter of this test, and takes a connection of its own.
  for (let n = 0; n < REPORTS_A_ROUND; n++) batch.push((await work.trigger()).id);
  await work.untilRunning(batch);
  await work.untilNoLastStart();
  await pause(thenMs);
  await work.site.throughRestart((backendPid) => {
    if (how === 'crash') process.kill(backendPid, 'SIGKILL');
    else postgres.stop(how);
  });
}
