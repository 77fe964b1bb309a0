import { emptyRedis } from './support/redis-databases.js';
import { killedRounds, killedRoundsLimitMs } from './support/kills.js';
import { tellingSeed } from './support/schedule.js';

describe('a worker that is killed in the middle of a load', () => {
  it(
    'shows nothing of the file or all of it, and all of it, nothing twice, when a worker is there again',
    () =>
      tellingSeed(async () => {
        const urls = await Promise.all([0, 1, 2, 3].map(emptyRedis));
        const found = await killedRounds({ name: 'worker', redisUrl: (lane) => urls[lane]! });
        expect(found).toContain('running');
      }),
    killedRoundsLimitMs(),
  );
});
