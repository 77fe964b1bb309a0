import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { makePolls } from './support/poll-files.js';
import { emptyRedis } from './support/redis-databases.js';
import { ReportWork } from './support/report-work.js';
import { roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import { WorkerCrew } from './support/worker-crew.js';

const ROUNDS = { short: 1, long: 15 };
const ROUND_LIMIT_MS = 120_000;
/** Enough for several shards. */
const POLLS = { stores: 6_000, pollsAStore: 12, from: '2023-01-04T10:00:00Z', inactiveEvery: 5 };
const WORKERS = 2;
const DELAY_MS = 10;
const LANE = 10;
const ENDED_MS = 90_000;
/** From the kill to the end of the report. */
const RECOVERY_MS = 60_000;

/** The backend whose snapshot a report's shards share. Its name begins with the transaction's place, in hexadecimal. */
const EXPORTER = `
  SELECT a.client_port AS port
    FROM reports AS r
   CROSS JOIN LATERAL regexp_match(r.snapshot, '([0-9A-F]{8})-([0-9A-F]{8})') AS parts
    JOIN pg_locks AS l ON l.locktype = 'virtualxid'
     AND l.virtualtransaction = concat(('x' || parts[1])::bit(32)::int, '/', ('x' || parts[2])::bit(32)::int)
    JOIN pg_stat_activity AS a ON a.pid = l.pid
   WHERE r.report_id = $1 AND r.status = 'running' AND EXISTS (
     SELECT FROM report_shards AS s WHERE s.report_id = r.report_id AND s.status = 'completed')`;

const ALL_COMPLETED = `
  SELECT FROM report_shards WHERE report_id = $1 HAVING count(*) > 1 AND bool_and(status = 'completed')`;

describe('of the workers that compute the shards of a report', () => {
  let site: Site;
  let crew: WorkerCrew;
  let work: ReportWork;

  beforeAll(async () => {
    site = await Site.create(await emptyRedis(LANE));
    await site.startServer();
    crew = await WorkerCrew.start(site, WORKERS, DELAY_MS);
    work = new ReportWork(site);
    await work.load(makePolls(POLLS));
  }, 120_000);

  afterAll(async () => {
    await crew.close();
    await site.close();
  });

  const limitMs = 60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS;

  it(
    'the one whose snapshot all share is killed between two shards, and the report is computed anew from one snapshot',
    () =>
      tellingSeed(async () => {
        const endedMs = await runRounds(roundsOf(ROUNDS), 1, () =>
          killedRound(async (id) => {
            const [exporter] = await site.query<{ port: number }>(EXPORTER, [id]);
            return exporter === undefined ? null : crew.placeOfPort(exporter.port);
          }),
        );
        tell('The exporter killed', { endedMs });
        expect(Math.max(...endedMs)).toBeLessThan(RECOVERY_MS);
        await expectWhole(work);
        await expectNothingLeft(site, 'swept');
      }),
    limitMs,
  );

  it(
    'all are killed behind the last commit, and the report is published by the next',
    () =>
      tellingSeed(async () => {
        const endedMs = await runRounds(roundsOf(ROUNDS), 1, () =>
          killedRound(async (id) => ((await site.query(ALL_COMPLETED, [id])).length === 0 ? null : 'all')),
        );
        tell('All killed before publishing', { endedMs });
        expect(Math.max(...endedMs)).toBeLessThan(RECOVERY_MS);
        await expectWhole(work);
        await expectNothingLeft(site, 'swept');
      }),
    limitMs,
  );

  /** @returns how long after the kill the report had ended. */
  async function killedRound(
    victimOf: (reportId: string) => Promise<number | 'all' | null>,
  ): Promise<number> {
    await crew.untilFull();
    const { id } = await work.trigger();
    const victim = await theMoment(() => victimOf(id));
    const places = victim === 'all' ? crew.alive() : [victim];
    await Promise.all(places.map((place) => crew.at(place).kill('SIGKILL')));
    const begun = performance.now();
    const [standing] = await work.untilEnded(ENDED_MS, [id]);
    expect(standing).toMatchObject({ status: 'completed' });
    const endedMs = Math.round(performance.now() - begun);
    await work.expectSameUndisturbed([id]);
    return endedMs;
  }
});

/** The moment is short, so it is looked for all the time. */
async function theMoment<T>(look: () => Promise<T | null>): Promise<T> {
  for (const begun = performance.now(); performance.now() - begun < 30_000; await pause(5)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error('The moment has not come.');
}
