import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { Problem } from '../problem.js';

/** Bounds of a form; the bytes of its files are the taker's to bound. */
const LIMITS = { files: 100, fields: 20, fieldNameSize: 100, fieldSize: 1_000, headerPairs: 50 } as const;
/** A client that sends nothing for so long has gone. */
const SILENCE_MS = 60_000;
/** How long what nobody wants any more is passed over, so that a client that still sends gets to read the answer. */
const LINGER_MS = 10_000;

/** Takes the parts of a form, in the order in which they stand in it. */
export interface FormTaker {
  /** @param truncated the value is longer than is read. */
  field(name: string | undefined, value: string, truncated: boolean): void;
  /** @returns when the file is taken; what it throws ends the reading. Null: it is passed over. */
  file(name: string | undefined, content: Readable, fileName: string | undefined): Promise<unknown> | null;
}

export function isForm({ headers }: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type']?.trim() ?? '');
}

/**
 * Reads a form (multipart/form-data) as it arrives: no faster than its files are taken.
 *
 * @throws Problem 400 `bad_multipart`, `too_many_parts`, `upload_broken_off` (the client went away), or what a taker
 *   threw. Nothing is being taken any more then, but the rest of the request may still be on its way.
 */
export async function readForm(request: IncomingMessage, taker: FormTaker): Promise<void> {
  const parser = parserOf(request);
  const files: Promise<unknown>[] = [];
  const onSilence = (): void => void request.destroy();
  request.setTimeout(SILENCE_MS).on('timeout', onSilence);
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('field', (name, value, { nameTruncated, valueTruncated }) =>
        taker.field(name, value, nameTruncated || valueTruncated),
      );
      parser.on('file', (name: string | undefined, content, { filename }) => {
        // Those who read it learn of its error; it may come before they do.
        content.on('error', () => undefined);
        const taken = taker.file(name, content, filename as string | undefined);
        if (taken === null) return void content.resume();
        files.push(taken);
        taken.catch(reject);
      });
      parser.on('filesLimit', () => reject(tooMany('files', LIMITS.files)));
      parser.on('fieldsLimit', () => reject(tooMany('fields', LIMITS.fields)));
      parser.on('error', (error) => reject(malformed(error)));
      parser.on('close', resolve);
      const onEnd = (): void => {
        if (!request.complete) reject(brokenOff());
      };
      request.on('error', onEnd).on('close', onEnd);
      if (request.destroyed) onEnd();
      request.pipe(parser);
    });
    await Promise.all(files);
  } finally {
    request.off('timeout', onSilence).setTimeout(0);
    request.unpipe(parser);
    parser.destroy();
    await Promise.allSettled(files);
  }
}

/** Lets the rest of a request that is refused go by, for a while: cut off at once, the client would not see the answer. */
export function passOverRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
}

function parserOf({ headers }: IncomingMessage): busboy.Busboy {
  try {
    return busboy({ headers, limits: LIMITS, defParamCharset: 'utf8' });
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(error: unknown): Problem {
  return new Problem(
    400,
    'bad_multipart',
    `The form can't be read: ${String((error as Error).message)}. Send multipart/form-data as a browser or curl -F does, with the boundary in the header Content-Type.`,
  );
}

function tooMany(what: string, most: number): Problem {
  return new Problem(
    400,
    'too_many_parts',
    `The form has more than ${most} ${what}, the most that are taken at once. Nothing of it was kept.`,
  );
}

function brokenOff(): Problem {
  return new Problem(
    400,
    'upload_broken_off',
    'The request broke off before its end. Nothing of it was kept.',
  );
}
