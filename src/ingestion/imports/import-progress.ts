import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';
import type { LoadCounts } from '../loads/file-load.js';
import type { FileRefused } from '../rows/problems.js';

/** How far the reading of a file has come. Rows are those behind the header. */
export interface ReadSoFar {
  bytesRead: number;
  read: number;
  rejected: number;
}

/** Progress is written at most this often. */
const PROGRESS_MS = 300;

/** Keeps the row of one file of an import up to date. A run that lost its claim writes nothing. */
export class ImportProgress {
  /** What was told last. */
  soFar: ReadSoFar = { bytesRead: 0, read: 0, rejected: 0 };

  private writtenAt = 0;
  private pending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly claim: Claim,
    private readonly position: number,
  ) {}

  /** Starts the file anew: whatever an earlier attempt left behind goes. */
  async begin(): Promise<void> {
    await this.write(
      `status = 'running', bytes_read = 0, read = 0, inserted = 0, replaced = 0, unchanged = 0, superseded = 0,
       rejected = 0, range_start_us = NULL, range_end_us = NULL, error_code = NULL, error = NULL, header = NULL,
       delimiter = NULL, started_at = clock_timestamp(), merging_at = NULL, completed_at = NULL`,
      [],
    );
  }

  /** The first line of the file, and what parts its cells: rejects are written in the same form. */
  async header(text: string | null, delimiter: string): Promise<void> {
    await this.write('header = $4, delimiter = $5', [text, delimiter]);
  }

  /** All is read; the merge begins, or waits for its turn. */
  async merging(): Promise<void> {
    const { bytesRead, read, rejected } = this.soFar;
    await this.write('merging_at = clock_timestamp(), bytes_read = $4, read = $5, rejected = $6', [
      bytesRead,
      read,
      rejected,
    ]);
  }

  /** The same bytes were loaded by an import before: they are not loaded again. */
  async duplicate(original: string): Promise<void> {
    await this.write(`status = 'duplicate', duplicate_of = $4, completed_at = clock_timestamp()`, [original]);
  }

  /** Tells without holding up the work. */
  tell(soFar: ReadSoFar): void {
    this.soFar = soFar;
    if (performance.now() - this.writtenAt < PROGRESS_MS) return;
    this.writtenAt = performance.now();
    // Progress that cannot be written is no reason to stop: the transaction at the end tells whether all is well.
    this.pending = this.write('bytes_read = $4, read = $5, rejected = $6', [
      soFar.bytesRead,
      soFar.read,
      soFar.rejected,
    ]).catch(() => undefined);
  }

  async settled(): Promise<void> {
    await this.pending;
  }

  /** The file is loaded: part of the transaction that makes its rows visible. */
  async complete(client: pg.PoolClient, counts: LoadCounts, sha256: string): Promise<void> {
    await client.query(
      `UPDATE import_files
          SET status = 'completed', bytes = $3, bytes_read = $3, read = $4, rejected = $5, inserted = $6,
              replaced = $7, unchanged = $8, superseded = $9, range_start_us = $10, range_end_us = $11, sha256 = $12,
              completed_at = clock_timestamp()
        WHERE import_id = $1 AND position = $2`,
      [
        this.claim.id,
        this.position,
        this.soFar.bytesRead,
        this.soFar.read,
        this.soFar.rejected,
        counts.inserted,
        counts.replaced,
        counts.unchanged,
        counts.superseded,
        counts.range?.[0] ?? null,
        counts.range?.[1] ?? null,
        sha256,
      ],
    );
  }

  /** The file is refused whole. What was read and rejected stays told. */
  async refuse({ code, message }: FileRefused): Promise<void> {
    const { bytesRead, read, rejected } = this.soFar;
    await this.write(
      `status = 'rejected', error_code = $4, error = $5, bytes_read = $6, read = $7, rejected = $8,
       completed_at = clock_timestamp()`,
      [code, message, bytesRead, read, rejected],
    );
  }

  private async write(assignments: string, values: readonly unknown[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE import_files SET ${assignments}
        WHERE import_id = $1 AND position = $2
          AND EXISTS (SELECT FROM imports AS i WHERE i.import_id = $1 AND i.claim_token = $3 AND i.status = 'running')`,
      [this.claim.id, this.position, this.claim.token, ...values],
    );
  }
}
