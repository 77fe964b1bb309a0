import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { type Claim, NotYet } from '../../platform/database/claim.js';
import { Claims } from '../../platform/database/claims.js';
import { inTransaction } from '../../platform/database/connection.js';
import { type WorkHandler, WorkHandlers } from '../../platform/queue/work-handlers.js';
import { type Companion, ImportCompanions } from './import-companions.js';
import { ImportFile } from './import-file.entity.js';
import { Import } from './import.entity.js';
import { ImportLoader, type LoadedImport } from './import.loader.js';
import { UploadFolders } from '../uploads/upload-folders.js';

/**
 * Takes imports from their rows to the tables. Killed anywhere it can start again: a file is loaded and marked so in
 * one transaction, and one that is not marked starts anew.
 */
@Injectable()
export class ImportRunner implements WorkHandler, OnModuleInit {
  readonly queue = 'ingestion';
  private readonly logger = new Logger(ImportRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly handlers: WorkHandlers,
    private readonly loader: ImportLoader,
    private readonly companions: ImportCompanions,
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
    const loaded = [id];
    await this.claims.work('imports', id, async (claim) => {
      // Of two loads that say different things the one accepted later holds, so they are merged in that order.
      if (await this.claims.waitsFor('imports', claim)) throw new NotYet();
      const own = await this.importOf(claim);
      await this.loader.loadFacts(own);
      const companions = await this.companions.join(claim, this.loader.roomBeside(own));
      loaded.push(...companions.map((companion) => companion.claim.id));
      await this.loadPolls(own, companions);
    });
    for (const one of loaded) await this.tidy(one);
  }

  /** Loads the polls of an import and of its companions; those behind one that breaks off wait again. */
  private async loadPolls(own: LoadedImport, companions: readonly Companion[]): Promise<void> {
    const imports = [own];
    try {
      for (const { claim } of companions) imports.push(await this.importOf(claim));
      await this.loader.loadPolls(imports);
      for (const one of imports) one.error ??= await this.complete(one);
    } catch (error) {
      for (const one of imports) one.error ??= error;
      throw error;
    } finally {
      for (const [index, companion] of companions.entries())
        await companion.settle(imports[index + 1] === undefined ? own.error : imports[index + 1]!.error);
    }
    if (own.error !== null) throw own.error;
  }

  private async importOf(claim: Claim): Promise<LoadedImport> {
    const row = await this.dataSource.getRepository(Import).findOneByOrFail({ id: claim.id });
    const files = await this.dataSource
      .getRepository(ImportFile)
      .find({ where: { importId: claim.id }, order: { position: 'ASC' } });
    return { claim, row, files, error: null };
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

  /**
   * The import has ended as its files have: it is rejected when one of them was.
   *
   * @returns what kept it from ending, null for nothing.
   */
  private async complete({ claim, row, files }: LoadedImport): Promise<unknown> {
    try {
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
    } catch (error) {
      return error;
    }
    this.logger.log(`Import ${claim.id}: ${files.map(({ name }) => name).join(', ')} of ${row.directory}`);
    return null;
  }
}
