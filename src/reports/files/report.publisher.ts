import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Claim } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { FileStorage, type StoredFile } from '../../platform/storage/file-storage.js';
import type { ReportMetadata } from '../making/report-metadata.js';
import { FLAT_COLUMNS } from './report-columns.js';
import { reportCsv } from './report-csv.js';
import { reportJson } from './report-json.js';
import { fileNameOf, type ReportVariant } from './report-variant.js';
import { rowPages } from './row-pages.js';

/** Makes the files of a computed report, and with them the report complete. Safe to do again: same rows, same bytes. */
@Injectable()
export class ReportPublisher {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: FileStorage,
    private readonly claims: Claims,
  ) {}

  async writeCsv(claim: Claim): Promise<StoredFile> {
    return withConnection(this.dataSource, (client) => {
      const pages = rowPages(client, claim.id, FLAT_COLUMNS);
      const csv = reportCsv(pages, FLAT_COLUMNS, false, () => claim.signal.throwIfAborted());
      return this.storage.publish(fileNameOf(claim.id, 'csv'), claim.token, csv);
    });
  }

  async writeMetadata(claim: Claim, metadata: ReportMetadata): Promise<StoredFile> {
    return this.storage.publish(fileNameOf(claim.id, 'json'), claim.token, [reportJson(metadata, null)]);
  }

  /** In one transaction: the files are known, and the report is complete. @throws ClaimLost */
  async complete(
    claim: Claim,
    files: Readonly<Partial<Record<ReportVariant, StoredFile>>>,
    metadata: ReportMetadata,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (client) => {
      await this.claims.held(client, claim);
      for (const [variant, file] of Object.entries(files)) {
        await client.query(
          `INSERT INTO report_files (report_id, variant, path, bytes, sha256) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (report_id, variant) DO UPDATE SET path = $3, bytes = $4, sha256 = $5`,
          [claim.id, variant, file.name, file.bytes, file.sha256],
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
}
