import { waitFor } from '../../../src/platform/wait.js';
import type { ProductProcess, ProductSettings } from './product-process.js';
import type { Site } from './site.js';
import { openSlowLink, type SlowLink } from './slow-link.js';

/** Ends a crew that dies faster than it can be replaced. */
const MOST_DEATHS = 1_000;

/** A place in the crew: its way to the database, and who works there now. */
interface Place {
  link: SlowLink;
  /** Null between a death and the next start. */
  worker: ProductProcess | null;
  kept: Promise<void>;
}

/** Workers of a site, each on a slow way to the database of its own, and each replaced as soon as it has died. */
export class WorkerCrew {
  /** Workers that ended without having been asked to. */
  deaths = 0;

  private readonly places: Place[] = [];
  private closing = false;

  private constructor(
    private readonly site: Site,
    private readonly settings: Partial<ProductSettings>,
  ) {}

  /** @param delayMs of the way to the database, in each direction. */
  static async start(
    site: Site,
    workers: number,
    delayMs: number,
    settings: Partial<ProductSettings> = {},
  ): Promise<WorkerCrew> {
    const crew = new WorkerCrew(site, settings);
    for (let n = 0; n < workers; n++) {
      const link = await openSlowLink(site.settings.databaseUrl, delayMs);
      const place: Place = { link, worker: null, kept: Promise.resolve() };
      crew.places.push(place);
      const started = crew.begin(place);
      await started;
    }
    return crew;
  }

  /** Places where somebody works. */
  alive(): number[] {
    return this.places.flatMap(({ worker }, place) => (worker === null || worker.hasEnded ? [] : [place]));
  }

  /** Waits until somebody works at every place. */
  untilFull(): Promise<void> {
    return this.untilAlive(this.places.length);
  }

  /** Waits until somebody works at so many places. */
  async untilAlive(workers: number): Promise<void> {
    const there = await waitFor(() => Promise.resolve(this.alive().length >= workers ? true : null), 60_000);
    if (there === null) throw new Error('A worker has not been replaced.');
  }

  at(place: number): ProductProcess {
    const worker = this.places[place]?.worker ?? null;
    if (worker === null) throw new Error(`Nobody works at place ${place}.`);
    return worker;
  }

  /** The place whose worker has a connection to the database from this port; null when none has. */
  placeOfPort(port: number): number | null {
    const place = this.places.findIndex(({ link }) => link.ports().includes(port));
    return place === -1 ? null : place;
  }

  /** Ends all; deaths count no more. */
  async close(): Promise<void> {
    this.closing = true;
    for (const { worker } of this.places) await worker?.kill('SIGKILL');
    await Promise.all(this.places.map(({ kept }) => kept));
    for (const { link } of this.places) await link.close();
  }

  /** Resolves when the first worker of the place is ready; `kept` when the place is given up. */
  private begin(place: Place): Promise<void> {
    return new Promise((resolve, reject) => {
      place.kept = this.keep(place, resolve).catch(reject);
    });
  }

  private async keep(place: Place, ready: () => void): Promise<void> {
    while (!this.closing) {
      const worker = await this.startOne(place);
      if (worker !== null) {
        place.worker = worker;
        ready();
        await worker.ended;
        place.worker = null;
      }
      if (!this.closing) this.deaths += 1;
      if (this.deaths > MOST_DEATHS) throw new Error(`${this.deaths} workers have died.`);
    }
  }

  /** Null when it died before it was ready: work lies there already. */
  private async startOne({ link }: Place): Promise<ProductProcess | null> {
    try {
      return await this.site.startWorker({ databaseUrl: link.url, ...this.settings });
    } catch (error) {
      if (this.closing || /ended without/.test(String(error))) return null;
      throw error;
    }
  }
}
