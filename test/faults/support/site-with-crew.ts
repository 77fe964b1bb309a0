import type { ProductSettings } from './product-process.js';
import { emptyRedis } from './redis-databases.js';
import { Site } from './site.js';
import { WorkerCrew } from './worker-crew.js';

export interface SiteWithCrew {
  /** Its server runs, and no worker yet. There before the first test. */
  readonly site: Site;
  /** Starts the crew; as `WorkerCrew.start`. Once. */
  startCrew(workers: number, delayMs: number, settings?: Partial<ProductSettings>): Promise<WorkerCrew>;
}

/**
 * A site with a server behind a queue, for the tests of the block in which it is called. Site and crew end with it.
 *
 * @param lane which database of Redis, one that no other spec has.
 */
export function siteWithCrew(lane: number): SiteWithCrew {
  let site: Site | undefined;
  let crew: WorkerCrew | undefined;

  beforeAll(async () => {
    site = await Site.create(await emptyRedis(lane));
    await site.startServer();
  }, 60_000);

  afterAll(async () => {
    await crew?.close();
    await site?.close();
  });

  return {
    get site() {
      return site!;
    },
    async startCrew(workers, delayMs, settings) {
      crew = await WorkerCrew.start(site!, workers, delayMs, settings);
      return crew;
    },
  };
}
