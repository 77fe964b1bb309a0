import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { waitFor } from '../../src/platform/wait.js';

const PATIENCE_MS = 15_000;

/** Several redis-servers of a test's own, on loopback. */
export class RedisProcesses {
  private readonly running = new Map<number, ChildProcess>();

  private constructor(private readonly folder: string) {}

  static async create(): Promise<RedisProcesses> {
    return new RedisProcesses(await mkdtemp(path.join(tmpdir(), 'storewatch-redis-')));
  }

  /** One server by itself. @returns its port. */
  async single(options: string[]): Promise<number> {
    const [port] = (await freePorts(1)) as [number];
    await this.start(port, options);
    return port;
  }

  /** Three masters and no replicas. @returns their ports. */
  async cluster(): Promise<number[]> {
    const ports = await freePorts(3);
    for (const port of ports) {
      const bus = String((await freePorts(1))[0]);
      await this.start(port, [
        '--cluster-enabled',
        'yes',
        '--cluster-port',
        bus,
        '--cluster-config-file',
        `nodes-${port}.conf`,
      ]);
    }
    const nodes = ports.map((port) => `127.0.0.1:${port}`);
    await promisify(execFile)('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes']);
    for (const port of ports)
      await this.until(port, 'cluster', /cluster_state:ok/, () => ['CLUSTER', 'INFO']);
    return ports;
  }

  /** A master, a replica and one Sentinel that watches them as `mymaster`. */
  async sentinel(): Promise<{ sentinel: number; master: number; replica: number }> {
    const [master, replica, sentinel] = (await freePorts(3)) as [number, number, number];
    await this.start(master, []);
    await this.start(replica, [
      '--replicaof',
      '127.0.0.1',
      String(master),
      '--repl-diskless-sync-delay',
      '0',
    ]);
    await this.until(master, 'replica', /slave0:.*state=online/, () => ['INFO', 'replication']);
    const file = path.join(this.folder, 'sentinel.conf');
    await writeFile(
      file,
      [
        `port ${sentinel}`,
        'bind 127.0.0.1',
        `dir ${this.folder}`,
        `sentinel monitor mymaster 127.0.0.1 ${master} 1`,
        'sentinel down-after-milliseconds mymaster 500',
        'sentinel failover-timeout mymaster 3000',
      ].join('\n'),
    );
    await this.start(sentinel, [], [file, '--sentinel']);
    await this.until(sentinel, 'replica', /slaves=1/, () => ['INFO', 'sentinel']);
    return { sentinel, master, replica };
  }

  /** As a power cut ends it. */
  async kill(port: number): Promise<void> {
    const server = this.running.get(port);
    if (server === undefined) return;
    this.running.delete(port);
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    await Promise.all([...this.running.keys()].map((port) => this.kill(port)));
    await rm(this.folder, { recursive: true, force: true });
  }

  private async start(port: number, options: string[], before: string[] = []): Promise<void> {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    const words = before.length > 0 ? before : [...own, '--maxmemory-policy', 'noeviction', ...options];
    this.running.set(port, spawn('redis-server', words, { stdio: 'ignore' }));
    await this.until(port, 'server', /PONG/, () => ['PING']);
  }

  private async until(port: number, what: string, wanted: RegExp, command: () => string[]): Promise<void> {
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
    // Refused connections are expected until it is up.
    client.on('error', () => undefined);
    const reached = await waitFor(async () => {
      const [name, ...words] = command();
      return wanted.test(String(await client.call(name!, ...words))) ? true : null;
    }, PATIENCE_MS);
    client.disconnect();
    if (reached === null) throw new Error(`The ${what} of the redis-server at port ${port} did not come up.`);
  }
}

/** Ports that are free now, all of them different: held together, then given back. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
