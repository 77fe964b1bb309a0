import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { UploadedFileRefused, tooLarge } from './upload-problems.js';
import { binaryKind, SIGNATURE_BYTES } from './upload-signature.js';
import { unpacked } from './upload-unpack.js';

/** Bytes as they lie on the disk, unpacked. */
export interface StoredBytes {
  bytes: number;
  sha256: string;
}

/** The bytes that the files of one upload may still bring. */
export class UploadBudget {
  private used = 0;

  constructor(private readonly limitBytes: number) {}

  /** Is asked before the bytes are written. @throws Problem 413 */
  take(bytes: number): void {
    this.used += bytes;
    if (this.used > this.limitBytes) throw tooLarge(this.limitBytes);
  }
}

/**
 * Writes one part of a form to the disk as it arrives, unpacked, and flushed. Whatever goes wrong, the rest of the part
 * is passed over, so that the parts behind it are reached.
 *
 * @throws UploadedFileRefused for what is wrong with this file alone. @throws Problem for what ends the upload.
 */
export async function storePart(part: Readable, target: string, budget: UploadBudget): Promise<StoredBytes> {
  // Between them, so that leaving the loop below destroys this stream and not the part, which the form waits for.
  const bytes = new PassThrough();
  bytes.on('error', () => undefined);
  part.on('error', (error) => bytes.destroy(error));
  part.pipe(bytes);
  try {
    return await write(unpacked(bytes), target, budget);
  } finally {
    part.unpipe(bytes);
    bytes.destroy();
    part.resume();
  }
}

async function write(
  content: AsyncIterable<Buffer>,
  target: string,
  budget: UploadBudget,
): Promise<StoredBytes> {
  const hash = createHash('sha256');
  let bytes = 0;
  let head = Buffer.alloc(0);
  const file = await open(target, 'wx', 0o600);
  try {
    for await (const chunk of content) {
      if (head.length < SIGNATURE_BYTES) {
        head = Buffer.concat([head, chunk.subarray(0, SIGNATURE_BYTES - head.length)]);
        refuseBinary(head);
      }
      budget.take(chunk.length);
      hash.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

function refuseBinary(head: Buffer): void {
  const what = binaryKind(head);
  if (what === null) return;
  throw new UploadedFileRefused(
    415,
    'not_csv',
    `The file is no CSV text: by its first bytes it is ${what}. Save or export it as CSV, plain or packed by gzip.`,
  );
}
