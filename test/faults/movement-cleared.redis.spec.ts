import { expectNoDeadLetters, movementSite } from './support/movement-site.js';
import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { tell } from './support/told.js';

const ROUNDS = { short: 3, long: 60 };
const ROUND_LIMIT_MS = 30_000;
const FLUSHERS = 2;
const DELAY_MS = 8;
const EVENTS_A_ROUND = 1_300;
const TAKEN_MS = 10_000;
const DRAINED_MS = 60_000;

describe('clearing the buffer of movement events while a batch of them is being stored', () => {
  const at = movementSite();

  it(
    'says exactly how many it has removed: every other accepted event is stored, once',
    () =>
      tellingSeed(async () => {
        const { site, buffer } = at;
        const crew = await at.startCrew(FLUSHERS, DELAY_MS);
        const client = at.client(1);
        const removed = await runRounds(roundsOf(ROUNDS), 1, async (draws, round) => {
          await crew.untilAlive(1);
          const earlier = await buffer.taken();
          const sent = client.sendMany(EVENTS_A_ROUND);
          expect(await buffer.untilTaken(TAKEN_MS, earlier)).toBe(true);
          const cleared = await clearedRound(draws);
          // What a dead worker had taken is nobody's to remove, or it is counted.
          if (round % 3 === 2) await crew.at(crew.alive()[0]!).kill('SIGKILL');
          await sent;
          return cleared;
        });
        await Promise.all(crew.alive().map((place) => crew.at(place).kill('SIGKILL')));
        await buffer.endLeases();
        await buffer.untilEmpty(DRAINED_MS, () => site.words);
        const total = removed.reduce((sum, events) => sum + events, 0);
        tell('Buffer cleared', { events: client.accepted, removed: total });
        expect([...client.statuses]).toEqual([202]);
        expect(total).toBeGreaterThan(0);
        expect(total).toBeLessThan(client.accepted);
        await client.expectStored(site, total);
        await expectNoDeadLetters(site);
        await expectNothingLeft(site, 'none');
      }),
    60_000 + roundsOf(ROUNDS) * ROUND_LIMIT_MS,
  );

  /** @returns how many events were removed, by one request or by two at once. */
  async function clearedRound(draws: Draws): Promise<number> {
    const thenMs = draws.whole(0, 60);
    const requests = draws.whole(1, 3);
    await pause(thenMs);
    const removed = await Promise.all(Array.from({ length: requests }, clear));
    return removed.reduce((sum, events) => sum + events, 0);
  }

  async function clear(): Promise<number> {
    const answer = await fetch(`${at.site.server.origin}/api/logs/clear-queue/`, { method: 'POST' });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { cleared: number }).cleared;
  }
});
