import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { ReportWork } from './support/report-work.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { siteWithCrew } from './support/site-with-crew.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import type { WorkerCrew } from './support/worker-crew.js';

const RESTARTS = { short: 2, long: 20 };
const ROUND_LIMIT_MS = 90_000;
const REPORTS_A_ROUND = 3;
const WORKERS = 2;
const DELAY_MS = 5;
const LANE = 9;
/** From the request to end to the exit. */
const STOP_MS = 20_000;

describe('a worker that is asked to end in the middle of a report', () => {
  const at = siteWithCrew(LANE);

  it(
    'hands it back uncounted and exits with 0, again and again, and no report fails',
    () =>
      tellingSeed(async () => {
        const work = new ReportWork(at.site);
        const crew = await at.startCrew(WORKERS, DELAY_MS);
        await work.load();
        const stopMs = await runRounds(roundsOf(RESTARTS), 1, (draws, round) =>
          restartedRound(work, crew, draws, round % WORKERS),
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
        await expectNothingLeft(at.site, 'none');
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
