import { connect, createServer, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';

/** The Redis of the test run behind a door that can be shut: shut, it refuses and drops connections as a dead one does. */
export interface TestRedis {
  url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the door to an emptied database of the run's Redis. Each of Jest's workers has a database of its own. */
export async function startRedis(): Promise<TestRedis> {
  const real = new URL(process.env['STOREWATCH_TEST_REDIS_URL'] ?? failWithoutRedis());
  real.pathname = `/${process.env['JEST_WORKER_ID'] ?? '1'}`;
  const client = new Redis(real.href);
  await client.flushdb();
  client.disconnect();

  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const redis: TestRedis = {
    url: '',
    async start() {
      server = createServer((inner) => pass(inner, real, sockets));
      await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve));
      port = (server.address() as { port: number }).port;
    },
    async stop() {
      const closed = new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await closed;
      server = null;
    },
  };
  await redis.start();
  const door = new URL(real.href);
  door.hostname = '127.0.0.1';
  door.port = String(port);
  redis.url = door.href;
  return redis;
}

function pass(inner: Socket, real: URL, sockets: Set<Socket>): void {
  const outer = connect(Number(real.port || 6379), real.hostname);
  for (const socket of [inner, outer]) {
    sockets.add(socket);
    const closeBoth = (): void => {
      sockets.delete(socket);
      inner.destroy();
      outer.destroy();
    };
    // Half-closed is closed: a Redis that waits for a job on the other half would keep the client waiting.
    socket.once('end', closeBoth);
    socket.once('close', closeBoth);
    // Both ends close anyway, and what was lost by it is what the tests look at.
    socket.on('error', () => socket.destroy());
  }
  inner.pipe(outer);
  outer.pipe(inner);
}

function failWithoutRedis(): never {
  throw new Error(
    'STOREWATCH_TEST_REDIS_URL is not set: run the tests through Jest, with redis-server installed.',
  );
}
