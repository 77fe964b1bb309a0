import { FileLoad, type LoadCounts } from '../../src/ingestion/loads/file-load.js';
import type { FileKind } from '../../src/ingestion/file-kind.js';
import { headerOf } from '../../src/ingestion/rows/header.js';
import { HoursRowParser } from '../../src/ingestion/rows/hours-row.js';
import { PollRowParser } from '../../src/ingestion/rows/poll-row.js';
import type { RowParser } from '../../src/ingestion/rows/row.js';
import { ZoneRowParser } from '../../src/ingestion/rows/zone-row.js';
import { CsvReader } from '../../src/platform/csv/csv-reader.js';

/** What reading a file comes to. */
export interface Outcome {
  read: number;
  good: number;
  rejects: { line: number; code: string; column: string | null }[];
  /** Why it is refused whole, as a word. */
  refusal: string | null;
}

const NOW_US = Date.parse('2026-01-01T00:00:00Z') * 1000;

/** Takes rows and writes them nowhere. */
class ReadOnlyLoad extends FileLoad {
  good = 0;

  constructor(private readonly fileKind: FileKind) {
    super(fileKind);
  }

  protected override parserFor(header: readonly string[]): RowParser {
    const columns = this.columns(header);
    if (this.fileKind === 'polls') return new PollRowParser(columns, this.stores, NOW_US);
    return this.fileKind === 'hours'
      ? new HoursRowParser(columns, this.stores)
      : new ZoneRowParser(columns, this.stores);
  }

  protected override keep(): void {
    this.good++;
  }

  override merge(): Promise<readonly LoadCounts[]> {
    return Promise.reject(new Error('Nothing is written here.'));
  }
}

/**
 * Reads a file as a load does, up to where it would be merged.
 *
 * @param pieceBytes how finely it is cut; a long file is cut less finely, or reading it takes seconds.
 */
export async function readThrough(kind: FileKind, bytes: Buffer, pieceBytes: number): Promise<Outcome> {
  const blockBytes = Math.max(pieceBytes, Math.ceil(bytes.length / 200));
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
  }
  const load = new ReadOnlyLoad(kind);
  const outcome: Outcome = { read: -1, good: 0, rejects: [], refusal: null };
  const sink = {
    isFull: false,
    add: (line: number, _raw: string, { code, column }: { code: string; column: string | null }): void => {
      outcome.rejects.push({ line, code, column });
    },
  };
  let isFirst = true;
  for await (const block of new CsvReader(pieces(), { blockBytes }).blocks()) {
    if (isFirst) load.start(headerOf(block));
    load.take(block, isFirst ? 1 : 0, sink);
    isFirst = false;
    for (const { line, code } of block.bad) outcome.rejects.push({ line, code, column: null });
    outcome.read += block.rows.length + block.bad.length;
  }
  outcome.good = load.good;
  outcome.rejects.sort((a, b) => a.line - b.line);
  return outcome;
}
