import type { DataSource } from 'typeorm';
import type { Claim } from '../platform/database/claim.js';
import type { Claims } from '../platform/database/claims.js';
import { inTransaction } from '../platform/database/connection.js';
import { copyIn } from '../platform/database/copy-binary-writer.js';
import type { RowProblem } from './problems.js';

/** Bytes of a row's text that are kept. */
const MAX_RAW_BYTES = 4096;
const MAX_HELD = 2000;
const COLUMNS = ['import_id', 'position', 'line', 'column_name', 'code', 'detail', 'raw', 'suggestion'];

interface Reject extends RowProblem {
  line: number;
  raw: string;
}

/**
 * Keeps the rows of one file that were set aside. They go to the database as they come, apart from the file's own
 * transaction: a table full of them needs no memory, and they stay when the file is refused whole.
 */
export class RejectWriter {
  /** Rejects so far. */
  count = 0;
  private held: Reject[] = [];

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
    this.held.push({ ...problem, line, raw: storable(raw) });
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
          await rows.drained();
        }
      });
    });
  }
}

/** As much of a row's text as is kept: 4 KB, never half a character, in memory of its own. */
function storable(raw: string): string {
  const bytes = Buffer.from(withoutNul(raw.slice(0, MAX_RAW_BYTES)));
  if (bytes.length <= MAX_RAW_BYTES) return bytes.toString();
  let end = MAX_RAW_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** PostgreSQL's text has no NUL; a visible sign stands for it. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\u2400');
}
