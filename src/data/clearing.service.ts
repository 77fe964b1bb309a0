import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { inTransaction } from '../platform/database/connection.js';
import { MovementsService } from '../movements/index.js';
import { countFactChange, noteFactChange } from '../stores/fact-versions.js';
import { StatusService } from '../stores/status/status.service.js';
import { asProblem, KEPT_HOURS, nothingToRestore, otherForm, timeOver } from './clearing-problems.js';
import type { ClearedDataView, ClearingView, RestoringView } from './clearing.view.js';
import { countFacts, type FactCounts, holdsFacts } from './fact-counts.js';
import { continueKeys, moveAway, moveBack, replaceByEmpty } from './fact-schema.js';
import { lockEverything } from './fact-locks.js';
import { refuseWhileWorkRuns } from './running-work.js';

interface ClearedRow {
  cleared_id: string;
  schema_name: string;
  cleared_at: Date;
  expires_at: Date;
  counts: Record<string, number>;
  estimated: boolean;
  migration: string;
  over: boolean;
}

const COLUMNS = `cleared_id, schema_name, cleared_at, expires_at, counts, estimated, migration,
                 expires_at <= clock_timestamp() AS over`;

/**
 * Clears all facts and the history of loads, and takes a clearing back. Both are renamings in one transaction: killed
 * anywhere, it has happened or it has not. Reports stay.
 */
@Injectable()
export class ClearingService {
  private readonly logger = new Logger(ClearingService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly status: StatusService,
    private readonly movements: MovementsService,
  ) {}

  /**
   * @throws Problem 409 while imports or reports wait or run, 503 while somebody holds a table for long, or while
   *   events of cameras that were accepted before are not all stored.
   */
  async clear(): Promise<ClearingView> {
    const { counted, cleared, ...told } = await this.alone(async (client) => {
      const counts = await countFacts(client);
      if (!(await holdsFacts(client))) return { counted: counts, cleared: null };
      const id = uuidv7();
      await replaceByEmpty(client, schemaOf(id));
      // Versions go and come with the facts; those of the empty tables are told from all before.
      await noteFactChange(client, { era: true });
      return { counted: counts, cleared: await keep(client, id, counts) };
    });
    if (cleared === null) return { cleared_id: null, ...counted, restorable_until: null, ...told };
    this.status.forget();
    this.logger.log(`The data was cleared (${cleared.cleared_id}): ${JSON.stringify(cleared.counts)}`);
    const restorableUntil = cleared.expires_at.toISOString();
    return { cleared_id: cleared.cleared_id, ...counted, restorable_until: restorableUntil, ...told };
  }

  /**
   * Brings back what was cleared, and puts away in its place what is there now.
   *
   * @param id of the clearing; null: the latest.
   * @throws Problem as `clear`; 404 where there is none, 410 when its time is over, 409 when its tables have another
   *   form than this version's.
   */
  async restore(id: string | null): Promise<RestoringView> {
    const { restored, cleared, ...told } = await this.alone(async (client) => {
      const wanted = await this.find(client, id);
      const away = uuidv7();
      const counted = (await holdsFacts(client)) ? await countFacts(client) : null;
      await moveAway(client, schemaOf(away));
      await moveBack(client, wanted.schema_name);
      await continueKeys(client, schemaOf(away));
      await countFactChange(client);
      await client.query('DELETE FROM cleared_data WHERE cleared_id = $1', [wanted.cleared_id]);
      if (counted === null) await client.query(`DROP SCHEMA ${schemaOf(away)} CASCADE`);
      return { restored: wanted, cleared: counted && (await keep(client, away, counted)) };
    });
    this.status.forget();
    this.logger.log(`The data cleared as ${restored.cleared_id} was taken back`);
    return {
      restored_id: restored.cleared_id,
      counts: restored.counts,
      estimated: restored.estimated,
      cleared: cleared && presentCleared(cleared),
      ...told,
    };
  }

  /** What can be taken back, latest first. */
  async list(): Promise<ClearedDataView[]> {
    const rows: ClearedRow[] = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM cleared_data WHERE expires_at > clock_timestamp() ORDER BY cleared_at DESC`,
    );
    return rows.map(presentCleared);
  }

  /**
   * Runs in a transaction in which nobody else reads or writes facts, and no work begins. What cameras saw before is in
   * the tables by then: stored later, it would be the past of data that were cleared among those that come after.
   */
  private async alone<T extends object>(
    use: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T & WaitingEventsTold> {
    // Before anything is locked: a load holds the facts for long, and what is told of it is that it runs.
    await refuseWhileWorkRuns(this.dataSource);
    // Storing needs what is locked now.
    const waiting = await this.movements.storeAll();
    try {
      const result = await inTransaction(this.dataSource, async (client) => {
        await client.query('SET LOCAL search_path = public');
        await lockEverything(client);
        await refuseWhileWorkRuns(client);
        return use(client);
      });
      return { ...result, waiting_events: waiting, warning: waiting === null ? MAY_COME : null };
    } catch (error) {
      throw asProblem(error);
    }
  }

  private async find(client: pg.ClientBase, id: string | null): Promise<ClearedRow> {
    const { rows } = await client.query<ClearedRow>(
      `SELECT ${COLUMNS} FROM cleared_data WHERE $1::uuid IS NULL OR cleared_id = $1
        ORDER BY cleared_at DESC LIMIT 1 FOR UPDATE`,
      [id === null || isUuid(id) ? id : NONE],
    );
    const row = rows[0];
    if (row === undefined) throw nothingToRestore(id);
    if (row.over) throw timeOver(row);
    const migration = await newestMigration(client);
    if (row.migration !== migration) throw otherForm(row, migration);
    return row;
  }
}

interface WaitingEventsTold {
  waiting_events: number | null;
  warning: string | null;
}

const MAY_COME =
  'Redis does not answer, so events of cameras that wait there could not be stored first: those that it still holds are ' +
  'stored when it is back, among the data that are there then.';

/** An id that nothing has. */
const NONE = '00000000-0000-0000-0000-000000000000';

function schemaOf(id: string): string {
  return `cleared_${id.replaceAll('-', '')}`;
}

async function newestMigration(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM schema_migrations ORDER BY timestamp DESC LIMIT 1',
  );
  return rows[0]!.name;
}

async function keep(
  client: pg.ClientBase,
  id: string,
  { counts, estimated }: FactCounts,
): Promise<ClearedRow> {
  const { rows } = await client.query<ClearedRow>(
    `INSERT INTO cleared_data (cleared_id, schema_name, cleared_at, expires_at, counts, estimated, migration)
     SELECT $1, $2, now, now + make_interval(hours => $3), $4, $5, $6 FROM clock_timestamp() AS now
     RETURNING ${COLUMNS}`,
    [id, schemaOf(id), KEPT_HOURS, counts, estimated, await newestMigration(client)],
  );
  return rows[0]!;
}

function presentCleared(row: ClearedRow): ClearedDataView {
  return {
    cleared_id: row.cleared_id,
    cleared_at: row.cleared_at.toISOString(),
    restorable_until: row.expires_at.toISOString(),
    counts: row.counts,
    estimated: row.estimated,
  };
}
