import type { Clock } from '../clock.js';
import type { Environment } from '../environment.js';
import { DiskStorage } from './disk-storage.js';
import type { FileStorage } from './file-storage.js';

/** The storage that is configured. Amazon's SDK is loaded only where it is used: it takes its time. */
export async function storageOf({ s3, reportsDir }: Environment, clock: Clock): Promise<FileStorage> {
  if (s3 === null) return new DiskStorage(reportsDir, clock);
  const { S3Storage } = await import('./s3-storage.js');
  return new S3Storage(s3, reportsDir, clock);
}
