import { stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Environment, PROJECT_ROOT } from '../../platform/environment.js';
import { waitFor } from '../../platform/wait.js';
import { FILE_KINDS, FILE_NAMES, type FileKind } from '../file-kind.js';
import { Duplicates, type LoadedCounts } from './duplicates.js';
import { ImportAcceptance } from './import-acceptance.js';
import type { ImportSource } from './import.entity.js';
import type { ImportFileView, ImportListView, ImportView } from './import.view.js';
import { ImportsReader } from './imports.reader.js';
import { NothingToImport } from './nothing-to-import.js';
import type { RejectListView } from '../rejects/reject.view.js';
import { RejectsReader } from '../rejects/rejects.reader.js';
import { type LoadOptions, PLAIN_LOAD } from '../uploads/upload-form.js';
import { UploadFolders } from '../uploads/upload-folders.js';
import { UploadReceiver } from '../uploads/upload.receiver.js';

/** A file of input that lies in a folder. */
export interface FoundFile {
  name: string;
  kind: FileKind;
  bytes: number;
}

/** What a folder has to offer. */
export interface InputFolder {
  directory: string;
  files: FoundFile[];
}

/** How long an upload waits for others that are still arriving. */
const COMPANY_MS = 1_000;

/** Takes requests for loads, and answers what became of them. */
@Injectable()
export class ImportsService {
  private readonly logger = new Logger(ImportsService.name);
  private uploading = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly acceptance: ImportAcceptance,
    private readonly receiver: UploadReceiver,
    private readonly folders: UploadFolders,
    private readonly duplicates: Duplicates,
    private readonly reader: ImportsReader,
    private readonly rejectsReader: RejectsReader,
  ) {}

  /** Asks for the files of the data folder, or of the sample, to be loaded. @throws NothingToImport */
  request(source: ImportSource, options: LoadOptions = PLAIN_LOAD): Promise<ImportView> {
    return this.requestDirectory(directoryOf(source, this.environment), source, options);
  }

  /**
   * Asks for those of the three files to be loaded that lie in a folder: keeps the request, hands it to whoever loads.
   *
   * @throws NothingToImport when there is none of them.
   */
  async requestDirectory(
    directory: string = this.environment.dataDir,
    source: ImportSource = 'directory',
    options: LoadOptions = PLAIN_LOAD,
  ): Promise<ImportView> {
    const files = await findFiles(directory);
    if (files.length === 0) throw new NothingToImport(directory);
    const id = uuidv7();
    await this.acceptance.accept({ id, source, directory, files, options });
    await this.acceptance.handOver(id);
    return this.find(id);
  }

  /**
   * Takes the files of a form to the disk, and asks for them to be loaded. Files all of which were loaded before make
   * an import that has ended.
   *
   * @throws Problem 400, 413, 415, 422, 507 when they can't be taken; nothing is kept then.
   */
  async upload(request: IncomingMessage): Promise<ImportView> {
    this.uploading++;
    try {
      const upload = await this.receiver.receive(request);
      // Where the database does not answer, nobody knows whether the import is accepted: its files stay, and are
      // removed later if it is not.
      const pending = await this.acceptance.accept({ ...upload, source: 'upload' });
      if (pending) void this.handOverWithOthers(upload.id);
      else await this.folders.remove(upload.id);
      return await this.find(upload.id);
    } finally {
      this.uploading--;
    }
  }

  /** Uploads that arrive together can be merged together, so the first of them waits a little for the others. */
  private async handOverWithOthers(id: string): Promise<void> {
    try {
      await waitFor(async () => (this.uploading === 0 ? true : null), COMPANY_MS);
      await this.acceptance.handOver(id);
    } catch (error) {
      this.logger.warn(`Import ${id} is handed over by the next sweep: ${String(error)}`);
    }
  }

  /** Rows of a file that were read and set aside; of one that was not loaded again, when it was loaded. */
  async countsOf({ duplicate_of, sha256, kind, read, rejected }: ImportFileView): Promise<LoadedCounts> {
    const original =
      duplicate_of === null || sha256 === null
        ? null
        : await this.duplicates.countsOfOriginal(duplicate_of, sha256, kind);
    return original ?? { read, rejected };
  }

  /** What lies in the data folder and could be loaded. */
  async folder(): Promise<InputFolder> {
    const directory = this.environment.dataDir;
    return { directory, files: await findFiles(directory) };
  }

  /** Nothing was ever asked to be loaded, and there never was a store: not even one that was cleared. */
  async isFirst(): Promise<boolean> {
    const [row] = await this.dataSource.query(
      `SELECT NOT EXISTS (SELECT FROM imports) AND NOT EXISTS (SELECT FROM stores)
              AND NOT EXISTS (SELECT FROM cleared_data) AND NOT is_called AND last_value = 1 AS first
         FROM stores_store_key_seq`,
    );
    return (row as { first: boolean }).first;
  }

  /** @throws Problem 404 when there is no such import. */
  find(id: string): Promise<ImportView> {
    return this.reader.find(id);
  }

  /** As `find`, but only when the import has ended, or when `seconds` are over. */
  findEnded(id: string, seconds: number): Promise<ImportView> {
    return this.reader.findEnded(id, seconds);
  }

  /** Newest first. */
  list(limit: number, cursor: string | undefined): Promise<ImportListView> {
    return this.reader.list(limit, cursor);
  }

  /** Rows that were set aside, file by file, line by line. */
  rejects(id: string, limit: number, cursor: string | undefined): Promise<RejectListView> {
    return this.rejectsReader.list(id, { limit, cursor });
  }
}

function directoryOf(source: ImportSource, environment: Environment): string {
  return source === 'sample' ? path.join(PROJECT_ROOT, 'data', 'sample') : environment.dataDir;
}

async function findFiles(directory: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  for (const kind of FILE_KINDS) {
    const name = FILE_NAMES[kind];
    const bytes = await sizeOf(path.join(directory, name));
    if (bytes !== null) files.push({ name, kind, bytes });
  }
  return files;
}

/** Null when there is no such thing; what is there and cannot be read is told when it is loaded. */
async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
