import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { EmbeddedDatabaseError } from './failure.js';

/** The system user the server runs as; undefined: the user who runs this program. */
export type ServerAccount = { uid: number; gid: number } | undefined;

const SYSTEM_USER = 'postgres';

/** The environment of every program of the server: nothing of ours, so that no stray PG* or LC_* variable decides. */
const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};

/**
 * Finds who may run the server. PostgreSQL refuses to run as root, so root lends it the user that owns the data, or
 * else the system user `postgres`, which is made when missing.
 * @param dataDirectory the server's data, which may not exist yet
 */
export function chooseAccount(dataDirectory: string): ServerAccount {
  if (process.getuid?.() !== 0) return undefined;
  const data = statSync(dataDirectory, { throwIfNoEntry: false });
  if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  const found = findSystemUser();
  if (found !== undefined) return found;
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', SYSTEM_USER],
    { encoding: 'utf8', env: SERVER_ENVIRONMENT },
  );
  const account = findSystemUser();
  if (account !== undefined) return account;
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and a system user "${SYSTEM_USER}" to run it could not be made ` +
      `(${(made.error?.message ?? made.stderr).trim()}). Start Storewatch as an ordinary user, make that user ` +
      `yourself, or set DATABASE_URL to a server of your own.`,
  );
}

function findSystemUser(): ServerAccount {
  const ask = (option: string) =>
    spawnSync('id', [option, SYSTEM_USER], { encoding: 'utf8', env: SERVER_ENVIRONMENT });
  const [uid, gid] = [ask('-u'), ask('-g')];
  return uid.status === 0 && gid.status === 0
    ? { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    : undefined;
}

/** What to give to spawn so that a program runs as the account, in a folder that every user can enter. */
export function runAs(account: ServerAccount): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  return { ...account, cwd: '/', env: { ...SERVER_ENVIRONMENT } };
}

/** True when the account can enter the folder. Tried, not computed: modes are not all that decides. */
export function canEnter(account: ServerAccount, directory: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], runAs(account)).status === 0;
}
