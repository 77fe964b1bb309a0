import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Chores } from '../../platform/chores.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction, withConnection } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { DAY_US } from '../../platform/instant.js';
import {
  dayOfPartition,
  lockMovementPartitions,
  MOVEMENT_TABLE,
  partitionOfDay,
} from './movement-partitions.js';

const EVERY_MS = 10 * 60_000;
/** So long an event that comes again is known. */
const REMEMBERED_DAYS = 7;
const IDS_AT_ONCE = 10_000;

/** Removes single events, dead letters and ids whose time is over. */
@Injectable()
export class MovementRetention implements OnModuleInit {
  private readonly logger = new Logger(MovementRetention.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly chores: Chores,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  onModuleInit(): void {
    this.chores.register({ name: 'Removing old movement events', everyMs: EVERY_MS, run: () => this.run() });
  }

  async run(): Promise<void> {
    const days = this.environment.movementRetentionDays;
    const firstKeptDay = Math.floor((this.clock.nowUs() - days * DAY_US) / DAY_US);
    for (const day of await this.daysBefore(firstKeptDay)) await this.dropDay(day);
    await this.dataSource.query(
      'DELETE FROM movement_dead_letters WHERE kept_at < clock_timestamp() - make_interval(days => $1)',
      [days],
    );
    await this.forgetIds();
  }

  private async daysBefore(firstKeptDay: number): Promise<number[]> {
    const rows: { name: string }[] = await this.dataSource.query(
      `SELECT c.relname AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = $1::regclass ORDER BY 1`,
      [MOVEMENT_TABLE],
    );
    return rows
      .map(({ name }) => dayOfPartition(name))
      .filter((day): day is number => day !== null && day < firstKeptDay);
  }

  /** A day of which figures have yet to be worked out waits for its next turn. */
  private async dropDay(day: number): Promise<void> {
    const { name } = partitionOfDay(day);
    const dropped = await inTransaction(this.dataSource, async (client) => {
      await client.query(`SET LOCAL lock_timeout = '2s'`);
      await lockMovementPartitions(client);
      // Whoever is storing is waited for, so that what he leaves word of is seen.
      await client.query(`LOCK TABLE ONLY ${MOVEMENT_TABLE} IN ACCESS EXCLUSIVE MODE`);
      if (await isAwaited(client, day)) return false;
      await client.query(`DROP TABLE IF EXISTS ${name}`);
      return true;
    });
    if (dropped) this.logger.log(`${name}: dropped, its time is over`);
  }

  private async forgetIds(): Promise<void> {
    await withConnection(this.dataSource, async (client) => {
      for (let forgotten = IDS_AT_ONCE; forgotten >= IDS_AT_ONCE; ) forgotten = await forgetSomeIds(client);
    });
  }
}

async function isAwaited(client: pg.ClientBase, day: number): Promise<boolean> {
  const { rows } = await client.query<{ awaited: boolean }>(
    'SELECT EXISTS (SELECT FROM movement_touched WHERE from_us < $2::bigint AND to_us >= $1::bigint) AS awaited',
    [day * DAY_US, (day + 1) * DAY_US],
  );
  return rows[0]!.awaited;
}

/** By when they were stored, as the database's clock says: an event of last month may have come today. @returns how many. */
async function forgetSomeIds(client: pg.ClientBase): Promise<number> {
  const { rowCount } = await client.query(
    `WITH due AS (SELECT (extract(epoch FROM clock_timestamp() - make_interval(days => $1)) * 1000000)::bigint AS us),
          until AS (SELECT coalesce((SELECT seen_us FROM movement_event_ids WHERE seen_us < (SELECT us FROM due)
                                      ORDER BY seen_us OFFSET $2 LIMIT 1), (SELECT us FROM due)) AS us)
     DELETE FROM movement_event_ids WHERE seen_us < (SELECT us FROM until)`,
    [REMEMBERED_DAYS, IDS_AT_ONCE],
  );
  return rowCount ?? 0;
}
