import { expectNoDeadLetters, movementSite, untilRedisIsKnown } from './support/movement-site.js';
import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { tell } from './support/told.js';

const ROUNDS = { short: 2, long: 30 };
const ROUND_LIMIT_MS = 60_000;
const FLUSHERS = 1;
const DELAY_MS = 3;
const DRAINED_MS = 60_000;
const EVENTS_WHILE_AWAY = 120;

describe('Redis that is killed while movement events come in and are stored, and comes back', () => {
  const at = movementSite();

  it(
    'has lost no accepted event, and while it is away events go straight to PostgreSQL',
    () =>
      tellingSeed(async () => {
        const { site, buffer } = at;
        const crew = await at.startCrew(FLUSHERS, DELAY_MS);
        const client = at.client(1);
        await runRounds(roundsOf(ROUNDS), 1, async (draws, round) => {
          client.start();
          await restartedRound(draws, 2 + round);
          await client.stop();
          await client.sendUncertainAgain(() => draws.share() < 0.5);
        });
        // Batches whose end could not be told to Redis: they are taken again, and stored no second time.
        await buffer.endLeases();
        await buffer.untilEmpty(DRAINED_MS, () => site.words);
        tell('Redis restarted', { events: client.accepted, uncertain: client.uncertain.length });
        expect([202, 503]).toEqual(expect.arrayContaining([...client.statuses]));
        await client.expectStored(site);
        await expectNoDeadLetters(site);
        await expectNothingLeft(site, 'none');
        expect(crew.deaths).toBe(0);
        expect(site.server.hasEnded).toBe(false);
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  async function restartedRound(draws: Draws, place: number): Promise<void> {
    const thenMs = draws.whole(100, 1_200);
    const awayMs = draws.whole(0, 1_500);
    const backMs = draws.whole(0, 500);
    await pause(thenMs);
    await at.redis.kill();
    const apart = at.client(place);
    await apart.sendMany(EVENTS_WHILE_AWAY);
    expect([...apart.statuses]).toEqual([202]);
    await apart.expectStored(at.site);
    await pause(awayMs);
    await at.redis.start('kept');
    await untilRedisIsKnown(at.site);
    await pause(backMs);
  }
});
