import { Problem, type ProblemEntry, type ProblemStatus } from '../../platform/problem.js';

/** Why one file of an upload is not taken. The others are still looked at, so that all is told at once. */
export class UploadedFileRefused extends Error {
  constructor(
    readonly status: ProblemStatus,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'UploadedFileRefused';
  }
}

/** A problem of one part of an upload. */
export interface PartProblem extends ProblemEntry {
  status: ProblemStatus;
}

/** One answer for everything that is wrong with an upload. */
export function problemOfParts(parts: readonly PartProblem[]): Problem {
  const [first] = parts;
  const same = parts.every((part) => part.status === first!.status);
  const sameCode = parts.every((part) => part.code === first!.code);
  const errors = parts.map(({ pointer, code, detail }) => ({ pointer, code, detail }));
  const told = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' ');
  return new Problem(
    same ? first!.status : 422,
    sameCode ? first!.code : 'upload_refused',
    `${told} Nothing of the upload was kept.`,
    errors,
  );
}

/** What an error of the upload folder's file system means to the caller; null where it is something else. */
export function asStorageProblem(error: unknown): Problem | null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull();
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new Problem(
      503,
      'uploads_unwritable',
      `Uploads can't be kept: the folder that UPLOADS_DIR names can't be written to (${code}). Give this program the right to write there.`,
    );
  }
  return null;
}

/** @param free bytes that are left, where that is known. */
export function diskFull(free: number | null = null): Problem {
  const left = free === null ? '' : ` (${free.toLocaleString('en')} bytes are left)`;
  return new Problem(
    507,
    'disk_full',
    `There is no room for the upload on the disk of the upload folder${left}. Nothing of it was kept. Free some space there, or send less.`,
  );
}

/** The upload is larger than uploads may be. */
export function tooLarge(limitBytes: number): Problem {
  return new Problem(
    413,
    'upload_too_large',
    `An upload may bring ${limitBytes.toLocaleString('en')} bytes in all, unpacked, and this one brings more. Nothing of it was kept. Send the files one by one, or raise UPLOAD_LIMIT_MB.`,
  );
}
