import path from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Claim, NotYet } from '../platform/database/claim.js';
import { Claims } from '../platform/database/claims.js';
import { inTransaction } from '../platform/database/connection.js';
import { type WorkHandler, WorkHandlers } from '../platform/queue/work-handlers.js';
import type { FileKind } from './file-kind.js';
import { FileLoader } from './file.loader.js';
import { ImportFile } from './import-file.entity.js';
import { Import } from './import.entity.js';

/** Polls come last: by then the hours and zones of their stores are known. */
const ORDER: readonly FileKind[] = ['hours', 'zones', 'polls'];

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
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  unfinished(): Promise<string[]> {
    return this.claims.unfinished('imports');
  }

  run(id: string): Promise<void> {
    return this.claims.work('imports', id, async (claim) => {
      // Of two loads that say different things the one accepted later holds, so they are merged in that order.
      if (await this.claims.waitsFor('imports', claim)) throw new NotYet();
      await this.loadAll(claim);
    });
  }

  private async loadAll(claim: Claim): Promise<void> {
    const { directory } = await this.dataSource.getRepository(Import).findOneByOrFail({ id: claim.id });
    const files = await this.dataSource.getRepository(ImportFile).findBy({ importId: claim.id });
    files.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    for (const { position, kind, name, status } of files) {
      // An earlier attempt has got this far; loading it again would count every row as unchanged.
      if (status === 'completed' || status === 'rejected') continue;
      await this.loader.load(claim, { position, kind, path: path.join(directory, name) });
    }
    await this.complete(claim);
    this.logger.log(`Import ${claim.id}: ${files.map(({ name }) => name).join(', ')} of ${directory}`);
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
                        count(*) FILTER (WHERE status = 'completed') AS others
                   FROM import_files WHERE import_id = $1) AS refused
          WHERE i.import_id = $1`,
        [claim.id],
      );
    });
  }
}
