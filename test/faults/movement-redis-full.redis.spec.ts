import { expectNoDeadLetters, movementSite } from './support/movement-site.js';
import { roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { tell } from './support/told.js';

const ROUNDS = { short: 1, long: 10 };
const ROUND_LIMIT_MS = 120_000;
/** Shares of its memory that Redis uses, in percent. */
const LEVELS = [69, 71, 100];
const FLUSHERS = 1;
const EVENTS_BEFORE = 700;
const EVENTS_MEANWHILE = 400;
/** So large that what waits does not count beside it. */
const BALLAST_BYTES = 32_000_000;
/** Two flushes, one after another, with time to spare. */
const STORED_MS = 15_000;

describe('Redis whose memory fills', () => {
  const at = movementSite();

  it(
    'keeps giving out the events that wait in it, and loses none that was accepted before or meanwhile',
    () =>
      tellingSeed(async () => {
        const { site, buffer } = at;
        const crew = await at.startCrew(FLUSHERS, 0);
        await buffer.redis.set('ballast', Buffer.alloc(BALLAST_BYTES));
        const client = at.client(1);
        const storedMs = await runRounds(roundsOf(ROUNDS) * LEVELS.length, 1, async (_, round) => {
          const flusher = crew.at(0);
          flusher.signal('SIGSTOP');
          await client.sendMany(EVENTS_BEFORE);
          expect([...client.statuses]).toEqual([202]);
          await fillTo(LEVELS[round % LEVELS.length]!);
          flusher.signal('SIGCONT');
          const begun = performance.now();
          const meanwhile = at.client(2 + round);
          await meanwhile.sendMany(EVENTS_MEANWHILE);
          // Stored while Redis is as full as before.
          await buffer.untilEmpty(STORED_MS, () => site.words);
          const tookMs = Math.round(performance.now() - begun);
          expect([202, 429, 503]).toEqual(expect.arrayContaining([...meanwhile.statuses]));
          await meanwhile.expectStored(site);
          await buffer.redis.config('SET', 'maxmemory', 0);
          return tookMs;
        });
        tell('Redis full', { levels: LEVELS, storedMs });
        await client.expectStored(site);
        await expectNoDeadLetters(site);
        expect(crew.deaths).toBe(0);
        expect(site.server.hasEnded).toBe(false);
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  /** Full means that nothing more goes in, however little it is. */
  async function fillTo(percent: number): Promise<void> {
    const { redis } = at.buffer;
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
    const limit = percent === 100 ? used - BALLAST_BYTES / 4 : Math.round((used / percent) * 100);
    await redis.config('SET', 'maxmemory', limit);
  }
});
