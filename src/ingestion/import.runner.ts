import path from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { type Claim, NotYet } from '../platform/database/claim.js';
import { Claims } from '../platform/database/claims.js';
import { inTransaction } from '../platform/database/connection.js';
import { type WorkHandler, WorkHandlers } from '../platform/queue/work-handlers.js';
import { Duplicates } from './duplicates.js';
import type { FileKind } from './file-kind.js';
import { FileLoader } from './file.loader.js';
import { ImportFile } from './import-file.entity.js';
import { ImportProgress } from './import-progress.js';
import { Import } from './import.entity.js';
import { UploadFolders } from './upload-folders.js';

/** Polls come last: by then the hours and zones of their stores are known. */
const ORDER: readonly FileKind[] = ['hours', 'zones', 'exceptions', 'polls'];

/**
 * Takes an import from its row to the tables, file by file. Killed anywhere it can start again: a file is loaded and
 * marked so in one transaction, and one that is not marked starts anew.
 */
@Injectable()
export class ImportRunner implements WorkHandler, OnModuleInit {
  readonly queue = 'ingestion';
  private readonly logger = new Logger(ImportRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly handlers: WorkHandlers,
    private readonly loader: FileLoader,
    private readonly duplicates: Duplicates,
    private readonly folders: UploadFolders,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** The one import whose turn it is, where nobody works on it: those behind it would only be put off again. */
  async unfinished(): Promise<string[]> {
    const [first] = await this.claims.unfinished('imports');
    return first === undefined || (await this.isBehindAnother(first)) ? [] : [first];
  }

  async run(id: string): Promise<void> {
    // Looked at before the claim, so that an import that waits is never seen as running.
    if (await this.isBehindAnother(id)) return;
    await this.claims.work('imports', id, async (claim) => {
      // Of two loads that say different things the one accepted later holds, so they are merged in that order.
      if (await this.claims.waitsFor('imports', claim)) throw new NotYet();
      await this.loadAll(claim);
    });
    await this.tidy(id);
  }

  private async loadAll(claim: Claim): Promise<void> {
    const row = await this.dataSource.getRepository(Import).findOneByOrFail({ id: claim.id });
    const files = await this.dataSource
      .getRepository(ImportFile)
      .find({ where: { importId: claim.id }, order: { position: 'ASC' } });
    files.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    for (const file of files) await this.loadOne(claim, row, file);
    await this.complete(claim);
    this.logger.log(`Import ${claim.id}: ${files.map(({ name }) => name).join(', ')} of ${row.directory}`);
  }

  private async loadOne(claim: Claim, row: Import, file: ImportFile): Promise<void> {
    // An earlier attempt has got this far; loading it again would count every row as unchanged.
    if (file.status === 'completed' || file.status === 'rejected') return;
    const { position, kind, sha256 } = file;
    if (row.source === 'upload' && !row.force && sha256 !== null) {
      // All imports before this one have ended, so what they loaded is known by now.
      const original = await this.duplicates.originalOf(sha256, kind);
      if (original !== null) return new ImportProgress(this.dataSource, claim, position).duplicate(original);
    }
    await this.loader.load(claim, {
      position,
      kind,
      path: path.join(row.directory, file.path ?? file.name),
      rejectLimitShare: row.rejectLimitShare,
      rejectLimitRows: row.rejectLimitRows,
    });
  }

  private async isBehindAnother(id: string): Promise<boolean> {
    const [row] = await this.dataSource.query(
      `SELECT EXISTS (SELECT FROM imports AS own JOIN imports AS before
                          ON (before.accepted_at, before.import_id) < (own.accepted_at, own.import_id)
                       WHERE own.import_id = $1 AND before.status IN ('pending', 'running')) AS waits`,
      [id],
    );
    return (row as { waits: boolean }).waits;
  }

  /** Removes uploaded files that are loaded, or refused: nobody reads them any more. */
  private async tidy(id: string): Promise<void> {
    const ended = await this.dataSource
      .getRepository(Import)
      .existsBy({ id, source: 'upload', status: In(['completed', 'rejected', 'cancelled']) });
    if (!ended) return;
    try {
      await this.folders.remove(id);
    } catch (error) {
      this.logger.warn(`The files of import ${id} are removed later: ${String(error)}`);
    }
  }

  /** The import has ended as its files have: it is rejected when one of them was. */
  private async complete(claim: Claim): Promise<void> {
    await inTransaction(this.dataSource, async (client) => {
      await this.claims.held(client, claim);
      await client.query(
        `UPDATE imports AS i
            SET status = CASE WHEN refused.names IS NULL THEN 'completed' ELSE 'rejected' END,
                error = refused.names || CASE WHEN refused.files = 1 THEN ' was' ELSE ' were' END || ' refused whole'
                        || CASE WHEN refused.others > 0 THEN '; what the other files hold is loaded.' ELSE '.' END,
                completed_at = clock_timestamp(), claim_token = NULL, lease_until = NULL
           FROM (SELECT string_agg(name, ', ' ORDER BY position) FILTER (WHERE status = 'rejected') AS names,
                        count(*) FILTER (WHERE status = 'rejected') AS files,
                        count(*) FILTER (WHERE status IN ('completed', 'duplicate')) AS others
                   FROM import_files WHERE import_id = $1) AS refused
          WHERE i.import_id = $1`,
        [claim.id],
      );
    });
  }
}
