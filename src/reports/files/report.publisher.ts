import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { copyOutPages } from '../../platform/database/copy-binary-reader.js';
import { FileStorage, type StoredFile } from '../../platform/storage/file-storage.js';
import type { ReportFormat } from './report-file.entity.js';
import type { ReportMetadata } from '../making/report-metadata.js';
import { REPORT_CSV_COLUMNS, REPORT_CSV_HEADER, reportCsvLine } from '../making/report-row.js';

/** Makes the files of a computed report, and with them the report complete. Safe to do again: same rows, same bytes. */
@Injectable()
export class ReportPublisher {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: FileStorage,
    private readonly claims: Claims,
  ) {}

  async writeCsv(claim: Claim): Promise<StoredFile> {
    return withConnection(this.dataSource, (client) =>
      this.storage.publish(`${claim.id}.csv`, claim.token, this.csvOf(client, claim.id)),
    );
  }

  async writeMetadata(claim: Claim, metadata: ReportMetadata): Promise<StoredFile> {
    return this.storage.publish(`${claim.id}.json`, claim.token, [`${JSON.stringify(metadata, null, 2)}\n`]);
  }

  /** In one transaction: the files are known, and the report is complete. @throws ClaimLost */
  async complete(
    claim: Claim,
    files: Readonly<Record<ReportFormat, StoredFile>>,
    metadata: ReportMetadata,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (client) => {
      await this.claims.held(client, claim);
      for (const [format, file] of Object.entries(files)) {
        await client.query(
          `INSERT INTO report_files (report_id, format, path, bytes, sha256) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (report_id, format) DO UPDATE SET path = $3, bytes = $4, sha256 = $5`,
          [claim.id, format, file.name, file.bytes, file.sha256],
        );
      }
      await client.query(
        `UPDATE reports
            SET status = 'completed', completed_at = clock_timestamp(), done = total, stores = total, metadata = $2,
                error = NULL, claim_token = NULL, lease_until = NULL
          WHERE report_id = $1`,
        [claim.id, JSON.stringify(metadata)],
      );
    });
  }

  /** The CSV's pieces, rows in the byte order of `store_id`. */
  private async *csvOf(client: pg.PoolClient, reportId: string): AsyncGenerator<string> {
    yield REPORT_CSV_HEADER;
    const query = `SELECT ${REPORT_CSV_COLUMNS} FROM report_rows WHERE report_id = '${reportId}' ORDER BY store_id`;
    for await (const rows of copyOutPages(client, query)) {
      let lines = '';
      while (rows.next()) lines += reportCsvLine(rows);
      yield lines;
    }
  }
}
