import type { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';
import type { Claims } from '../../platform/database/claims.js';
import { inTransaction } from '../../platform/database/connection.js';
import { copyIn } from '../../platform/database/copy-binary-writer.js';
import { FileRefused, type RowProblem } from '../rows/problems.js';

/** Bytes of a row's text that are kept. */
const MAX_RAW_BYTES = 4096;
const MAX_HELD = 2000;
const COLUMNS = [
  'import_id',
  'position',
  'line',
  'column_name',
  'code',
  'detail',
  'raw',
  'suggestion',
  'truncated',
];
/** Rows in a row whose quotes are broken: then they are broken throughout, and the rows between are luck. */
const MOST_BROKEN_QUOTES = 10;

interface Reject extends RowProblem {
  line: number;
  raw: string;
  isTruncated: boolean;
}

/**
 * Keeps the rows of one file that were set aside. They go to the database as they come, apart from the file's own
 * transaction: a table full of them needs no memory, and they stay when the file is refused whole.
 */
export class RejectWriter {
  /** Rejects so far. */
  count = 0;
  /** Why the file is to be refused whole although its rejects are few; null while nothing is. */
  refusal: FileRefused | null = null;
  private held: Reject[] = [];
  private lastBroken = 0;
  private brokenInARow = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly claim: Claim,
    private readonly position: number,
  ) {}

  /** There are enough for a batch: `flush()`. */
  get isFull(): boolean {
    return this.held.length >= MAX_HELD;
  }

  /** Forgets what an earlier attempt at the file has kept. */
  async clear(): Promise<void> {
    await inTransaction(this.dataSource, async (client) => {
      await this.claims.held(client, this.claim);
      await client.query('DELETE FROM import_rejects WHERE import_id = $1 AND position = $2', [
        this.claim.id,
        this.position,
      ]);
    });
  }

  add(line: number, raw: string, problem: RowProblem): void {
    this.count++;
    const kept = storable(raw);
    this.held.push({ ...problem, line, raw: kept.text, isTruncated: kept.isTruncated });
    if (problem.code === 'bad_quotes') this.countBrokenQuotes(line);
  }

  private countBrokenQuotes(line: number): void {
    this.brokenInARow = line === this.lastBroken + 1 ? this.brokenInARow + 1 : 1;
    this.lastBroken = line;
    if (this.brokenInARow <= MOST_BROKEN_QUOTES || this.refusal !== null) return;
    this.refusal = new FileRefused(
      'quotes_broken',
      `The quotes of more than ${MOST_BROKEN_QUOTES} rows in a row are broken, from line ${line - MOST_BROKEN_QUOTES} on, so nothing of the file was loaded. A quoted cell starts and ends with a quote, and a quote inside it is doubled.`,
    );
  }

  async flush(): Promise<void> {
    const rejects = this.held;
    if (rejects.length === 0) return;
    this.held = [];
    await inTransaction(this.dataSource, async (client) => {
      await this.claims.held(client, this.claim);
      await copyIn(client, 'import_rejects', COLUMNS, async (rows) => {
        for (const reject of rejects) {
          rows.row(COLUMNS.length);
          rows.uuid(this.claim.id);
          rows.int2(this.position);
          rows.int8(reject.line);
          if (reject.column === null) rows.null();
          else rows.text(reject.column);
          rows.text(reject.code);
          rows.text(withoutNul(reject.detail));
          rows.text(reject.raw);
          if (reject.suggestion === null) rows.null();
          else rows.text(withoutNul(reject.suggestion));
          rows.bool(reject.isTruncated);
          await rows.drained();
        }
      });
    });
  }
}

/** As much of a row's text as is kept: 4 KB, never half a character, in memory of its own. */
function storable(raw: string): { text: string; isTruncated: boolean } {
  const bytes = Buffer.from(withoutNul(raw.slice(0, MAX_RAW_BYTES)));
  if (bytes.length <= MAX_RAW_BYTES)
    return { text: bytes.toString(), isTruncated: raw.length > MAX_RAW_BYTES };
  let end = MAX_RAW_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: bytes.toString('utf8', 0, end), isTruncated: true };
}

/** PostgreSQL's text has no NUL; a visible sign stands for it. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\u2400');
}
