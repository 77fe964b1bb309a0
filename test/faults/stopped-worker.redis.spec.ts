import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { emptyRedis } from './support/redis-databases.js';
import { ReportWork } from './support/report-work.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import { WorkerCrew } from './support/worker-crew.js';

const RESTARTS = { short: 3, long: 20 };
const ROUND_LIMIT_MS = 90_000;
const REPORTS_A_ROUND = 3;
const WORKERS = 2;
const DELAY_MS = 5;
const LANE = 9;
/** From the request to end to the exit. */
const STOP_MS = 20_000;

describe('a worker that is asked to end in the middle of a report', () => {
  let site: Site;
  let crew: WorkerCrew | undefined;

  beforeAll(async () => {
    site = await Site.create(await emptyRedis(LANE));
    await site.startServer();
  }, 60_000);

  afterAll(async () => {
    await crew?.close();
    await site.close();
  });

  it(
    'hands it back uncounted and exits with 0, again and again, and no report fails',
    () =>
      tellingSeed(async () => {
        const work = new ReportWork(site);
        crew = await WorkerCrew.start(site, WORKERS, DELAY_MS);
        await work.load();
        const stopMs = await runRounds(roundsOf(RESTARTS), 1, (draws, round) =>
          restartedRound(work, crew!, draws, round % WORKERS),
        );
        const begun = performance.now();
        const standings = await work.untilEnded(30_000);
        tell('Rolling restarts', {
          restarts: stopMs.length,
          reports: standings.length,
          slowestStopMs: Math.max(...stopMs),
          drainedMs: Math.round(performance.now() - begun),
        });
        // A start that was handed back does not count.
        expect(standings.filter(({ status, attempts }) => status !== 'completed' || attempts !== 1)).toEqual(
          [],
        );
        await expectWhole(work);
        await work.expectSameUndisturbed([...work.ids]);
        await expectNothingLeft(site, 'none');
      }),
    90_000 + roundsOf(RESTARTS) * ROUND_LIMIT_MS,
  );
});

/** @returns how long the worker took to end; another one is at its place then. */
async function restartedRound(
  work: ReportWork,
  crew: WorkerCrew,
  draws: Draws,
  place: number,
): Promise<number> {
  const thenMs = draws.whole(0, 500);
  const batch = await work.triggerMany(REPORTS_A_ROUND);
  await work.untilRunning(batch);
  await pause(thenMs);
  const worker = crew.at(place);
  const begun = performance.now();
  const code = await worker.kill('SIGTERM');
  const tookMs = Math.round(performance.now() - begun);
  if (code !== 0) throw new Error(`The worker ended with ${code}:\n${worker.lastWords}`);
  expect(tookMs).toBeLessThan(STOP_MS);
  await crew.untilFull();
  return tookMs;
}
