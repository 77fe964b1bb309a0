import { expectNoDeadLetters, movementSite } from './support/movement-site.js';
import { type OwnPostgres, startOwnPostgres } from './support/own-postgres.js';
import type { MovementClient } from './support/movement-client.js';
import { pause } from './support/pause.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { Site } from './support/site.js';
import { openSlowLink, type SlowLink } from './support/slow-link.js';
import { tell } from './support/told.js';

const ROUNDS = { short: 1, long: 5 };
const AWAY_MS = Math.min(20_000, roundsOf(ROUNDS) * 4_000);
const ROUND_LIMIT_MS = 120_000;
const FLUSHERS = 1;
const BATCH = 500;
/** So many batches that a worker is not done with them before it is noticed that it has begun. */
const EVENTS_AT_ONCE = 3_000;
const TAKEN_MS = 10_000;
const DRAINED_MS = 60_000;

describe('PostgreSQL that is down for a while', () => {
  let postgres: OwnPostgres;
  let link: SlowLink;
  const at = movementSite(async (redisUrl, variables) => {
    postgres = await startOwnPostgres();
    link = await openSlowLink(postgres.url, 0);
    const end = async (): Promise<void> => {
      await link.close();
      await postgres.close();
    };
    return Site.on(link.url, redisUrl, end, variables);
  });

  it(
    'is filled with all that Redis has taken meanwhile, once, as soon as it is back',
    () =>
      tellingSeed(async () => {
        const { site, buffer } = at;
        const crew = await at.startCrew(FLUSHERS, 0);
        const client = at.client(1);
        const drainedMs = await runRounds(roundsOf(ROUNDS), 1, async (draws, round) => {
          if (round % 2 === 0) await fullBatchRound(client);
          else await stoppedRound(client, draws);
          await client.stop();
          const begun = performance.now();
          await buffer.untilEmpty(DRAINED_MS, () => site.words);
          return Math.round(performance.now() - begun);
        });
        tell('PostgreSQL away', { awayMs: AWAY_MS, events: client.accepted, drainedMs });
        expect([...client.statuses]).toEqual([202]);
        await client.expectStored(site);
        await expectNoDeadLetters(site);
        expect(crew.deaths).toBe(0);
        expect(site.server.hasEnded).toBe(false);
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  /** It crashes while a full batch is being stored. */
  async function fullBatchRound(client: MovementClient): Promise<void> {
    const flusher = at.crew.at(0);
    flusher.signal('SIGSTOP');
    await client.sendMany(EVENTS_AT_ONCE);
    flusher.signal('SIGCONT');
    expect(await at.buffer.untilTaken(TAKEN_MS)).toBe(true);
    await away(client, 'immediate');
  }

  /** It is stopped at any moment while events come in. */
  async function stoppedRound(client: MovementClient, draws: Draws): Promise<void> {
    const thenMs = draws.whole(200, 1_500);
    client.start(1);
    await pause(thenMs);
    await away(client, 'fast');
  }

  async function away(client: MovementClient, how: 'immediate' | 'fast'): Promise<void> {
    postgres.stop(how);
    // It comes back by itself; nobody reaches it before the time is over.
    await link.cut();
    if (how === 'immediate') {
      expect([...(await at.buffer.taken()).values()].map(({ events }) => events)).toContain(BATCH);
      client.start(1);
    }
    const before = await at.buffer.waiting();
    await pause(AWAY_MS);
    expect(await at.buffer.waiting()).toBeGreaterThan(before);
    await link.mend();
    await at.site.whenBack(() => at.site.query('SELECT 1'));
  }
});
