import { stat } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import type { CsvBlock } from '../../platform/csv/csv-block.js';
import { CsvReader } from '../../platform/csv/csv-reader.js';
import type { Claim } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inClaimedTransaction } from '../../platform/database/claim-transaction.js';
import { withConnection } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { ExceptionsWriter } from '../../stores/calendar/exceptions.writer.js';
import { HoursWriter } from '../../stores/calendar/hours.writer.js';
import { PollWriter } from '../../stores/polls/poll.writer.js';
import { ZoneWriter } from '../../stores/calendar/zone.writer.js';
import { ExceptionsLoad } from './exceptions-load.js';
import type { FileLoad } from './file-load.js';
import type { FileKind } from '../file-kind.js';
import { HoursLoad } from './hours-load.js';
import { headerOf } from '../rows/header.js';
import { ImportProgress, type ReadSoFar } from '../imports/import-progress.js';
import { NotTogether } from './poll-packer.js';
import { PollsLoad } from './polls-load.js';
import { FileRefused } from '../rows/problems.js';
import { RejectWriter } from '../rejects/reject.writer.js';
import { ZonesLoad } from './zones-load.js';

/** One file of an import. */
export interface FileToLoad {
  /** Of its import. */
  claim: Claim;
  position: number;
  kind: FileKind;
  /** For people: where on the machine it lies is nobody's business. */
  name: string;
  path: string;
  /** Bounds above which it is refused whole; null: the configured ones. */
  rejectLimitShare: number | null;
  rejectLimitRows: number | null;
}

interface Member {
  file: FileToLoad;
  progress: ImportProgress;
}

/** Takes one file from its bytes to the tables: whole, or not at all. */
@Injectable()
export class FileLoader {
  /** Polls that are held in memory at a time; 2 million of them take about 50 MB. */
  pollCapacity = 1 << 21;

  private readonly logger = new Logger(FileLoader.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly clock: Clock,
    private readonly environment: Environment,
    private readonly polls: PollWriter,
    private readonly hours: HoursWriter,
    private readonly zones: ZoneWriter,
    private readonly exceptions: ExceptionsWriter,
  ) {}

  /**
   * Loads a file, and notes in its row what became of it. Nothing of the file is visible before its transaction
   * commits; the rows that were set aside are kept in any case.
   *
   * @throws whatever the database or the lost claim throws; a file that is refused is no error, but noted.
   */
  async load(file: FileToLoad): Promise<void> {
    const progress = new ImportProgress(this.dataSource, file.claim, file.position);
    try {
      await this.loadAll([{ file, progress }], this.loadFor(file.kind));
    } catch (error) {
      const refused = asRefusal(error, file);
      if (refused === null) throw error;
      await progress.refuse(refused);
    }
  }

  /**
   * Loads files of polls one after another into one merge, so that store-days which many of them touch are written
   * once. Each is counted for itself, and all become visible at once.
   *
   * @throws NotTogether when one of them has to be refused, when they hold too many polls, or when counting them for
   *   themselves is not possible: nothing is loaded then, and they can be loaded one by one.
   */
  async loadTogether(files: readonly FileToLoad[]): Promise<void> {
    const members = files.map((file) => ({
      file,
      progress: new ImportProgress(this.dataSource, file.claim, file.position),
    }));
    try {
      await this.loadAll(members, this.pollsLoad(files.length));
    } catch (error) {
      const refused = files.map((file) => asRefusal(error, file)).find((refusal) => refusal !== null);
      if (refused === undefined) throw error;
      throw new NotTogether(refused.message);
    }
  }

  private async loadAll(members: readonly Member[], load: FileLoad): Promise<void> {
    const signal = AbortSignal.any(members.map(({ file }) => file.claim.signal));
    try {
      const hashes: string[] = [];
      for (const { file, progress } of members) {
        await progress.begin();
        hashes.push(await this.readInto(load, file, progress, signal));
      }
      for (const { progress } of members) await progress.merging();
      await inClaimedTransaction(this.dataSource, signal, async (client) => {
        const counts = await load.merge(client);
        for (const [index, { file, progress }] of members.entries()) {
          // Last, so that a run that lost its lease while it waited for the merge's lock takes it all back.
          await this.claims.held(client, file.claim);
          await progress.complete(client, counts[index]!, hashes[index]!);
        }
      });
      await this.tidy(load);
    } finally {
      load.dispose();
    }
  }

