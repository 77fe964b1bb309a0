import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { ReportWork, type TriggerAnswer } from './support/report-work.js';
import { Draws, roundsOf, seedOf, tellingSeed } from './support/schedule.js';
import type { Site } from './support/site.js';
import { siteWithCrew } from './support/site-with-crew.js';
import { quantile, tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';

const TRIGGERS = { short: 100, long: 1_000 };
/** Within a minute, as many as that is for a short run. */
const A_MINUTE_MS = 60_000;
/** Every so many are the same wish as one before. */
const EQUAL_SHARE = 0.5;
const LOOK_EVERY_MS = 50;
/** How soon the server says that it is alive, whatever else it has to do. */
const ALIVE_MS = 1_000;
const LANE = 8;

describe('a thousand triggers in a minute', () => {
  const at = siteWithCrew(LANE);

  it(
    'lose nothing, make equal ones one report, and leave the server free to answer',
    () =>
      tellingSeed(async () => {
        const work = new ReportWork(at.site);
        await at.startCrew(1, 0);
        await work.load();
        const count = roundsOf(TRIGGERS);
        const alive = new LiveProbe(at.site);
        alive.start();
        const begun = performance.now();
        const answers = await triggerAll(work, count, (A_MINUTE_MS * Math.min(count, 1_000)) / 1_000 / 1.2);
        const triggeredMs = Math.round(performance.now() - begun);
        await work.untilEnded(60_000 + count * 500);
        const livezMs = await alive.stop();
        const asked = new Set(answers.map(({ wish }) => wish));
        const p99Ms = quantile(
          answers.map(({ answer }) => answer.tookMs),
          0.99,
        );
        tell('Many triggers', {
          triggers: count,
          distinct: asked.size,
          reports: work.ids.length,
          triggeredMs,
          endedMs: Math.round(performance.now() - begun),
          p50Ms: quantile(
            answers.map(({ answer }) => answer.tookMs),
            0.5,
          ),
          p99Ms,
          livezP99Ms: quantile(livezMs, 0.99),
        });
        // One report's rows and files for each wish, however often it was wished.
        expect(await results(work)).toBe(asked.size);
        expect(answers.every(({ answer }) => work.ids.includes(answer.id))).toBe(true);
        const standings = await work.standings();
        expect(standings.filter(({ status }) => status !== 'completed')).toEqual([]);
        expect(quantile(livezMs, 0.99)).toBeLessThanOrEqual(ALIVE_MS);
        await expectWhole(work);
        await expectNothingLeft(at.site, 'none');
      }),
    180_000 + roundsOf(TRIGGERS) * 1_000,
  );
});

/** Spread evenly over the time, whether the ones before have been answered or not. */
async function triggerAll(
  work: ReportWork,
  count: number,
  withinMs: number,
): Promise<{ wish: string; answer: TriggerAnswer }[]> {
  const draws = new Draws(seedOf(), -1);
  const wishes: string[] = [];
  const sent: Promise<{ wish: string; answer: TriggerAnswer }>[] = [];
  const begun = performance.now();
  for (let n = 0; n < count; n++) {
    const isEqual = wishes.length > 0 && draws.share() < EQUAL_SHARE;
    const wish = isEqual ? wishes[draws.whole(0, wishes.length)]! : work.nextWish().as_of!;
    if (!isEqual) wishes.push(wish);
    sent.push(work.trigger({ as_of: wish }).then((answer) => ({ wish, answer })));
    await pause(Math.max(0, begun + (withinMs * (n + 1)) / count - performance.now()));
  }
  return Promise.all(sent);
}

/** Different rows and files that all of the reports show. */
async function results(work: ReportWork): Promise<number> {
  const [row] = await work.site.query<{ results: number }>(
    'SELECT count(DISTINCT result_id)::int AS results FROM reports WHERE report_id = ANY ($1)',
    [work.ids],
  );
  return row!.results;
}

/** Asks again and again whether the server is alive, and how long it takes to say so. */
class LiveProbe {
  private readonly tookMs: number[] = [];
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly site: Site) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<number[]> {
    this.stopped = true;
    await this.running;
    return this.tookMs;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const begun = performance.now();
      const answer = await fetch(`${this.site.server.origin}/livez`);
      await answer.arrayBuffer();
      expect(answer.status).toBe(200);
      this.tookMs.push(performance.now() - begun);
      await pause(LOOK_EVERY_MS);
    }
  }
}
