import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApi } from '../api.js';
import { openDatabase } from '../platform/database/open-database.js';
import { type Environment, loadEnvironment } from '../platform/environment.js';
import { refuseUnfitRedis } from '../platform/queue/redis-check.js';
import { CommandFailure } from './exit.js';
import { firstRun } from './first-run.js';
import { ServerLogger } from './logging.js';
import { untilStopped } from './until-stopped.js';

export interface ServeOptions {
  /** On an empty database: load the CSVs at hand and make a first report. */
  firstRun: boolean;
  /** Instead of the environment's. */
  port?: number;
}

/** Serves until the process is asked to end. */
export async function serve(options: ServeOptions): Promise<void> {
  const loaded = loadEnvironment();
  const environment = { ...loaded, port: options.port ?? loaded.port };
  await refuseUnfitRedis(environment.redisUrl, environment.strictRedis);
  const logger = new ServerLogger();
  const stopped = untilStopped();
  const database = await openDatabase(environment, (line) => logger.log(line));
  try {
    const app = await createApi(environment, database.url, logger);
    try {
      await listen(app, environment);
      logger.log(`Database: ${database.description}`);
      logger.log(
        `Storewatch is at ${await app.getUrl()} (the interface is described at /swagger). Ctrl-C ends it.`,
      );
      const work = options.firstRun ? firstRun(app, (line) => logger.log(line)) : Promise.resolve();
      // A first run that fails is told, and the server stays: its page shows what is wrong.
      let ending = false;
      work.catch((error: unknown) => {
        if (!ending) logger.error(`The first run broke off: ${String(error)}`);
      });
      await stopped;
      ending = true;
      logger.log('Ending: work that is not finished is handed back.');
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}

async function listen(app: NestExpressApplication, environment: Environment): Promise<void> {
  try {
    await app.listen(environment.port, environment.host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new CommandFailure(
      `Port ${environment.port} of ${environment.host} is taken, perhaps by another Storewatch. ` +
        `End that one, or choose another port: PORT=${environment.port + 1} npm start`,
    );
  }
}
