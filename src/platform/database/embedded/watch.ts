import { existsSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedDatabaseError } from './failure.js';
import { withLock } from './lock.js';
import { isPortFree } from './ports.js';
import { isServerRunning, type ServerPlan, startServer } from './server.js';

/** Elsewhere than on Linux a look runs another program, and so is not taken every second. */
const LOOK_MS = process.platform === 'linux' ? 1000 : 5000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Looks after a server: when it ended though this process still uses it, it is started again on the same port, for
 * the addresses that its users hold name that port. Of several users that notice, the one that gets the lock does it.
 * What keeps it from coming back is said once, and tried again until it works.
 * @param lock the folder of the lock under which servers are started and stopped
 * @returns ends the watch; once that is done the server is not started again
 */
export function watchServer(
  plan: ServerPlan,
  port: number,
  lock: string,
  log: (line: string) => void,
): () => Promise<void> {
  let ended = false;
  let failures = 0;
  let said: string | undefined;
  let looking = Promise.resolve();
  let timer: NodeJS.Timeout;

  const revive = async (): Promise<boolean> => {
    if (ended || isServerRunning(plan.data)) return false;
    await startAgain(plan, port);
    return true;
  };
  const look = async (): Promise<void> => {
    try {
      if (!isServerRunning(plan.data)) {
        checkData(plan.data);
        if (await withLock(lock, revive)) log('PostgreSQL ended unexpectedly; it was started again.');
      }
      failures = 0;
      said = undefined;
    } catch (error) {
      failures += 1;
      const { message } = error as Error;
      // What follows the first line is quoted from a log, and differs every time.
      const headline = message.split('\n', 1)[0];
      if (headline !== said) log(message);
      said = headline;
    }
    if (!ended) schedule();
  };
  const schedule = (): void => {
    const pauseMs = Math.min(LOOK_MS * (1 + failures), LONGEST_PAUSE_MS);
    timer = setTimeout(() => {
      looking = look();
    }, pauseMs).unref();
  };

  schedule();
  return async () => {
    ended = true;
    clearTimeout(timer);
    await looking;
  };
}

/** Taking the lock would make a folder anew that somebody has removed. */
function checkData(data: string): void {
  if (existsSync(path.join(data, 'PG_VERSION'))) return;
  throw new EmbeddedDatabaseError(
    `PostgreSQL ended, and its files in ${data} are gone: put them back, or stop Storewatch and start it again with ` +
      `an empty database.`,
  );
}

async function startAgain(plan: ServerPlan, port: number): Promise<void> {
  if (!(await isPortFree(port))) {
    throw new EmbeddedDatabaseError(
      `PostgreSQL ended unexpectedly, and another program has taken its port, ${port} of 127.0.0.1: PostgreSQL is ` +
        `started again as soon as that port is free. End that program, or stop Storewatch and start it again.`,
    );
  }
  await startServer(plan, port);
}
