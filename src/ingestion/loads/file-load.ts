import type pg from 'pg';
import type { CsvBlock } from '../../platform/csv/csv-block.js';
import type { MergeCounts } from '../../stores/merge-counts.js';
import type { FileKind } from '../file-kind.js';
import { findColumns } from '../rows/header.js';
import { type RowProblem, withDamagedByte } from '../rows/problems.js';
import type { RowParser } from '../rows/row.js';
import { StoreIndex } from '../rows/store-index.js';

/** What became of the good rows of a file. */
export interface LoadCounts extends MergeCounts {
  /** A later line of the same file said something else, or the same again, about the same thing. */
  superseded: number;
  /** Instants of the oldest and newest poll, in microseconds since 1970; null where there are none. */
  range: readonly [number, number] | null;
}

/** Is told of each row that is set aside. */
export interface RejectSink {
  readonly isFull: boolean;
  add(line: number, raw: string, problem: RowProblem): void;
}

/**
 * A file on its way into the tables: its rows are gathered one by one, then merged in one transaction. Up to the
 * merge nothing is written, so whatever goes wrong before it leaves no trace. Several files of polls can go together.
 */
export abstract class FileLoad<P extends RowParser = RowParser> {
  protected readonly stores = new StoreIndex();
  private parser: P | null = null;

  constructor(private readonly kind: FileKind) {}

  /** Begins a file. @throws FileRefused when the columns are not those of the kind. */
  start(header: readonly string[]): void {
    this.parser = this.parserFor(header);
  }

  /**
   * Takes rows of a block from an index on.
   *
   * @returns the index of the first row that was not taken: there is no room for more here, or among the rejects.
   */
  take(block: CsvBlock, from: number, rejects: RejectSink): number {
    const { parser } = this;
    if (parser === null) throw new Error('Rows came before the header.');
    const { rows } = block;
    let index = from;
    for (; index < rows.length && !this.isFull; index++) {
      const problem = parser.parse(rows[index]!);
      if (problem === null) this.keep(parser);
      else {
        this.passOver(parser);
        rejects.add(
          block.lineOf(index),
          block.rawOf(index),
          problem.code === 'bad_encoding' ? withDamagedByte(problem, block.damagedByteOf(index)) : problem,
        );
        if (rejects.isFull) return index + 1;
      }
    }
    return index;
  }

  protected columns(header: readonly string[]): ReturnType<typeof findColumns> {
    return findColumns(this.kind, header);
  }

  protected abstract parserFor(header: readonly string[]): P;
  protected abstract keep(parser: P): void;

  /** A row was rejected; its store may be known. */
  protected passOver(_parser: P): void {}

  /** No more rows can be taken before `makeRoom()`. */
  get isFull(): boolean {
    return false;
  }

  async makeRoom(): Promise<void> {}

  /** Writes what was gathered, within the caller's transaction. @returns what became of each file's rows. */
  abstract merge(client: pg.PoolClient): Promise<readonly LoadCounts[]>;

  /** After the transaction: what helps those who read next. Nothing depends on it. */
  async tidy(_client: pg.PoolClient): Promise<void> {}

  dispose(): void {}
}
