import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Claim, ClaimLost, NotYet } from '../../platform/database/claim.js';
import { Duplicates } from './duplicates.js';
import type { FileKind } from '../file-kind.js';
import { FileLoader, type FileToLoad } from '../loads/file.loader.js';
import type { ImportFile } from './import-file.entity.js';
import { ImportProgress } from './import-progress.js';
import type { Import } from './import.entity.js';
import { NotTogether } from '../loads/poll-packer.js';

/** An import that is being loaded. */
export interface LoadedImport {
  claim: Claim;
  row: Import;
  /** In the order of their positions. */
  files: readonly ImportFile[];
  /** What broke it off, so that none of its files is taken up any more; null: nothing. */
  error: unknown;
}

interface PendingFile {
  of: LoadedImport;
  file: ImportFile;
}

/** Polls come last: by then the hours and zones of their stores are known. */
const BEFORE_POLLS: readonly FileKind[] = ['hours', 'zones', 'exceptions'];
/** Files that are merged at once: as many bytes as hold about as many polls as fit into memory. */
const TOGETHER_BYTES = 120_000_000;
const TOGETHER_FILES = 64;

/** Loads the files of imports in their order: those that were loaded before are passed over, polls are merged together. */
@Injectable()
export class ImportLoader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly loader: FileLoader,
    private readonly duplicates: Duplicates,
  ) {}

  /** Everything of an import but its polls. */
  async loadFacts(of: LoadedImport): Promise<void> {
    for (const kind of BEFORE_POLLS) {
      for (const pending of pendingOf(of, [kind])) {
        if (!(await this.passOver(pending))) await this.loader.load(toLoad(pending));
      }
    }
  }

  /** Bytes of other imports' polls that can be merged together with an import's own. */
  roomBeside(of: LoadedImport): number {
    const own = pendingOf(of, ['polls']);
    return own.length === 0 ? 0 : TOGETHER_BYTES - own.reduce((sum, { file }) => sum + Number(file.bytes), 0);
  }

  /**
   * The polls of imports, in order. What breaks off one of them is noted there, and those behind it have to wait until
   * it has ended: of two loads that say different things the one accepted later holds.
   */
  async loadPolls(imports: readonly LoadedImport[]): Promise<void> {
    let rest = imports.flatMap((of) => pendingOf(of, ['polls']));
    while (rest.length > 0 && imports.every(({ error }) => error === null)) {
      const batch = await this.batchOf(rest);
      rest = rest.slice(batch.passed);
      if (batch.files.length > 1 && (await this.loadTogether(batch.files))) continue;
      for (const pending of batch.files) {
        if (!(await this.loadAlone(pending))) break;
      }
    }
    const broken = imports.findIndex(({ error }) => error !== null);
    if (broken >= 0) for (const behind of imports.slice(broken + 1)) behind.error ??= new NotYet();
  }

  /** The files at the beginning that can be merged at once, and how many files that takes or passes over. */
  private async batchOf(pending: readonly PendingFile[]): Promise<{ files: PendingFile[]; passed: number }> {
    const files: PendingFile[] = [];
    const contents = new Set<string>();
    let bytes = 0;
    let passed = 0;
    for (const one of pending) {
      const { sha256 } = one.file;
      bytes += Number(one.file.bytes);
      // The same content again is known as a duplicate only when the first has been loaded.
      const isSame = sha256 !== null && contents.has(sha256);
      const isFull = files.length === TOGETHER_FILES || bytes > TOGETHER_BYTES;
      if (files.length > 0 && (isSame || isFull)) break;
      passed++;
      if (await this.passOver(one)) continue;
      files.push(one);
      if (sha256 !== null) contents.add(sha256);
    }
    return { files, passed };
  }

  /** @returns false when they have to be loaded one by one. */
  private async loadTogether(files: readonly PendingFile[]): Promise<boolean> {
    try {
      await this.loader.loadTogether(files.map(toLoad));
      return true;
    } catch (error) {
      const lost = files.some(({ of }) => of.claim.signal.reason instanceof ClaimLost);
      if (error instanceof NotTogether || error instanceof ClaimLost || lost) return false;
      files[0]!.of.error = error;
      return true;
    }
  }

  /** @returns false when that broke off. */
  private async loadAlone({ of, file }: PendingFile): Promise<boolean> {
    try {
      await this.loader.load(toLoad({ of, file }));
      return true;
    } catch (error) {
      of.error = error;
      return false;
    }
  }

  /** Whether an upload's bytes were loaded before; its row says so then. */
  private async passOver({ of, file: { position, kind, sha256 } }: PendingFile): Promise<boolean> {
    if (of.row.source !== 'upload' || of.row.force || sha256 === null) return false;
    // All imports before this one have ended, so what they loaded is known by now.
    const original = await this.duplicates.originalOf(sha256, kind);
    if (original === null) return false;
    await new ImportProgress(this.dataSource, of.claim, position).duplicate(original);
    return true;
  }
}

/** An earlier attempt may have got somewhere; loading those files again would count every row as unchanged. */
function pendingOf(of: LoadedImport, kinds: readonly FileKind[]): PendingFile[] {
  return of.files
    .filter(
      ({ kind, status }) => kinds.includes(kind) && !['completed', 'rejected', 'duplicate'].includes(status),
    )
    .map((file) => ({ of, file }));
}

function toLoad({ of: { claim, row }, file }: PendingFile): FileToLoad {
  return {
    claim,
    position: file.position,
    kind: file.kind,
    name: file.name,
    path: path.join(row.directory, file.path ?? file.name),
    rejectLimitShare: row.rejectLimitShare,
    rejectLimitRows: row.rejectLimitRows,
  };
}
