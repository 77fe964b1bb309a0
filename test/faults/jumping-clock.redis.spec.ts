import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { makePolls } from './support/poll-files.js';
import { emptyRedis } from './support/redis-databases.js';
import { ReportWork } from './support/report-work.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';
import { WorkerCrew } from './support/worker-crew.js';

/** There and back, and there and back in the other direction. */
const ROUNDS = { short: 2, long: 40 };
const ROUND_LIMIT_MS = 60_000;
const JUMPS_MS = [-3_600_000, 3_600_000, 3_600_000, -3_600_000];
const REPORTS_A_ROUND = 3;
const WORKERS = 2;
const DELAY_MS = 4;
const LANE = 7;
const SWEEPS_MS = 100;

/** Polls of the last two days up to a moment ago, so that the clock decides which of them have been already. */
const NEWEST_MS = Date.now() - 120_000;
const POLLS_A_STORE = 288;

describe('a system clock that jumps by an hour in the middle of reports', () => {
  let site: Site;
  let crew: WorkerCrew | undefined;

  beforeAll(async () => {
    site = await Site.create(await emptyRedis(LANE));
  }, 60_000);

  afterAll(async () => {
    await crew?.close();
    await site.close();
  });

  it(
    'has none made twice and none given up, and as-of stays among the polls',
    () =>
      tellingSeed(async () => {
        const jump = path.join(site.settings.folder, 'jump');
        const preload = pathToFileURL(path.join(__dirname, 'support', 'preload', 'jumping-clock.mjs'));
        preload.searchParams.set('file', jump);
        await site.startServer({ preload: preload.href });
        const work = new ReportWork(site);
        crew = await WorkerCrew.start(site, WORKERS, DELAY_MS, { preload: preload.href });
        await work.load(recentPolls());
        const defaults = await runRounds(roundsOf(ROUNDS), 1, (draws, round) =>
          jumpedRound({ site, work, crew: crew!, jump }, draws, JUMPS_MS[round % JUMPS_MS.length]!),
        );
        const standings = await work.untilEnded(20_000);
        tell('The clock jumped', { jumps: roundsOf(ROUNDS), reports: standings.length });
        expect(standings.filter(({ status, attempts }) => status !== 'completed' || attempts !== 1)).toEqual(
          [],
        );
        for (const id of defaults) await expectSensibleAsOf(site, id);
        await expectWhole(work);
        expect(crew.deaths).toBe(0);
        await expectNothingLeft(site, 'none');
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );
});

interface Scene {
  site: Site;
  work: ReportWork;
  crew: WorkerCrew;
  /** The file that says by how much. */
  jump: string;
}

/** The clocks of all processes jump, one after another, while reports are made. @returns one as of the newest poll. */
async function jumpedRound({ site, work, crew, jump }: Scene, draws: Draws, ms: number): Promise<string> {
  const thenMs = draws.whole(0, 300);
  writeFileSync(jump, String(ms));
  const asOf = new Date(NEWEST_MS - 86_400_000).toISOString();
  const batch = [(await work.trigger({ force: true })).id];
  for (let n = 1; n < REPORTS_A_ROUND; n++) batch.push((await work.trigger({ as_of: asOf, force: true })).id);
  await work.untilRunning(batch);
  await pause(thenMs);
  for (const place of crew.alive()) crew.at(place).signal('SIGUSR2');
  site.server.signal('SIGUSR2');
  // Long enough that everything that looks for leases has looked.
  await pause(SWEEPS_MS);
  await work.untilEnded(30_000, batch);
  return batch[0]!;
}

function recentPolls(): ReturnType<typeof makePolls> {
  const from = new Date(NEWEST_MS - (POLLS_A_STORE - 1) * 600_000).toISOString();
  return makePolls({ stores: 60, pollsAStore: POLLS_A_STORE, from, inactiveEvery: 5 });
}

/** The newest poll that is no later than what the process takes for now; never later than the newest of all. */
async function expectSensibleAsOf(site: Site, id: string): Promise<void> {
  const [row] = await site.query<{ is_poll: boolean; age_s: number }>(
    `SELECT EXISTS (SELECT FROM store_status WHERE timestamp_utc = as_of) AS is_poll,
            extract(epoch FROM (SELECT max(timestamp_utc) FROM store_status) - as_of)::int AS age_s
       FROM (SELECT timestamptz 'epoch' + as_of_us * interval '1 microsecond' AS as_of
               FROM reports WHERE report_id = $1) AS report`,
    [id],
  );
  expect(row!.is_poll).toBe(true);
  expect(row!.age_s).toBeGreaterThanOrEqual(0);
  expect(row!.age_s).toBeLessThanOrEqual(3_600 + 600);
}
