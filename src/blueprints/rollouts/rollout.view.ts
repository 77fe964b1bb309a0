import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatInstantUs } from '../../platform/instant.js';
import { PartCountsView } from '../applying/apply.view.js';
import { ConflictView } from '../applying/conflict.view.js';
import { UnreadView } from '../content/unread.view.js';

export type RolloutStatus = 'pending' | 'running' | 'completed' | 'failed';
export type RolloutStoreStatus = 'pending' | 'applied' | 'unchanged' | 'failed';

/** Why a store was left as it was. */
export class RolloutProblemView {
  status: number;
  code: string;
  detail: string;
  @ApiPropertyOptional({ type: [ConflictView] })
  conflicts?: ConflictView[];
}

/** What became of it in one store. */
export class RolloutResultView {
  revision: number;
  @ApiProperty({ type: String, format: 'date-time' })
  effective_from: string;
  added: PartCountsView;
  updated: PartCountsView;
  removed: PartCountsView;
  kept: PartCountsView;
  /** How many `on_conflict` has settled. */
  conflicts: number;
}

export class RolloutStoreView {
  /** As it was named. */
  store: string;
  /** Null: no store has the name. */
  store_id: string | null;
  /** `unchanged`: its mapping says all of it already. */
  @ApiProperty({ enum: ['pending', 'applied', 'unchanged', 'failed'] })
  status: RolloutStoreStatus;
  @ApiProperty({ type: RolloutResultView, nullable: true })
  result: RolloutResultView | null;
  @ApiProperty({ type: RolloutProblemView, nullable: true })
  problem: RolloutProblemView | null;
}

export class RolloutLinksView {
  self: string;
}

/** A blueprint on its way to many stores. */
export class RolloutView {
  id: string;
  blueprint_id: string;
  version: number;
  mode: string;
  on_conflict: string;
  dry_run: boolean;
  /**
   * As it was asked for. A store whose turn comes only when that has passed has it from its turn on, unless it had no
   * mapping before; each result says from when.
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  effective_from: string | null;
  /** `completed` when there is a result for every store, good or bad. */
  @ApiProperty({ enum: ['pending', 'running', 'completed', 'failed'] })
  status: RolloutStatus;
  /** Stores. */
  total: number;
  done: number;
  applied: number;
  unchanged: number;
  failed: number;
  /** Why it broke off. */
  error: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  completed_at: string | null;
  /** Parts of the blueprint's `mapping_data` that could not be read, and so come to no store. */
  @ApiProperty({ type: [UnreadView] })
  unread: UnreadView[];
  /** A page of the stores, in the order in which they were named. */
  @ApiProperty({ type: [RolloutStoreView] })
  stores: RolloutStoreView[];
  next_cursor: string | null;
  links: RolloutLinksView;
}

export interface RolloutRow {
  rollout_id: string;
  blueprint_id: string;
  version: number;
  mode: string;
  on_conflict: string;
  dry_run: boolean;
  effective_from_us: string | null;
  status: RolloutStatus;
  total: number;
  applied: number;
  unchanged: number;
  failed: number;
  error: string | null;
  created_at: Date;
  completed_at: Date | null;
}

export interface RolloutStoreRow {
  position: number;
  named: string;
  store_id: string | null;
  status: RolloutStoreStatus;
  result: object | null;
}

export function presentRollout(
  row: RolloutRow,
  stores: readonly RolloutStoreRow[],
  unread: UnreadView[],
  cursor: string | null,
): RolloutView {
  return {
    id: row.rollout_id,
    blueprint_id: row.blueprint_id,
    version: row.version,
    mode: row.mode,
    on_conflict: row.on_conflict,
    dry_run: row.dry_run,
    effective_from: row.effective_from_us === null ? null : formatInstantUs(Number(row.effective_from_us)),
    status: row.status,
    total: row.total,
    done: row.applied + row.unchanged + row.failed,
    applied: row.applied,
    unchanged: row.unchanged,
    failed: row.failed,
    error: row.error,
    created_at: row.created_at.toISOString(),
    completed_at: row.completed_at?.toISOString() ?? null,
    unread,
    stores: stores.map(presentStore),
    next_cursor: cursor,
    links: { self: `/api/v1/blueprints/${row.blueprint_id}/rollouts/${row.rollout_id}` },
  };
}

function presentStore({ named, store_id: id, status, result }: RolloutStoreRow): RolloutStoreView {
  const [good, bad] = status === 'failed' ? [null, result] : [result, null];
  return {
    store: named,
    store_id: id,
    status,
    result: good as RolloutResultView | null,
    problem: bad as RolloutProblemView | null,
  };
}
