import { expectNoDeadLetters, movementSite } from './support/movement-site.js';
import type { MovementBuffer } from './support/movement-buffer.js';
import type { MovementClient } from './support/movement-client.js';
import { expectNothingLeft } from './support/nothing-left.js';
import { pause } from './support/pause.js';
import { type Draws, roundsOf, runRounds, tellingSeed } from './support/schedule.js';
import { tell } from './support/told.js';
import type { WorkerCrew } from './support/worker-crew.js';

const KILLS = { short: 4, long: 200 };
const EVENTS_A_KILL = 625;
const ROUND_LIMIT_MS = 20_000;
const FLUSHERS = 2;
const DELAY_MS = 8;
const DRAINED_MS = 60_000;
const TAKEN_MS = 10_000;

describe('two workers that are killed again and again while they store movement events', () => {
  const at = movementSite();

  it(
    'have stored every accepted event once in the end, and nothing else',
    () =>
      tellingSeed(async () => {
        const { site, buffer } = at;
        const crew = await at.startCrew(FLUSHERS, DELAY_MS);
        const client = at.client(1);
        const caught = await runRounds(roundsOf(KILLS), 1, (draws) =>
          killedRound({ crew, client, buffer }, draws),
        );
        await Promise.all(crew.alive().map((place) => crew.at(place).kill('SIGKILL')));
        await buffer.endLeases();
        const begun = performance.now();
        await buffer.untilEmpty(DRAINED_MS, () => site.words);
        tell('Flushers killed', {
          kills: caught.length,
          withABatch: caught.filter(Boolean).length,
          events: client.accepted,
          drainedMs: Math.round(performance.now() - begun),
        });
        // A kill that comes when the batch is stored already tries nothing.
        expect(caught.filter(Boolean).length).toBeGreaterThanOrEqual(caught.length / 2);
        expect(crew.deaths).toBeGreaterThanOrEqual(caught.length);
        // The server was left alone, so it has answered every request.
        expect([...client.statuses]).toEqual([202]);
        await client.expectStored(site);

        // Sent again, what is known changes nothing.
        await client.sendKeptAgain(20);
        await buffer.untilEmpty(DRAINED_MS, () => site.words);
        await client.expectStored(site);
        await expectNoDeadLetters(site);
        await expectNothingLeft(site, 'none');
      }),
    90_000 + roundsOf(KILLS) * ROUND_LIMIT_MS,
  );
});

interface Scene {
  crew: WorkerCrew;
  client: MovementClient;
  buffer: MovementBuffer;
}

/** Events come in, and as soon as a batch is taken, or somewhat later, one worker or both die. @returns whether with a batch. */
async function killedRound({ crew, client, buffer }: Scene, draws: Draws): Promise<boolean> {
  const thenMs = draws.whole(0, 60);
  const killsBoth = draws.share() < 0.15;
  const first = draws.whole(0, FLUSHERS);
  await crew.untilAlive(1);
  const before = await buffer.taken();
  const sent = client.sendMany(EVENTS_A_KILL);
  expect(await buffer.untilTaken(TAKEN_MS, before)).toBe(true);
  await pause(thenMs);
  const alive = crew.alive();
  const victims = killsBoth ? alive : [alive[first % alive.length]!];
  await Promise.all(victims.map((place) => crew.at(place).kill('SIGKILL')));
  const left = await buffer.hasTakenSince(before);
  await sent;
  return left;
}
