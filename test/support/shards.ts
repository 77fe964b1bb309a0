import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { FeaturesModule } from '../../src/features.module.js';
import { Sweep } from '../../src/platform/queue/sweep.js';
import { waitFor } from '../../src/platform/wait.js';
import { ShardComputer } from '../../src/reports/making/shard.computer.js';
import { type TestApi, testLogger } from './application.js';

/** More than two shards of the least size. */
export const MANY_STORES = 2_500;
const PATIENCE_MS = 20_000;

/** Files of many stores that are alike but for their zone, and were polled on two days. */
export function manyStores(): Record<string, string> {
  const ids = Array.from({ length: MANY_STORES }, (_, n) => `store-${n}`);
  const zones = ['America/New_York', 'Asia/Kolkata', 'Europe/Berlin'];
  return {
    'store_status.csv': [
      'store_id,status,timestamp_utc',
      ...ids.flatMap((id, n) => [
        `${id},${n % 7 === 0 ? 'inactive' : 'active'},2023-01-17 10:${String(n % 60).padStart(2, '0')}:00 UTC`,
        `${id},${n % 3 === 0 ? 'inactive' : 'active'},2023-01-18 17:${String(n % 60).padStart(2, '0')}:00 UTC`,
      ]),
      '',
    ].join('\n'),
    'timezone.csv': ['store_id,timezone_str', ...ids.map((id, n) => `${id},${zones[n % 3]}`), ''].join('\n'),
  };
}

/**
 * A second process, as far as the database can tell: the features with a pool and claims of their own. It does only
 * what it is told to, since nothing calls its sweep.
 */
export function startHelper(api: TestApi): Promise<INestApplicationContext> {
  jest.spyOn(Sweep.prototype, 'onApplicationBootstrap').mockImplementationOnce(() => undefined);
  return NestFactory.createApplicationContext(
    FeaturesModule.forRoot({ environment: api.environment, databaseUrl: api.databaseUrl, role: 'producer' }),
    { logger: testLogger(), abortOnError: false },
  );
}

/** Holds up the computing of shards in one process. */
export interface ShardGate {
  /** Resolves when a shard has come to it. */
  reached: Promise<void>;
  /** Lets all of them go on, also those that come later. */
  open(): void;
  /** Shards that have come to it. */
  count(): number;
}

const gates = new Set<ShardGate>();

/** After a test that broke off: whoever still waits would hold up all that come after it. */
export function openGates(): void {
  for (const gate of gates) gate.open();
  gates.clear();
}

export function gateShards(context: INestApplicationContext): ShardGate {
  const computer = context.get(ShardComputer, { strict: false });
  const compute = computer.compute.bind(computer);
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let reach!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  let count = 0;
  jest.spyOn(computer, 'compute').mockImplementation(async (...call) => {
    count += 1;
    reach();
    await opened;
    return compute(...call);
  });
  const gate = { reached, open, count: () => count };
  gates.add(gate);
  return gate;
}

/** Looks into the database beside the application. */
export class Watcher {
  private readonly client: pg.Client;

  constructor(url: string) {
    this.client = new pg.Client({ connectionString: url });
  }

  start(): Promise<unknown> {
    return this.client.connect();
  }

  stop(): Promise<void> {
    return this.client.end();
  }

  async rows<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(sql, values)).rows;
  }

  async one<T extends object>(sql: string, values: unknown[] = []): Promise<T> {
    return (await this.rows<T>(sql, values))[0]!;
  }

  /** Waits until a query has a row. */
  async until<T extends object>(sql: string, values: unknown[] = []): Promise<T> {
    const row = await waitFor(async () => (await this.rows<T>(sql, values))[0] ?? null, PATIENCE_MS);
    if (row === null) throw new Error(`It did not come to it within ${PATIENCE_MS} ms: ${sql}`);
    return row;
  }

  /** Equal for equal rows, whatever report they belong to. */
  async digest(reportId: string): Promise<{ rows: number; digest: string }> {
    return this.one(
      `SELECT count(*)::int AS rows, md5(string_agg((to_jsonb(r) - 'report_id')::text, ',' ORDER BY store_key)) AS digest
         FROM report_rows AS r WHERE report_id = $1`,
      [reportId],
    );
  }
}
