import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Upload } from '@aws-sdk/lib-storage';
import type { Clock } from '../clock.js';
import {
  type ByteRange,
  FileMissing,
  type FileState,
  FileStorage,
  type Pieces,
  type StoredFile,
} from './file-storage.js';
import type { S3Location } from './s3-location.js';
import { removeStale, writeTemporary } from './temporary-file.js';

const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
const TRIES = 5;
const CONNECT_MS = 3_000;
const SILENCE_MS = 30_000;
/** Those of reports: their id, and what kind of file it is. */
const OUR_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z.]+$/;
/** An upload that began so long ago is nobody's any more. */
const STALE_UPLOAD_MS = 86_400_000;

/**
 * Finished files in a bucket of S3, or of anything that speaks its protocol. A file is written to the local folder
 * first: only then its hash is known, which the object carries from its first moment on.
 */
export class S3Storage extends FileStorage implements OnApplicationShutdown {
  private readonly client: S3Client;

  /** @param folder for temporary files */
  constructor(
    private readonly location: S3Location,
    private readonly folder: string,
    private readonly clock: Clock,
  ) {
    super();
    this.client = clientOf(location);
  }

  async publish(name: string, token: string, pieces: Pieces, expectedSha256?: string): Promise<StoredFile> {
    const written = await writeTemporary(this.folder, { name, token, expectedSha256 }, pieces);
    const file: StoredFile = { name, bytes: written.bytes, sha256: written.sha256 };
    try {
      // Large content goes up in parts, which become an object only when all are there, and are removed otherwise.
      await new Upload({
        client: this.client,
        params: {
          ...this.address(name),
          Body: createReadStream(written.path),
          Metadata: { sha256: file.sha256 },
        },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
        leavePartsOnError: false,
      }).done();
    } finally {
      await rm(written.path, { force: true });
    }
    const state = await this.look(name);
    if (state?.bytes !== file.bytes || state.sha256 !== file.sha256) {
      throw new Error(
        `${this.pathOf(name)} is not what was sent: ${file.bytes} bytes, SHA-256 ${file.sha256}.`,
      );
    }
    return file;
  }

  async look(name: string): Promise<FileState | null> {
    try {
      const head = await this.client.send(new HeadObjectCommand(this.address(name)));
      // An object that somebody else has put there carries no hash of ours, and so is none of our files.
      return {
        bytes: head.ContentLength ?? 0,
        version: head.ETag ?? '',
        sha256: head.Metadata?.['sha256'] ?? '',
      };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable> {
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand({
          ...this.address(name),
          ...(range !== undefined && { Range: `bytes=${range.first}-${range.last}` }),
        }),
      );
      return Body as Readable;
    } catch (error) {
      throw isMissing(error) ? new FileMissing(name) : error;
    }
  }

  async remove(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.address(name)));
  }

  pathOf(name: string): string {
    return `s3://${this.location.bucket}/${this.keyOf(name)}`;
  }

  async check(): Promise<string> {
    const { bucket: Bucket } = this.location;
    try {
      await this.client.send(new HeadBucketCommand({ Bucket }));
    } catch (error) {
      throw this.unusable(error as Error);
    }
    return `The bucket ${Bucket} answers.`;
  }

  async prepare(): Promise<void> {
    await this.check();
    const name = `check-${randomUUID()}`;
    try {
      await this.publish(name, 'start', ['Can a file be put into the bucket, looked at and removed?\n']);
      await this.remove(name);
    } catch (error) {
      throw this.unusable(error as Error);
    }
  }

  onApplicationShutdown(): void {
    this.client.destroy();
  }

  async sweep(): Promise<void> {
    const nowMs = this.clock.nowUs() / 1000;
    await removeStale(this.folder, nowMs);
    const { bucket: Bucket } = this.location;
    for (const { Key, UploadId, Initiated } of await this.unfinishedUploads()) {
      if (Initiated === undefined || Initiated.getTime() > nowMs - STALE_UPLOAD_MS || !this.isOurs(Key))
        continue;
      try {
        await this.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      } catch (error) {
        // Another process sweeps too, and was first.
        if (!(error instanceof S3ServiceException && error.name === 'NoSuchUpload')) throw error;
      }
    }
  }

  /** At most a thousand; the others come round next time. Not every server can list them. */
  private async unfinishedUploads() {
    try {
      const listed = await this.client.send(
        new ListMultipartUploadsCommand({ Bucket: this.location.bucket, Prefix: this.keyOf('') }),
      );
      return listed.Uploads ?? [];
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NotImplemented') return [];
      throw error;
    }
  }

  /** Others may upload to the same bucket too, below the same prefix: what has none of our names is theirs. */
  private isOurs(key = ''): boolean {
    return key.startsWith(this.keyOf('')) && OUR_NAME.test(key.slice(this.keyOf('').length));
  }

  private unusable(error: Error): Error {
    const { bucket, endpoint, region } = this.location;
    return new Error(
      `Finished reports can't be kept in the bucket ${bucket} at ${endpoint ?? region}: ${error.name}, ${error.message}. ` +
        'Look at STORAGE_URL, whether the bucket exists, and whether the keys may put, get and delete objects in it.',
      { cause: error },
    );
  }

  private address(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.location.bucket, Key: this.keyOf(name) };
  }

  private keyOf(name: string): string {
    return this.location.prefix === '' ? name : `${this.location.prefix}/${name}`;
  }
}

function clientOf({ region, endpoint, forcePathStyle, credentials }: S3Location): S3Client {
  return new S3Client({
    region,
    forcePathStyle,
    ...(endpoint !== null && { endpoint }),
    ...(credentials !== null && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey,
        ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
      },
    }),
    maxAttempts: TRIES,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS },
    // Many servers that speak the protocol know nothing of checksums at the end of a request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** A request for the head of an object has no body that could say more than the status does. */
function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && (error.name === 'NotFound' || error.name === 'NoSuchKey');
}
