import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { canEnter, chooseAccount, type ServerAccount } from './account.js';
import { EmbeddedDatabaseError } from './failure.js';

const ELSEWHERE = '/var/lib/storewatch';

/** Where the server's files lie and who runs it. */
export interface Home {
  directory: string;
  account: ServerAccount;
}

/** Left in the asked-for folder when the files lie elsewhere. */
interface Pointer {
  directory: string;
  /** The folder it was written in: in a copy of that folder it must not lead to the original's database. */
  writtenIn: string;
}

/**
 * Finds, or makes, the folder of the server's files: the one asked for, or, when root asks for a folder that the
 * server's user cannot enter (as under /root), one under /var/lib/storewatch, to which a pointer is left.
 * @throws EmbeddedDatabaseError when the folder cannot be made or written
 */
export function findHome(asked: string, log: (line: string) => void): Home {
  const directory = makeDirectory(asked);
  const pointerFile = path.join(directory, 'location.json');
  const pointer = readPointer(pointerFile, directory);
  const home = pointer?.directory ?? directory;
  const account = chooseAccount(path.join(home, 'data'));
  if (account === undefined) return { directory: checkWritable(directory), account };
  if (pointer === undefined && canEnter(account, directory)) return { directory, account };
  if (pointer === undefined && existsSync(path.join(directory, 'data', 'PG_VERSION'))) {
    throw new EmbeddedDatabaseError(
      `The database in ${directory} is there, but the system user that runs PostgreSQL (number ${account.uid}) can no ` +
        `longer enter that folder: give every folder above it the mode bits a+x again, or move the folder away.`,
    );
  }
  return { directory: useElsewhere(directory, pointer, pointerFile, log), account };
}

/**
 * Where a folder's pointer says that the files lie; undefined when it leads nowhere, or the folder is a copy.
 * @param directory the asked-for folder, without symbolic links
 */
export function findPointedHome(directory: string): string | undefined {
  let home: unknown;
  try {
    home = readPointer(path.join(directory, 'location.json'), directory)?.directory;
  } catch (error) {
    if (!(error instanceof EmbeddedDatabaseError)) throw error;
    // Half written: it can only have been about to name this one.
    home = elsewhereFor(directory);
  }
  return typeof home === 'string' && existsSync(home) ? realpathSync(home) : undefined;
}

/** True for a folder that `findHome` made in place of one that cannot be entered. */
export function isElsewhere(home: string): boolean {
  return path.dirname(home) === ELSEWHERE;
}

function useElsewhere(
  directory: string,
  pointer: Pointer | undefined,
  pointerFile: string,
  log: (line: string) => void,
): string {
  const home = makeDirectory(pointer?.directory ?? elsewhereFor(directory));
  writeFileSync(
    pointerFile,
    `${JSON.stringify({ directory: home, writtenIn: directory } satisfies Pointer)}\n`,
  );
  log(`The system user that runs PostgreSQL cannot enter ${directory}, so the database lies in ${home}.`);
  return home;
}

function elsewhereFor(directory: string): string {
  return path.join(ELSEWHERE, createHash('sha256').update(directory).digest('hex').slice(0, 16));
}

function readPointer(file: string, directory: string): Pointer | undefined {
  if (!existsSync(file)) return undefined;
  let pointer: Pointer | null;
  try {
    pointer = JSON.parse(readFileSync(file, 'utf8')) as Pointer | null;
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `${file}, which says where the database lies, cannot be read (${(error as Error).message}). ` +
        `Look for the database under ${ELSEWHERE}; to start with an empty one, remove that file.`,
    );
  }
  if (pointer === null) return undefined;
  const copied = pointer.writtenIn !== directory && existsSync(pointer.writtenIn);
  return copied ? undefined : pointer;
}

/** Makes a folder and the missing ones above it; root's umask must not shut out the server's user. */
function makeDirectory(asked: string): string {
  const wanted = path.resolve(asked);
  try {
    const first = mkdirSync(wanted, { recursive: true });
    if (first !== undefined && process.getuid?.() === 0) {
      for (let made = wanted; made.startsWith(first); made = path.dirname(made)) chmodSync(made, 0o755);
    }
    return realpathSync(wanted);
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The folder of the database, ${wanted}, cannot be made: ${(error as Error).message}. ` +
        `Make it writable for the user who starts Storewatch, name another one, or set DATABASE_URL.`,
    );
  }
}

function checkWritable(directory: string): string {
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return directory;
  } catch {
    throw new EmbeddedDatabaseError(
      `The folder of the database, ${directory}, may not be written by this user (number ${process.getuid?.()}): ` +
        `start Storewatch as the user who owns it, change its owner, or set DATABASE_URL.`,
    );
  }
}
