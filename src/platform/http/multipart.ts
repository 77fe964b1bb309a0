import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
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
  const digest = request.headers['idempotency-key'] === undefined ? null : new FormDigest();
  const files: Promise<unknown>[] = [];
  const onSilence = (): void => void request.destroy();
  request.setTimeout(SILENCE_MS).on('timeout', onSilence);
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
        digest?.field(name, value);
        taker.field(name, value, nameTruncated || valueTruncated);
      });
      parser.on('file', (name: string | undefined, content, { filename }) => {
        // Those who read it learn of its error; it may come before they do.
        content.on('error', () => undefined);
        const given = digest?.file(content) ?? content;
        const taken = taker.file(name, given, filename as string | undefined);
        if (taken === null) return void given.resume();
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
    if (digest !== null) digests.set(request, digest.hex());
  } finally {
    request.off('timeout', onSilence).setTimeout(0);
    request.unpipe(parser);
    parser.destroy();
    await Promise.allSettled(files);
  }
}

/** Reads a form without taking anything. @returns its digest. @throws as `readForm` */
export async function passOverForm(request: IncomingMessage): Promise<string> {
  await readForm(request, {
    field: () => undefined,
    file: (_name, content) => finished(content.resume()),
  });
  return digestOfForm(request)!;
}

/**
 * SHA-256 over the fields and files of a form that was read to its end, whatever the boundary between them. Only of a
 * request with an `Idempotency-Key`, which alone is compared with another.
 */
export function digestOfForm(request: IncomingMessage): string | undefined {
  return digests.get(request);
}

const digests = new WeakMap<IncomingMessage, string>();

/** Gathers what tells one form from another, in the order of its parts. */
class FormDigest {
  private readonly parts: (() => string)[] = [];

  field(name: string | undefined, value: string): void {
    this.parts.push(() => JSON.stringify([name ?? null, value]));
  }

  /** @returns the same bytes, to be read in place of the others. */
  file(content: Readable): Readable {
    const hash = createHash('sha256');
    this.parts.push(() => hash.digest('hex'));
    const passed = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    passed.on('error', () => undefined);
    content.on('error', (error) => passed.destroy(error));
    content.on('close', () => {
      if (!content.readableEnded) passed.destroy(brokenOff());
    });
    return content.pipe(passed);
  }

  hex(): string {
    const hash = createHash('sha256');
    for (const part of this.parts) hash.update(`${part()}\n`);
    return hash.digest('hex');
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
