import { killedRounds, killedRoundsLimitMs } from './support/kills.js';
import { tellingSeed } from './support/schedule.js';

describe('a server that is killed in the middle of a load', () => {
  it(
    'shows nothing of the file or all of it, and all of it, nothing twice, when it is started again',
    () =>
      tellingSeed(async () => {
        const found = await killedRounds({ name: 'server', redisUrl: () => null });
        // Kills that came after the end of every load would try nothing.
        expect(found).toContain('running');
      }),
    killedRoundsLimitMs(),
  );
});
