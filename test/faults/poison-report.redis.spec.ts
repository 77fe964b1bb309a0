import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { expectNothingLeft } from './support/nothing-left.js';
import { type ReportStanding, ReportWork, storeName } from './support/report-work.js';
import { makePolls } from './support/poll-files.js';
import { roundsOf, tellingSeed } from './support/schedule.js';
import { siteWithCrew } from './support/site-with-crew.js';
import { tell } from './support/told.js';
import { expectWhole } from './support/whole-reports.js';

const GOOD = { short: 8, long: 50 };
const WORKERS = 2;
const DELAY_MS = 3;
const LANE = 5;
const STARTS = 3;
/** Two poisonous reports, three starts each; and a start that dies before its worker is ready is still one. */
const MOST_DEATHS = 2 * STARTS;
const STORES = Array.from({ length: 40 }, (_, number) => storeName(number));
/** Named in a report's row. */
const POISON_ROW = 'poison-in-the-row';
/** A store that good reports do not name; in its facts. */
const POISON_FACTS = storeName(40);

describe('a report that always kills the worker that makes it', () => {
  const at = siteWithCrew(LANE);

  it(
    'fails after exactly three starts and says why, and the others are made',
    () =>
      tellingSeed(async () => {
        const preload = pathToFileURL(path.join(__dirname, 'support', 'preload', 'poison.mjs'));
        preload.searchParams.set('row', POISON_ROW);
        preload.searchParams.set('facts', POISON_FACTS);
        const work = new ReportWork(at.site);
        // Loaded by a worker that it does not harm.
        const loader = await at.site.startWorker();
        await work.load(
          makePolls({ stores: 41, pollsAStore: 500, from: '2023-01-02T00:00:00Z', inactiveEvery: 5 }),
        );
        await loader.kill('SIGKILL');
        const crew = await at.startCrew(WORKERS, DELAY_MS, { preload: preload.href });
        const good: string[] = [];
        const poisonous: string[] = [];
        const count = roundsOf(GOOD);
        for (let n = 0; n < count; n++) {
          if (n === Math.floor(count / 4)) {
            poisonous.push(
              (await work.trigger({ ...work.nextWish(), store_ids: STORES, label: POISON_ROW })).id,
            );
          }
          if (n === Math.floor(count / 2)) {
            poisonous.push(
              (await work.trigger({ ...work.nextWish(), store_ids: [STORES[0]!, POISON_FACTS] })).id,
            );
          }
          good.push((await work.trigger({ ...work.nextWish(), store_ids: STORES })).id);
        }
        await work.untilEnded(180_000);
        const { deaths } = crew;
        tell('A poisonous report', { good: good.length, poisonous: poisonous.length, deaths });
        expect(deaths).toBe(MOST_DEATHS);
        expect(await work.standings(poisonous)).toEqual(
          poisonous.toSorted().map(
            (id): ReportStanding => ({
              id,
              status: 'failed',
              attempts: expect.any(Number) as number,
              error: expect.stringMatching(/died/) as string,
            }),
          ),
        );
        await expectWhole(work, good);
        await expectNothingLeft(at.site, 'swept');
      }),
    240_000 + roundsOf(GOOD) * 1_000,
  );
});
