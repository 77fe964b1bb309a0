import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Environment, PROJECT_ROOT } from '../platform/environment.js';
import { WorkQueue } from '../platform/queue/work-queue.js';
import { FILE_KINDS, FILE_NAMES, type FileKind } from './file-kind.js';
import { ImportFile } from './import-file.entity.js';
import { Import, type ImportSource } from './import.entity.js';
import type { ImportListView, ImportView, RejectListView } from './import.view.js';
import { ImportsReader } from './imports.reader.js';
import { NothingToImport } from './nothing-to-import.js';

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

/** Takes requests for loads, and answers what became of them. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly queue: WorkQueue,
    private readonly reader: ImportsReader,
  ) {}

  /** Asks for the files of the data folder, or of the sample, to be loaded. @throws NothingToImport */
  request(source: ImportSource): Promise<ImportView> {
    return this.requestDirectory(directoryOf(source, this.environment), source);
  }

  /**
   * Asks for those of the three files to be loaded that lie in a folder: keeps the request, hands it to whoever loads.
   *
   * @throws NothingToImport when there is none of them.
   */
  async requestDirectory(
    directory: string = this.environment.dataDir,
    source: ImportSource = 'directory',
  ): Promise<ImportView> {
    const files = await findFiles(directory);
    if (files.length === 0) throw new NothingToImport(directory);
    const id = uuidv7();
    await this.dataSource.transaction(async (manager) => {
      await manager.insert(Import, { id, source, directory });
      await manager.insert(
        ImportFile,
        files.map(({ name, kind, bytes }, position) => ({
          importId: id,
          position,
          name,
          kind,
          bytes: String(bytes),
        })),
      );
    });
    await this.queue.enqueue('ingestion', id);
    return this.find(id);
  }

  /** What lies in the data folder and could be loaded. */
  async folder(): Promise<InputFolder> {
    const directory = this.environment.dataDir;
    return { directory, files: await findFiles(directory) };
  }

  /** Nothing was ever asked to be loaded, and there are no stores. */
  async isFirst(): Promise<boolean> {
    const [row] = await this.dataSource.query(
      'SELECT NOT EXISTS (SELECT FROM imports) AND NOT EXISTS (SELECT FROM stores) AS first',
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
    return this.reader.rejects(id, limit, cursor);
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
