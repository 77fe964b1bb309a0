import { expectNoDeadLetters, movementSite } from './support/movement-site.js';
import { roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { tell } from './support/told.js';

const ROUNDS = { short: 1, long: 10 };
const ROUND_LIMIT_MS = 120_000;
/** Shares of its memory that Redis uses, in percent, and where events go then. */
const LEVELS = [
  { percent: 69, way: 'redis' },
  { percent: 71, way: 'database' },
  { percent: 100, way: 'database' },
] as const;
const FLUSHERS = 1;
const EVENTS_BEFORE = 700;
const EVENTS_MEANWHILE = 400;
/** So large that what waits does not count beside it. */
const BALLAST_BYTES = 32_000_000;
/** Two flushes, one after another, with time to spare. */
const STORED_MS = 15_000;
/** The server asks Redis how full it is every other second while anybody wants to know. */
const ASKED_MS = 10_000;

/** Of the answer about health. */
interface MovementsHealth {
  status: string;
  detail: string;
  way: string;
}

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
          const { percent, way } = LEVELS[round % LEVELS.length]!;
          const flusher = crew.at(0);
          await expectWay('redis');
          flusher.signal('SIGSTOP');
          await client.sendMany(EVENTS_BEFORE);
          expect([...client.statuses]).toEqual([202]);
          expect([...client.ways]).toEqual(['buffered']);
          await fillTo(percent);
          await expectWay(way);
          flusher.signal('SIGCONT');
          const begun = performance.now();
          const meanwhile = at.client(2 + round);
          await meanwhile.sendMany(EVENTS_MEANWHILE);
          expect([...meanwhile.ways]).toEqual([way === 'redis' ? 'buffered' : 'stored']);
          // Stored while Redis is as full as before.
          await buffer.untilEmpty(STORED_MS, () => site.words);
          const tookMs = Math.round(performance.now() - begun);
          expect([...meanwhile.statuses]).toEqual([202]);
          await meanwhile.expectStored(site);
          await buffer.redis.config('SET', 'maxmemory', 0);
          return tookMs;
        });
        tell('Redis full', { levels: LEVELS.map(({ percent }) => percent), storedMs });
        await client.expectStored(site);
        await expectNoDeadLetters(site);
        expect(crew.deaths).toBe(0);
        expect(site.server.hasEnded).toBe(false);
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  /** Expects that the server, which has just asked Redis, says where events go, and warns where it is not the usual way. */
  async function expectWay(way: 'redis' | 'database'): Promise<void> {
    await at.buffer.untilAsked(ASKED_MS, health);
    expect(await health()).toMatchObject(
      way === 'redis'
        ? { status: 'ok', way }
        : { status: 'degraded', way, detail: expect.stringContaining('nearly full') },
    );
  }

  async function health(): Promise<MovementsHealth> {
    const answer = await fetch(`${at.site.server.origin}/api/v1/health`);
    return ((await answer.json()) as { components: { movements: MovementsHealth } }).components.movements;
  }

  /** Full means that nothing more goes in, however little it is. */
  async function fillTo(percent: number): Promise<void> {
    const { redis } = at.buffer;
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
    const limit = percent === 100 ? used - BALLAST_BYTES / 4 : Math.round((used / percent) * 100);
    await redis.config('SET', 'maxmemory', limit);
  }
});
