import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const SECRET_BYTES = 32;
/** Less could be guessed. */
const FEWEST_CHARACTERS = 32;
const MOST_CHARACTERS = 4_096;
const OTHERS = 0o077;

/** A secret, and whether others than its owner may read or change the file. */
export interface Secret {
  readonly text: string;
  readonly open: boolean;
}

/** The file is there and can't be used, or can't be made. */
export class SecretFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretFileError';
  }
}

/**
 * The secret in a file, which is made when it is missing. Of processes that make it at once all come to have the same.
 *
 * @throws SecretFileError that says what to do.
 */
export function readOrMakeSecret(file: string): Secret {
  return readSecret(file) ?? makeSecret(file);
}

/** @returns null when there is no such file. */
export function readSecret(file: string): Secret | null {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(file, 'utf8').trim();
    ({ mode } = statSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SecretFileError(
      `The secret for people's ids in ${file} can't be read (${(error as Error).message}). Let this user read it, or name another file with USER_ID_SECRET_FILE.`,
    );
  }
  if (text.length < FEWEST_CHARACTERS || text.length > MOST_CHARACTERS)
    throw new SecretFileError(
      `${file} holds ${text.length} characters, and a secret for people's ids has ${FEWEST_CHARACTERS} to ${MOST_CHARACTERS}. ` +
        'Bring back the one that was there, since under another the same people get other hashes; or, if there was none, remove the file, and a new one is made.',
    );
  return { text, open: process.platform !== 'win32' && (mode & OTHERS) !== 0 };
}

/** Written whole under another name first, and given its name only where that is free: nobody ever reads a part of it. */
function makeSecret(file: string): Secret {
  const draft = `${file}.${process.pid}-${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    try {
      writeDurably(draft, `${randomBytes(SECRET_BYTES).toString('hex')}\n`);
      linkSync(draft, file);
      syncFolder(path.dirname(file));
    } finally {
      removeIfThere(draft);
    }
  } catch (error) {
    // Another process was first: its secret is the one.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new SecretFileError(
        `A secret for people's ids can't be made in ${file} (${(error as Error).message}). ` +
          'Let this user write there, or name another file with USER_ID_SECRET_FILE.',
      );
  }
  const made = readSecret(file);
  if (made === null) throw new SecretFileError(`${file} was removed in the moment in which it was made.`);
  return made;
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Without it a power cut may take the name back, after hashes were stored that nobody could make again. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
