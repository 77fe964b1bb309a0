import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeaturesModule } from '../features.module.js';
import { openDatabase } from '../platform/database/open-database.js';
import type { Environment } from '../platform/environment.js';
import { StderrLogger } from './logging.js';

/**
 * Lends the features to one command, which does its work in its own process, queue or not.
 *
 * @param settings for an embedded database of its own.
 */
export async function withApplication<T>(
  environment: Environment,
  say: (line: string) => void,
  use: (app: INestApplicationContext) => Promise<T>,
  settings?: Record<string, string>,
): Promise<T> {
  const database = await openDatabase(environment, say, settings);
  try {
    const app = await NestFactory.createApplicationContext(
      FeaturesModule.forRoot({
        environment: { ...environment, redisUrl: null },
        databaseUrl: database.url,
        role: 'producer',
      }),
      { logger: new StderrLogger(), abortOnError: false },
    );
    try {
      return await use(app);
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}
