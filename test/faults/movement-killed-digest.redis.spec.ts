import { digestAnew, figuresOfFloor, hasUndigested, layFloor, untilDigested } from './support/floor.js';
import { movementSite } from './support/movement-site.js';
import { pause } from './support/pause.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { tell } from './support/told.js';

const KILLS = { short: 2, long: 100 };
const ROUND_LIMIT_MS = 40_000;
const EVENTS_A_KILL = 900;
const DRAINED_MS = 60_000;
const WORKERS = 1;

describe('processes that are killed while they work out what people do in the stores', () => {
  const at = movementSite();

  it(
    'leave the same figures as a run that nobody disturbs',
    () =>
      tellingSeed(async () => {
        const { site, buffer } = at;
        await layFloor(site);
        const crew = await at.startCrew(WORKERS, 0);
        const client = at.client(0);
        const caught = await runRounds(roundsOf(KILLS), 1, async (draws) => {
          await crew.untilFull();
          await client.sendMany(EVENTS_A_KILL);
          await buffer.untilEmpty(DRAINED_MS, () => site.words);
          return killedRound(draws);
        });
        await untilDigested(site);
        tell('Digest killed', { kills: caught.length, withWork: caught.filter(Boolean).length });
        expect(caught).toContain(true);
        await client.expectStored(site);
        const figures = await figuresOfFloor(site);
        expect(Object.values(figures).filter(({ rows }) => rows === 0)).toEqual([]);
        await digestAnew(site);
        expect(await figuresOfFloor(site)).toEqual(figures);
      }),
    120_000 + roundsOf(KILLS) * ROUND_LIMIT_MS,
  );

  /**
   * Kills the server in the middle of figures that are asked for, and with it sometimes the worker, who works them out
   * as well.
   *
   * @returns whether there was something left to work out when they were dead.
   */
  async function killedRound(draws: Draws): Promise<boolean> {
    const thenMs = draws.whole(0, 150);
    const alsoWorker = draws.share() < 0.3;
    const { origin } = at.site.server;
    const asked = [0, 1, 2, 3].map((store) =>
      // Cut off with the server.
      fetch(`${origin}/api/v1/stores/store-${store}/zones/metrics`).catch(() => null),
    );
    await pause(thenMs);
    await at.site.server.kill('SIGKILL');
    if (alsoWorker) await at.crew.at(0).kill('SIGKILL');
    const wasAtIt = await hasUndigested(at.site);
    await Promise.all(asked);
    await at.site.startServer();
    return wasAtIt;
  }
});
