import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { ReportWork } from './support/report-work.js';
import { Draws, roundsOf, seedOf, tellingSeed } from './support/schedule.js';
import { siteWithCrew } from './support/site-with-crew.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import type { WorkerCrew } from './support/worker-crew.js';

const KILLS = { short: 4, long: 200 };
const LEAST_REPORTS = 24;
const REPORTS_A_KILL = 2;
const WORKERS = 2;
/** With more that wait, the time after the last kill would tell how fast reports are, and not what a kill costs. */
const BACKLOG = 24;
const DELAY_MS = 3;
const LANE = 4;
/** From the last kill to the end of every report. */
const RECOVERY_MS = 30_000;
/** A stopped process has nothing under way to the database any more after so long. */
const SETTLED_MS = 20;

describe('workers that are killed again and again', () => {
  const at = siteWithCrew(LANE);

  it(
    'leave every report to the others: whole, once, with the figures of an undisturbed run',
    () =>
      tellingSeed(async () => {
        const work = new ReportWork(at.site);
        const crew = await at.startCrew(WORKERS, DELAY_MS);
        await work.load();
        const kills = roundsOf(KILLS);
        const total = Math.max(LEAST_REPORTS, kills * REPORTS_A_KILL);
        const draws = new Draws(seedOf(), -1);
        for (let kill = 0; kill < kills; kill++) {
          await work.untilFewOpen(BACKLOG);
          await work.triggerMany(Math.ceil((total * (kill + 1)) / kills) - work.ids.length);
          await killOne(work, crew, draws);
        }
        const begun = performance.now();
        const standings = await work.untilEnded(RECOVERY_MS);
        const drainedMs = Math.round(performance.now() - begun);
        tell('Workers killed', {
          kills,
          reports: standings.length,
          startedAgain: standings.filter(({ attempts }) => attempts > 1).length,
          drainedMs,
        });
        expect(standings).toHaveLength(total);
        // Kills that hit no report would try nothing.
        expect(standings.some(({ attempts }) => attempts > 1)).toBe(true);
        await expectWhole(work);
        await work.expectSameUndisturbed([...work.ids]);
        await expectNothingLeft(at.site, 'swept');
      }),
    120_000 + roundsOf(KILLS) * 10_000,
  );
});

/**
 * Kills a worker while some report is being made. A third start is spared: three that die fail a report by intent,
 * which is another test's matter. The victim is stopped first, so that no such start can begin between look and kill.
 */
async function killOne(work: ReportWork, crew: WorkerCrew, draws: Draws): Promise<void> {
  const share = draws.share();
  const thenMs = draws.whole(0, 400);
  for (let tries = 0; tries < 600; tries++) {
    await work.untilRunning();
    await pause(thenMs);
    const alive = crew.alive();
    const place = alive[Math.floor(share * alive.length)];
    if (place !== undefined) {
      const victim = crew.at(place);
      victim.signal('SIGSTOP');
      await pause(SETTLED_MS);
      if ((await work.lastStarts()) === 0) {
        await victim.kill('SIGKILL');
        return;
      }
      victim.signal('SIGCONT');
    }
    await pause(100);
  }
  throw new Error('No worker could be killed.');
}
