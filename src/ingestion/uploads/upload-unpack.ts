import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Problem } from '../../platform/problem.js';
import { UploadedFileRefused } from './upload-problems.js';
import { isGzip } from './upload-signature.js';

/** More than text ever gives, and less than what is packed to do harm. */
const MAX_RATIO = 100;
/** So much may come out whatever went in: a small file of one line repeated is no bomb. */
const RATIO_FLOOR_BYTES = 1_000_000;

/**
 * The bytes as they are, or unpacked where they begin as gzip does; the name says nothing.
 *
 * @throws UploadedFileRefused 422 where the gzip is damaged or cut off. @throws Problem 413 where it is a bomb.
 */
export async function* unpacked(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = packed[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let next = await bytes.next();
  for (; !next.done; next = await bytes.next()) {
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    if (head.length >= 2) break;
  }
  const all = startingWith(head, bytes);
  if (isGzip(head)) yield* gunzipped(all);
  else yield* all;
}

async function* startingWith(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let bytesIn = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of packed) {
      bytesIn += chunk.length;
      yield chunk;
    }
  }
  const feeding = pipeline(Readable.from(counted(), { objectMode: false, highWaterMark: 1 }), gunzip);
  // What goes wrong comes out of the loop below too.
  feeding.catch(() => undefined);
  let bytesOut = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytesOut += chunk.length;
      if (bytesOut > RATIO_FLOOR_BYTES && bytesOut > bytesIn * MAX_RATIO) throw bomb();
      yield chunk;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw badGzip(error as Error);
    throw error;
  } finally {
    gunzip.destroy();
  }
}

function bomb(): Problem {
  return new Problem(
    413,
    'gzip_bomb',
    `A packed file gives more than ${MAX_RATIO} times its size. No file of polls or hours does, so it is not unpacked. Nothing of the upload was kept.`,
  );
}

function badGzip(error: Error): UploadedFileRefused {
  const why = error.message.includes('unexpected end') ? 'it is cut off' : error.message;
  return new UploadedFileRefused(
    422,
    'bad_gzip',
    `The file is packed by gzip and damaged: ${why}. Pack it again.`,
  );
}
