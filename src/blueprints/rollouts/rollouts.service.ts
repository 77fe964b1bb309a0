import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { inTransaction } from '../../platform/database/connection.js';
import { Problem } from '../../platform/problem.js';
import { waitFor } from '../../platform/wait.js';
import type { ApplyOptions } from '../applying/apply-options.js';
import { type KeptVersion, readVersions } from '../blueprint-versions.reader.js';
import type { RolloutQueryDto } from '../blueprint.dto.js';
import { presentUnread } from '../content/unread.view.js';
import type { TargetStore } from '../mapping/target-stores.reader.js';
import { problemResult, RolloutRunner } from './rollout.runner.js';
import { presentRollout, type RolloutRow, type RolloutStoreRow, type RolloutView } from './rollout.view.js';

/** A store as it was named, or why there is none. */
export interface NamedTarget {
  readonly named: string;
  readonly store: TargetStore | Problem;
}

const PAGE = { limit: 50 } as const;

/** Takes blueprints that are to go to many stores, and answers how far they are. */
@Injectable()
export class RolloutsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly runner: RolloutRunner,
  ) {}

  /** Keeps what is to be done, and begins. A store that was named twice is done once. */
  async start(
    version: KeptVersion,
    targets: readonly NamedTarget[],
    options: ApplyOptions,
  ): Promise<RolloutView> {
    const id = uuidv7();
    const keys = new Set<number>();
    const rows = targets.flatMap(({ named, store }, position): object[] => {
      if (store instanceof Problem)
        return [
          {
            position,
            named,
            store_key: null,
            store_id: null,
            status: 'failed',
            result: problemResult(store),
          },
        ];
      if (keys.has(store.key)) return [];
      keys.add(store.key);
      return [{ position, named, store_key: store.key, store_id: store.id, status: 'pending', result: null }];
    });
    await inTransaction(this.dataSource, async (client) => {
      await client.query(
        `INSERT INTO blueprint_rollouts
           (rollout_id, blueprint_id, version, mode, on_conflict, dry_run, effective_from_us, created_at, total)
         VALUES ($1, $2, $3, $4, $5, $6, $7, timestamptz 'epoch' + $8 * interval '1 microsecond', $9)`,
        [
          id,
          version.id,
          version.version,
          options.mode,
          options.onConflict,
          options.dryRun,
          options.effectiveFromUs,
          // By the clock that says what lies ahead, the database's may differ.
          options.askedUs,
          rows.length,
        ],
      );
      await client.query(
        `INSERT INTO blueprint_rollout_stores (rollout_id, position, named, store_key, store_id, status, result)
         SELECT $1, position, named, store_key, store_id, status, result
           FROM jsonb_to_recordset($2::jsonb)
                  AS r (position int, named text, store_key int, store_id text, status text, result jsonb)`,
        [id, JSON.stringify(rows)],
      );
    });
    this.runner.offer(id);
    return this.find(version.id, id, PAGE);
  }

  /** @throws Problem 404; an id that can't be one is none. */
  async find(blueprintId: string, id: string, query: RolloutQueryDto): Promise<RolloutView> {
    const row = await this.known(blueprintId, id);
    const stores: RolloutStoreRow[] = await this.dataSource.query(
      `SELECT position, named, store_id, status, result FROM blueprint_rollout_stores
        WHERE rollout_id = $1 AND position > $2 AND ($3::text IS NULL OR status = $3) ORDER BY position LIMIT $4`,
      [id, query.cursor === undefined ? -1 : Number(query.cursor), query.status ?? null, query.limit + 1],
    );
    const shown = stores.slice(0, query.limit);
    const [version] = await readVersions(this.dataSource, [{ id: blueprintId, version: row.version }]);
    const cursor = stores.length > query.limit ? String(shown.at(-1)!.position) : null;
    return presentRollout(row, shown, presentUnread(version!.content), cursor);
  }

  /** As `find`, but only when it has ended, or when `seconds` are over. */
  async findEnded(
    blueprintId: string,
    id: string,
    query: RolloutQueryDto,
    seconds: number,
  ): Promise<RolloutView> {
    const isOver = async (): Promise<true | null> => {
      const { status } = await this.known(blueprintId, id);
      return status === 'completed' || status === 'failed' ? true : null;
    };
    if (seconds > 0) await waitFor(isOver, seconds * 1000);
    return this.find(blueprintId, id, query);
  }

  /** @throws Problem 404 */
  private async known(blueprintId: string, id: string): Promise<RolloutRow> {
    const row = isUuid(id) && isUuid(blueprintId) ? await this.row(blueprintId, id) : null;
    if (row !== null) return row;
    throw new Problem(404, 'rollout_not_found', `The blueprint has no rollout '${id.slice(0, 100)}'.`);
  }

  private async row(blueprintId: string, id: string): Promise<RolloutRow | null> {
    const rows: RolloutRow[] = await this.dataSource.query(
      `SELECT r.rollout_id, r.blueprint_id, r.version, r.mode, r.on_conflict, r.dry_run, r.effective_from_us, r.status,
              r.total, r.error, r.created_at, r.completed_at, s.applied, s.unchanged, s.failed
         FROM blueprint_rollouts AS r
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE status = 'applied')::int AS applied,
                                   count(*) FILTER (WHERE status = 'unchanged')::int AS unchanged,
                                   count(*) FILTER (WHERE status = 'failed')::int AS failed
                              FROM blueprint_rollout_stores WHERE rollout_id = r.rollout_id) AS s
        WHERE r.rollout_id = $1 AND r.blueprint_id = $2`,
      [id, blueprintId],
    );
    return rows[0] ?? null;
  }
}
