import { expectNothingLeft } from './support/nothing-left.js';
import { type OwnRedis, startOwnRedis } from './support/own-redis.js';
import { ReportWork } from './support/report-work.js';
import { roundsOf, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { quantile, tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import { WorkerCrew } from './support/worker-crew.js';

const TRIGGERS = { short: 12, long: 100 };
/** The answer to a trigger, whatever Redis does. */
const ANSWER_MS = 1_000;
const WORKERS = 1;
const DELAY_MS = 1;

describe('a trigger while Redis', () => {
  let redis: OwnRedis;
  let site: Site;
  let crew: WorkerCrew | undefined;
  let work: ReportWork;

  beforeAll(async () => {
    redis = await startOwnRedis();
    site = await Site.create(redis.url);
    await site.startServer();
    crew = await WorkerCrew.start(site, WORKERS, DELAY_MS);
    work = new ReportWork(site);
    await work.load();
  }, 90_000);

  afterAll(async () => {
    await crew?.close();
    await site.close();
    await redis.close();
  });

  const limitMs = 90_000 + roundsOf(TRIGGERS) * 3_000;

  it(
    'is dead is answered within a second, made by the server itself, and not made again when Redis is back',
    () =>
      tellingSeed(async () => {
        await redis.kill();
        const { ids, p99Ms } = await triggerAll(work, 'Redis dead');
        expect(p99Ms).toBeLessThanOrEqual(ANSWER_MS);
        await madeOnce(work, ids);
        await redis.start('kept');
        await expectUnchanged(work, ids);
      }),
    limitMs,
  );

  it(
    'hangs is answered within a second, made by the server itself, and not made again when Redis goes on',
    () =>
      tellingSeed(async () => {
        redis.freeze();
        let triggered: Triggered;
        try {
          triggered = await triggerAll(work, 'Redis hanging');
          await madeOnce(work, triggered.ids);
        } finally {
          redis.wake();
        }
        await expectUnchanged(work, triggered.ids);
        expect(triggered.p99Ms).toBeLessThanOrEqual(ANSWER_MS);
      }),
    limitMs,
  );
});

interface Triggered {
  ids: string[];
  /** Of the answers. */
  p99Ms: number;
}

/** Triggers one after another. */
async function triggerAll(work: ReportWork, how: string): Promise<Triggered> {
  const count = roundsOf(TRIGGERS);
  const ids: string[] = [];
  const tookMs: number[] = [];
  for (let n = 0; n < count; n++) {
    const answer = await work.trigger();
    ids.push(answer.id);
    tookMs.push(answer.tookMs);
  }
  const p99Ms = quantile(tookMs, 0.99);
  tell(how, { triggers: count, p50Ms: quantile(tookMs, 0.5), p99Ms });
  return { ids, p99Ms };
}

async function madeOnce(work: ReportWork, ids: readonly string[]): Promise<void> {
  const standings = await work.untilEnded(30_000 + ids.length * 1_000, ids);
  expect(standings.filter(({ status, attempts }) => status !== 'completed' || attempts !== 1)).toEqual([]);
  await expectWhole(work, ids);
}

/** A report that was asked for later has gone through the queue, and those of before are what they were. */
async function expectUnchanged(work: ReportWork, ids: readonly string[]): Promise<void> {
  const before = await endings(work, ids);
  const { id } = await work.trigger();
  await work.untilEnded(30_000, [id]);
  // Jobs that Redis was told of after all have been taken and found to be done.
  await expectNothingLeft(work.site, 'none');
  expect(await endings(work, ids)).toEqual(before);
}

/** When each ended, after how many starts. */
function endings(work: ReportWork, ids: readonly string[]): Promise<unknown[]> {
  return work.site.query(
    `SELECT report_id, status, attempts, started_at::text, completed_at::text FROM reports
      WHERE report_id = ANY ($1) ORDER BY report_id`,
    [ids],
  );
}