  /** @returns the SHA-256 of the file. */
  private async readInto(
    load: FileLoad,
    file: FileToLoad,
    progress: ImportProgress,
    signal: AbortSignal,
  ): Promise<string> {
    await refusePipes(file);
    const reader = new CsvReader(file.path);
    const rejects = new RejectWriter(this.dataSource, this.claims, file.claim, file.position);
    await rejects.clear();
    await this.read(signal, reader, load, rejects, progress);
    this.refuseTooManyRejects(progress.soFar, file);
    return reader.sha256();
  }

  private loadFor(kind: FileKind): FileLoad {
    if (kind === 'polls') return this.pollsLoad(1);
    if (kind === 'exceptions') return new ExceptionsLoad(this.exceptions);
    return kind === 'hours' ? new HoursLoad(this.hours) : new ZonesLoad(this.zones);
  }

  private pollsLoad(files: number): PollsLoad {
    const { retentionDays } = this.environment;
    return new PollsLoad(this.polls, this.clock.nowUs(), this.pollCapacity, retentionDays, files);
  }

  private async read(
    signal: AbortSignal,
    reader: CsvReader,
    load: FileLoad,
    rejects: RejectWriter,
    progress: ImportProgress,
  ): Promise<void> {
    let started = false;
    try {
      for await (const block of reader.blocks()) {
        signal.throwIfAborted();
        if (!started) {
          load.start(headerOf(block));
          await progress.header(reader.header, reader.delimiter);
        }
        await this.take(block, started ? 0 : 1, load, rejects);
        progress.tell({
          bytesRead: block.bytesRead,
          read: progress.soFar.read + block.rows.length + block.bad.length - (started ? 0 : 1),
          rejected: rejects.count,
        });
        started = true;
      }
      await rejects.flush();
      if (rejects.refusal !== null) throw rejects.refusal;
    } finally {
      await progress.settled();
    }
    if (!started) throw new FileRefused('file_empty', 'The file is empty: not even a header stands in it.');
  }

  private async take(block: CsvBlock, from: number, load: FileLoad, rejects: RejectWriter): Promise<void> {
    for (let next = from; next < block.rows.length; ) {
      next = load.take(block, next, rejects);
      if (load.isFull) await load.makeRoom();
      if (rejects.isFull) await rejects.flush();
    }
    for (const { line, raw, code, detail } of block.bad) {
      rejects.add(line, raw, { column: null, code, detail, suggestion: null });
      if (rejects.isFull) await rejects.flush();
    }
  }

  private refuseTooManyRejects({ read, rejected }: ReadSoFar, file: FileToLoad): void {
    const rejectLimitRows = file.rejectLimitRows ?? this.environment.rejectLimitRows;
    const rejectLimitShare = file.rejectLimitShare ?? this.environment.rejectLimitShare;
    const all = read > 0 && rejected === read;
    if (!all && (rejected < rejectLimitRows || rejected <= read * rejectLimitShare)) return;
    throw new FileRefused(
      'too_many_rejects',
      `${all ? 'All' : `${rejected} of`} ${read} rows are bad${all ? '' : `, more than ${rejectLimitShare * 100} %`}, so nothing of the file was loaded. Its rejects tell what is wrong with which line.`,
    );
  }

  private async tidy(load: FileLoad): Promise<void> {
    try {
      await withConnection(this.dataSource, (client) => load.tidy(client));
    } catch (error) {
      this.logger.warn(`The statistics were not brought up to date: ${String(error)}`);
    }
  }
}

/** A pipe or a device under a file's name would be read for ever. */
async function refusePipes({ path, name }: FileToLoad): Promise<void> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return;
  throw new FileRefused('file_unreadable', `${name} is no file, but a pipe or a device.`);
}

/** Null for what is no fault of the file. */
function asRefusal(error: unknown, { name }: FileToLoad): FileRefused | null {
  if (error instanceof FileRefused) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (
    !['ENOENT', 'EACCES', 'EPERM', 'EISDIR'].includes(code ?? '') ||
    !['open', 'read', 'stat'].includes(syscall ?? '')
  )
    return null;
  const why = { ENOENT: 'is not there any more', EISDIR: 'is a folder' }[code ?? ''] ?? 'may not be read';
  return new FileRefused('file_unreadable', `The file ${name} ${why}.`);
}
