import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Environment } from '../../platform/environment.js';
import { passOverRest, readForm } from '../../platform/http/multipart.js';
import { Problem } from '../../platform/problem.js';
import type { FileKind } from '../file-kind.js';
import { storePart, type StoredBytes, UploadBudget } from './upload-file.js';
import { type LoadOptions, UploadForm } from './upload-form.js';
import { UploadFolders } from './upload-folders.js';
import { kindOfFile } from './upload-kind.js';
import { shownName } from './upload-name.js';
import {
  asStorageProblem,
  diskFull,
  type PartProblem,
  problemOfParts,
  tooLarge,
  UploadedFileRefused,
} from './upload-problems.js';

/** A file that lies in the upload's folder. */
export interface UploadedFile extends StoredBytes {
  /** For people; the file lies under `path`, below the folder. */
  name: string;
  path: string;
  kind: FileKind;
}

/** All files of a request, on the disk and of a kind each. */
export interface Upload {
  /** Of the import that they become. */
  id: string;
  directory: string;
  files: UploadedFile[];
  options: LoadOptions;
}

/** A file as it came out of the form. */
interface ReceivedPart {
  name: string;
  /** The form gave it no name at all: a field for files that was left empty comes so. */
  unnamed: boolean;
  path: string;
  /** Named before it in the form. */
  kind: FileKind | null;
  stored: Promise<StoredBytes | UploadedFileRefused>;
}

/** Takes the files of a request to the disk as they arrive. All of them are kept, or none. */
@Injectable()
export class UploadReceiver implements BeforeApplicationShutdown {
  private readonly logger = new Logger(UploadReceiver.name);
  private readonly arriving = new Map<IncomingMessage, Promise<unknown>>();

  constructor(
    private readonly environment: Environment,
    private readonly folders: UploadFolders,
  ) {}

  /** An upload may go on for hours, for which the server would not close. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const request of this.arriving.keys()) request.destroy();
    await Promise.allSettled(this.arriving.values());
  }

  /** @throws Problem 400, 413, 415, 422, 507; nothing is left of the request then. */
  async receive(request: IncomingMessage): Promise<Upload> {
    const receiving = this.take(request);
    this.arriving.set(request, receiving);
    try {
      return await receiving;
    } finally {
      this.arriving.delete(request);
    }
  }

  private async take(request: IncomingMessage): Promise<Upload> {
    const id = uuidv7();
    try {
      await this.refuseHopeless(request);
      const directory = await this.folders.make(id);
      const form = new UploadForm();
      const parts = await this.readParts(request, directory, form);
      form.throwProblems();
      const files = await examine(parts, directory, form);
      await this.folders.flush(id);
      return { id, directory, files, options: form.options };
    } catch (error) {
      passOverRest(request);
      await this.folders.remove(id);
      const problem = error instanceof Problem ? error : asStorageProblem(error);
      if (problem?.code === 'upload_broken_off')
        this.logger.log('An upload broke off; nothing of it was kept.');
      throw problem ?? error;
    }
  }

  /** What a request announces may tell already that it can't be kept. */
  private async refuseHopeless({ headers }: IncomingMessage): Promise<void> {
    const announced = Number(headers['content-length'] ?? 0);
    if (announced > this.environment.uploadLimitBytes) throw tooLarge(this.environment.uploadLimitBytes);
    const free = await this.folders.freeBytes();
    if (announced > free) throw diskFull(free);
  }

  private async readParts(
    request: IncomingMessage,
    directory: string,
    form: UploadForm,
  ): Promise<ReceivedPart[]> {
    const budget = new UploadBudget(this.environment.uploadLimitBytes);
    const parts: ReceivedPart[] = [];
    await readForm(request, {
      field: (name, value, truncated) => form.field(name, value, truncated),
      file: (field, content, fileName) => {
        if (form.refuseFile(field)) return null;
        const file = `${parts.length}.csv`;
        const stored = storePart(content, path.join(directory, file), budget).catch(refusalOrThrow);
        parts.push({
          name: shownName(fileName),
          unnamed: !fileName,
          path: file,
          kind: form.kindSoFar,
          stored,
        });
        return stored;
      },
    });
    return parts;
  }
}

/** What is wrong with one file waits until the others are seen. */
function refusalOrThrow(error: unknown): UploadedFileRefused {
  if (error instanceof UploadedFileRefused) return error;
  throw error;
}

/** @throws Problem with all that is wrong with the files. */
async function examine(
  parts: readonly ReceivedPart[],
  directory: string,
  form: UploadForm,
): Promise<UploadedFile[]> {
  const files: UploadedFile[] = [];
  const problems: PartProblem[] = [];
  for (const part of parts) {
    try {
      const stored = await part.stored;
      if (stored instanceof UploadedFileRefused) throw stored;
      if (stored.bytes === 0 && part.unnamed) continue;
      const kind = await kindOfFile(path.join(directory, part.path), part.kind ?? form.kindOfOthers);
      files.push({ ...stored, name: part.name, path: part.path, kind });
    } catch (error) {
      const { status, code, message } = refusalOrThrow(error);
      problems.push({ status, code, pointer: part.name, detail: message });
    }
  }
  if (problems.length > 0) throw problemOfParts(problems);
  if (files.length === 0) throw noFile();
  return files;
}

function noFile(): Problem {
  return new Problem(
    400,
    'no_file',
    "There is nothing to load: the form has no file. Send at least one CSV file, plain or packed by gzip, as a part with a file name, as curl does for -F 'file=@store_status.csv'.",
  );
}
