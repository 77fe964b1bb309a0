import { Redis } from 'ioredis';

/** Jest's workers have the low numbers. */
const LAST = 15;

/** An emptied database of the test run's Redis for one lane, so that queues of lanes side by side do not mix. */
export async function emptyRedis(lane: number): Promise<string> {
  const url = new URL(process.env['STOREWATCH_TEST_REDIS_URL'] ?? failWithoutRedis());
  url.pathname = `/${LAST - lane}`;
  const client = new Redis(url.href);
  await client.flushdb();
  client.disconnect();
  return url.href;
}

function failWithoutRedis(): never {
  throw new Error(
    'STOREWATCH_TEST_REDIS_URL is not set: run the tests through Jest, with redis-server installed.',
  );
}
