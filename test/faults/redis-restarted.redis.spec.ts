import { waitFor } from '../../src/platform/wait.js';
import { expectNothingLeft } from './support/nothing-left.js';
import { type OwnRedis, startOwnRedis } from './support/own-redis.js';
import { pause } from './support/pause.js';
import { ReportWork } from './support/report-work.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import { WorkerCrew } from './support/worker-crew.js';

const ROUNDS = { short: 2, long: 20 };
const REPORTS_A_ROUND = 6;
const ROUND_LIMIT_MS = 120_000;
const DELAY_MS = 3;
const WORKERS = 2;
/** From the moment that Redis answers again to the start of the first job by a worker. */
const PICKED_UP_MS = 10_000;

describe('Redis that is killed while reports are made, and comes back', () => {
  let redis: OwnRedis;
  let site: Site;
  let crew: WorkerCrew | undefined;

  beforeAll(async () => {
    redis = await startOwnRedis();
    site = await Site.create(redis.url);
    await site.startServer();
  }, 60_000);

  afterAll(async () => {
    await crew?.close();
    await site.close();
    await redis.close();
  });

  it(
    'with its memory or without loses no report and has none made twice, and workers take jobs again within seconds',
    () =>
      tellingSeed(async () => {
        const work = new ReportWork(site);
        crew = await WorkerCrew.start(site, WORKERS, DELAY_MS);
        await work.load();
        const pickedUpMs = await runRounds(roundsOf(ROUNDS), 1, (draws, round) =>
          restartedRound({ work, redis, site }, draws, round % 2 === 0 ? 'kept' : 'lost'),
        );
        const standings = await work.untilEnded(30_000);
        tell('Redis restarted', { reports: standings.length, pickedUpMs });
        expect(Math.max(...pickedUpMs)).toBeLessThan(PICKED_UP_MS);
        // Nobody died, so one start made each of them: a second one would have been a second run.
        expect(standings.filter(({ status, attempts }) => status !== 'completed' || attempts !== 1)).toEqual(
          [],
        );
        await expectWhole(work);
        await work.expectSameUndisturbed([...work.ids]);
        expect(crew.deaths).toBe(0);
        expect(site.server.hasEnded).toBe(false);
        await expectNothingLeft(site, 'none');
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );
});

interface Scene {
  work: ReportWork;
  redis: OwnRedis;
  site: Site;
}

/** @returns how long after Redis was back a worker began with a report. */
async function restartedRound(
  { work, redis, site }: Scene,
  draws: Draws,
  memory: 'kept' | 'lost',
): Promise<number> {
  const thenMs = draws.whole(0, 400);
  const awayMs = draws.whole(200, 3_000);
  const batch = await work.triggerMany(REPORTS_A_ROUND);
  await work.untilRunning(batch);
  await pause(thenMs);
  await redis.kill();
  // Asked for while Redis is away.
  batch.push(...(await work.triggerMany(2)));
  await pause(awayMs);
  await redis.start(memory);
  const begun = performance.now();
  await untilQueued(site);
  const { id } = await work.trigger();
  // With the server frozen only a worker can begin with it.
  site.server.signal('SIGSTOP');
  try {
    await work.untilRunning([id], PICKED_UP_MS);
  } finally {
    site.server.signal('SIGCONT');
  }
  const pickedUpMs = performance.now() - begun;
  await work.untilEnded(60_000, [...batch, id]);
  return Math.round(pickedUpMs);
}

/** Until the server says that work goes to the queue again. */
async function untilQueued(site: Site): Promise<void> {
  const queued = await waitFor(async () => {
    const answer = await fetch(`${site.server.origin}/api/v1/health`);
    const health = (await answer.json()) as { mode: string };
    return health.mode === 'queue' ? true : null;
  }, PICKED_UP_MS);
  if (queued === null) throw new Error(`The server does not go back to the queue:\n${site.words}`);
}
