import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeaturesModule } from '../features.module.js';
import { openDatabase } from '../platform/database/open-database.js';
import type { Environment } from '../platform/environment.js';
import { CommandFailure, EXIT } from './exit.js';
import { StderrLogger } from './logging.js';
import { untilStopped } from './until-stopped.js';

export interface ApplicationOptions {
  /** For an embedded database of its own. */
  settings?: Record<string, string>;
  /** For a command that looks after what lies in Redis; work that it causes goes to the workers then. */
  withRedis?: boolean;
}

/**
 * Lends the features to one command, which does its work in its own process, queue or not. Asked to end, it closes
 * all of it, so that no database is left running behind a command that is gone.
 */
export async function withApplication<T>(
  environment: Environment,
  say: (line: string) => void,
  use: (app: INestApplicationContext) => Promise<T>,
  { settings, withRedis = false }: ApplicationOptions = {},
): Promise<T> {
  const stopped = untilStopped().then(() => {
    throw new CommandFailure('Stopped.', EXIT.interrupted);
  });
  // It may be asked to end while nobody waits for that yet; what is started below has to be ended either way.
  stopped.catch(() => undefined);
  const database = await openDatabase(environment, say, settings);
  try {
    const app = await NestFactory.createApplicationContext(
      FeaturesModule.forRoot({
        environment: withRedis ? environment : { ...environment, redisUrl: null },
        databaseUrl: database.url,
        role: 'producer',
      }),
      { logger: new StderrLogger(), abortOnError: false },
    );
    try {
      const work = use(app);
      // Stopped in the middle, it fails on what is closed under it, and nobody waits for it any more.
      work.catch(() => undefined);
      return await Promise.race([work, stopped]);
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}
