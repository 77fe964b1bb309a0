import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Chores } from '../platform/chores.js';
import { inTransaction } from '../platform/database/connection.js';

const EVERY_MS = 10 * 60_000;

/** Drops for good what was cleared and can no longer be taken back. */
@Injectable()
export class ClearedDataChore implements OnModuleInit {
  private readonly logger = new Logger(ClearedDataChore.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly chores: Chores,
  ) {}

  onModuleInit(): void {
    this.chores.register({ name: 'Dropping cleared data', everyMs: EVERY_MS, run: () => this.run() });
  }

  /** Schema and row go together, one clearing after another. */
  async run(): Promise<void> {
    while (await this.dropOne());
  }

  /** @returns whether there was one; what another process drops at the moment is left to it. */
  private dropOne(): Promise<boolean> {
    return inTransaction(this.dataSource, async (client) => {
      await client.query(`SET LOCAL lock_timeout = '2s'`);
      const { rows } = await client.query<{ schema_name: string; drop: string }>(
        `SELECT schema_name, format('DROP SCHEMA IF EXISTS %I CASCADE', schema_name) AS drop
           FROM cleared_data WHERE expires_at <= clock_timestamp()
          ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      );
      const row = rows[0];
      if (row === undefined) return false;
      await client.query(row.drop);
      await client.query('DELETE FROM cleared_data WHERE schema_name = $1', [row.schema_name]);
      this.logger.log(`${row.schema_name}: cleared data is dropped for good, its time is over`);
      return true;
    });
  }
}
