import { constants, setPriority } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { openDatabase } from '../platform/database/open-database.js';
import { loadEnvironment } from '../platform/environment.js';
import { refuseUnfitRedis } from '../platform/queue/redis-check.js';
import { type WorkerOptions, WorkerModule } from '../worker.module.js';
import { CommandFailure, EXIT } from './exit.js';
import { ServerLogger } from './logging.js';
import { untilStopped } from './until-stopped.js';

/** Takes work from the queues until the process is asked to end. */
export async function work(options: WorkerOptions): Promise<void> {
  const environment = loadEnvironment();
  if (environment.redisUrl === null) {
    throw new CommandFailure(
      'A worker takes its work from Redis, and none is named: set REDIS_URL, for the server too. Without Redis no worker is needed, since the server does the work itself.',
      EXIT.configuration,
    );
  }
  await refuseUnfitRedis(environment.redisUrl, environment.strictRedis);
  // Where they share a machine, somebody who waits for an answer comes before a report.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const logger = new ServerLogger();
  const stopped = untilStopped();
  const database = await openDatabase(environment, (line) => logger.log(line));
  try {
    const app = await NestFactory.createApplicationContext(
      WorkerModule.forRoot({ environment, databaseUrl: database.url }, options),
      { logger, abortOnError: false },
    );
    try {
      logger.log(`Ready: ${options.queues.join(', ')}, ${options.concurrency} at once. Ctrl-C ends it.`);
      await stopped;
      logger.log('Ending: work that is not finished is handed back.');
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}
