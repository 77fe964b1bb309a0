import type { INestApplicationContext } from '@nestjs/common';
import { MovementsService } from '../movements/index.js';
import { SystemClock } from '../platform/clock.js';
import { loadEnvironment } from '../platform/environment.js';
import { formatInstantUs } from '../platform/instant.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { waitFor } from '../platform/wait.js';
import { withApplication } from './application.js';
import { CommandFailure } from './exit.js';

/** What `storewatch movements sample` takes. */
export interface SampleOptions {
  count: number;
  store: string;
}

/** A new connection is ready within milliseconds, or not at all. */
const CONNECTED_WITHIN_MS = 2_000;
/** As many as intake takes at once. */
const AT_ONCE = 1_000;
/** How often one person is seen. */
const SIGHTINGS = 20;
const FRAME = { w: 1_280, h: 720 };
const BOX = { w: 60, h: 160 };
const SECOND_US = 1_000_000;

/** Adds events as a camera would send them, the last of them now. Where they went goes to stdout. */
export async function addSample({ count, store }: SampleOptions): Promise<void> {
  await withMovements(async (movements) => {
    const events = sampleEvents(count, store, new SystemClock().nowUs());
    let stored = 0;
    for (let first = 0; first < count; first += AT_ONCE) {
      const some = events.slice(first, first + AT_ONCE);
      const answer = await movements.accept(Buffer.from(JSON.stringify(some)), false);
      if (answer.stored) stored += some.length;
    }
    const waiting = await movements.queueLength();
    const places = [
      ...(stored < count
        ? [
            `${tell(count - stored)} into Redis (movement_logs holds ${waiting === null ? 'nobody can tell how many: Redis does not answer any more' : tell(waiting)})`,
          ]
        : []),
      ...(stored > 0 ? [`${tell(stored)} straight into PostgreSQL`] : []),
    ];
    process.stdout.write(`${tell(count)} sample events for '${store}' added: ${places.join(', ')}\n`);
  });
}

/** Stores what waits in Redis, in this process; how many that were goes to stdout. */
export async function processWaiting(): Promise<void> {
  await withMovements(async (movements, redisUrl) => {
    if (redisUrl === null) {
      process.stdout.write('0 movement events stored: there is no Redis, so none ever wait\n');
      return;
    }
    if (!(await movements.connected()))
      throw new CommandFailure(
        'Redis does not answer, so what waits there can not be stored. Start it, or mend REDIS_URL.',
      );
    const stored = await movements.drain();
    process.stdout.write(processedLine(stored, await movements.queueLength()));
  });
}

/**
 * @param waiting null: Redis went away meanwhile, with all that still waits there
 * @throws CommandFailure in that case
 */
export function processedLine(stored: number, waiting: number | null): string {
  if (waiting !== null) return `${tell(stored)} movement events stored, ${tell(waiting)} wait\n`;
  throw new CommandFailure(
    `Redis does not answer any more. ${tell(stored)} movement events were stored; how many still wait nobody can tell. Do it again when it answers.`,
  );
}

async function withMovements(
  use: (movements: MovementsService, redisUrl: string | null) => Promise<void>,
): Promise<void> {
  const environment = loadEnvironment();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const work = async (app: INestApplicationContext): Promise<void> => {
    const movements = app.get(MovementsService);
    const isConnected = async (): Promise<true | null> =>
      app.get(WorkQueue).mode() === 'queue' && (await movements.connected()) ? true : null;
    if (environment.redisUrl !== null) await waitFor(isConnected, CONNECTED_WITHIN_MS);
    await use(movements, environment.redisUrl);
  };
  await withApplication(environment, say, work, { withRedis: true });
}

/** People who walk through the image of one camera, one after the other, seen every second. */
function sampleEvents(count: number, store: string, nowUs: number): object[] {
  return Array.from({ length: count }, (_, place) => {
    const person = Math.floor(place / SIGHTINGS) + 1;
    const step = place % SIGHTINGS;
    const x = Math.round((step / (SIGHTINGS - 1)) * (FRAME.w - BOX.w));
    const y = (person * 97) % (FRAME.h - BOX.h);
    return {
      user_id: `SAMPLE-${person}`,
      track_id: person,
      bbox: [x, y, x + BOX.w, y + BOX.h],
      state: step % 5 === 4 ? 'standing' : 'walking',
      store,
      camera_id: 'sample',
      frame: FRAME,
      timestamp: formatInstantUs(nowUs - (count - 1 - place) * SECOND_US),
    };
  });
}

function tell(count: number): string {
  return count.toLocaleString('en');
}
