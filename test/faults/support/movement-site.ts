import { waitFor } from '../../../src/platform/wait.js';
import { MovementBuffer } from './movement-buffer.js';
import { KNOWN_STORES, MovementClient } from './movement-client.js';
import { type OwnRedis, startOwnRedis } from './own-redis.js';
import { Draws, seedOf } from './schedule.js';
import { Site } from './site.js';
import { WorkerCrew } from './worker-crew.js';

const VARIABLES = { MOVEMENT_FLUSH_SECONDS: '1' };

/** A site for movement events: a Redis of its own, a server and known stores; all there before the first test. */
export interface MovementSite {
  readonly site: Site;
  readonly redis: OwnRedis;
  readonly buffer: MovementBuffer;
  /** Once it is started. */
  readonly crew: WorkerCrew;
  /** As `WorkerCrew.start`. Once. */
  startCrew(workers: number, delayMs: number): Promise<WorkerCrew>;
  /** @param place which no other client of the site has. */
  client(place: number): MovementClient;
}

/**
 * For the tests of the block in which it is called; everything ends with it.
 *
 * @param open makes the site, where that takes more than a database.
 */
export function movementSite(open: typeof Site.create = Site.create): MovementSite {
  let redis: OwnRedis | undefined;
  let site: Site | undefined;
  let buffer: MovementBuffer | undefined;
  let crew: WorkerCrew | undefined;

  beforeAll(async () => {
    redis = await startOwnRedis();
    buffer = new MovementBuffer(redis.url);
    site = await open(redis.url, VARIABLES);
    await makeStoresKnown(site);
  }, 60_000);

  afterAll(async () => {
    await crew?.close();
    buffer?.close();
    await site?.close();
    await redis?.close();
  });

  return {
    get site() {
      return site!;
    },
    get redis() {
      return redis!;
    },
    get buffer() {
      return buffer!;
    },
    get crew() {
      return crew!;
    },
    async startCrew(workers, delayMs) {
      crew = await WorkerCrew.start(site!, workers, delayMs);
      return crew;
    },
    client: (place) => new MovementClient(() => site!.server.origin, new Draws(seedOf(), -place), place),
  };
}

/** Starts the server, and a worker for as long as the load of the stores takes. */
async function makeStoresKnown(site: Site): Promise<void> {
  await site.startServer();
  const worker = await site.startWorker();
  await site.ended(await site.requestLoad(KNOWN_STORES), 'completed');
  await worker.kill('SIGTERM');
}

/** Expects that no event was put aside: nothing that the tests send is at fault. */
export async function expectNoDeadLetters(site: Site): Promise<void> {
  expect(await site.query('SELECT * FROM movement_dead_letters LIMIT 3')).toEqual([]);
}

/** Until the server says that it has Redis again. */
export async function untilRedisIsKnown(site: Site): Promise<void> {
  const known = await waitFor(async () => {
    const answer = await fetch(`${site.server.origin}/api/logs/queue-status/`);
    const { redis_connected } = (await answer.json()) as { redis_connected: boolean };
    return redis_connected ? true : null;
  }, 15_000);
  if (known === null) throw new Error(`The server does not know that Redis is back:\n${site.words}`);
}
