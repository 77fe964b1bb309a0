import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LoggerService } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import supertest from 'supertest';
import { createApi } from '../../src/api.js';
import { StderrLogger } from '../../src/commands/logging.js';
import { type Environment, readEnvironment } from '../../src/platform/environment.js';
import { createTestDatabase } from './database.js';

/** The real application on a database and in folders of its own. */
export interface TestApi {
  app: NestExpressApplication;
  environment: Environment;
  databaseUrl: string;
  /** Sends requests to its port, as a client would. */
  http: ReturnType<typeof supertest.agent>;
  /** Puts files into the data folder. */
  putData(files: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export async function startTestApi(overrides: Partial<Environment> = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'storewatch-test-'));
  const environment: Environment = {
    ...readEnvironment({}),
    port: 0,
    dataDir: path.join(folder, 'data'),
    reportsDir: path.join(folder, 'reports'),
    uploadsDir: path.join(folder, 'uploads'),
    userIdSecretFile: path.join(folder, 'user-id.key'),
    ...overrides,
  };
  await rm(environment.dataDir, { recursive: true, force: true });
  const app = await createApi(environment, database.url, testLogger());
  await app.listen(0, '127.0.0.1');
  return {
    app,
    environment,
    databaseUrl: database.url,
    http: supertest.agent((await app.getUrl()).replace('[::1]', '127.0.0.1')),
    putData: (files) => putFiles(environment.dataDir, files),
    async close() {
      await app.close();
      await rm(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}

/** Silent, since much of what is tried goes wrong on purpose; `TEST_LOG=1 npm test` tells what the product says to it. */
export function testLogger(): LoggerService | false {
  return process.env['TEST_LOG'] === undefined ? false : new StderrLogger();
}

async function putFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
}

/** Two stores whose figures can be worked out by hand: as of 18:00Z on Wednesday 2023-01-18. */
export const TWO_STORES = {
  'store_status.csv': [
    'store_id,status,timestamp_utc',
    '8419537941919820732,active,2023-01-18 15:00:00.5 UTC',
    '8419537941919820732,inactive,2023-01-18 17:00:00 UTC',
    '0012,active,2023-01-18 18:00:00 UTC',
    '',
  ].join('\n'),
  'menu_hours.csv': [
    'store_id,day,start_time_local,end_time_local',
    ...[0, 1, 2, 3, 4, 5, 6].map((day) => `8419537941919820732,${day},09:00:00,17:00:00`),
    '',
  ].join('\n'),
  'timezone.csv': 'store_id,timezone_str\n8419537941919820732,America/New_York\n0012,Asia/Kolkata\n',
};

/**
 * The report of `TWO_STORES`. The first opens at 14:00Z, is up until 17:00Z, down to 18:00Z, and unobserved on the
 * six business days before. The second never closes; its local date began at 18:30Z the day before, its one poll is
 * at 18:00Z, and the date before that, in the window from 18:00Z to 18:30Z, is unobserved.
 */
export const TWO_STORES_REPORT = [
  'store_id,uptime_last_hour,uptime_last_day,uptime_last_week,downtime_last_hour,downtime_last_day,downtime_last_week',
  '0012,60.00,23.50,23.50,0.00,0.50,144.50',
  '8419537941919820732,0.00,3.00,3.00,60.00,5.00,53.00',
  '',
].join('\n');
