import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { FileStorage } from '../../platform/storage/file-storage.js';
import { fileNameOf } from '../files/report-variant.js';

const EVERY_MS = 30_000;

/**
 * Removes what ended reports no longer need, and whatever a cancelled one has left. The shards of a failed report stay
 * with its rows: where all of them are there, trying again only has to publish.
 */
@Injectable()
export class ReportLeftovers implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly chores: Chores,
    private readonly storage: FileStorage,
  ) {}

  onModuleInit(): void {
    this.chores.register({
      name: 'Removing what cancelled reports left',
      everyMs: EVERY_MS,
      run: () => this.removeAll(),
    });
  }

  /** For reports whose process was killed before it had done so itself. */
  private async removeAll(): Promise<void> {
    const reports: { id: string }[] = await this.dataSource.query(
      `SELECT report_id AS id FROM reports AS r
        WHERE status IN ('completed', 'cancelled', 'expired')
          AND EXISTS (SELECT FROM report_shards AS s WHERE s.report_id = r.report_id)`,
    );
    for (const { id } of reports) await this.remove(id);
  }

  /** Removes the shards of an ended report, and its rows and files where it has no use for them. */
  async remove(id: string): Promise<void> {
    const [report] = await this.dataSource.query(
      `SELECT status = 'cancelled' OR reused_from IS NOT NULL AS useless FROM reports
        WHERE report_id = $1 AND status IN ('completed', 'cancelled', 'expired')`,
      [id],
    );
    if (report === undefined) return;
    if ((report as { useless: boolean }).useless) {
      await this.dataSource.query('DELETE FROM report_rows WHERE report_id = $1', [id]);
      await this.dataSource.query('DELETE FROM report_evidence WHERE report_id = $1', [id]);
      for (const variant of ['csv', 'json'] as const) await this.storage.remove(fileNameOf(id, variant));
    }
    // Last, since they tell that there is something to remove.
    await this.dataSource.query('DELETE FROM report_shards WHERE report_id = $1', [id]);
  }
}
