import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Policy } from '../../availability/index.js';

export type ReportStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'expired';
export type ReportPhase = 'waiting' | 'computing' | 'publishing';

/** A request for numbers. Rows are made by the service and moved forward by the runner, in SQL of its own. */
@Entity('reports')
export class Report {
  @PrimaryColumn('uuid', { name: 'report_id' })
  id: string;

  @Column('text', { nullable: true })
  label: string | null;

  @Column('text', { default: 'pending' })
  status: ReportStatus;

  /** Microseconds since 1970; int8 comes as text from the driver. */
  @Column('bigint', { name: 'requested_as_of_us', nullable: true })
  requestedAsOfUs: string | null;

  @Column('bigint', { name: 'as_of_us', nullable: true })
  asOfUs: string | null;

  @Column('text')
  windows: Policy['windows'];

  @Column('text')
  unobserved: Policy['unobserved'];

  @Column('text')
  estimator: Policy['estimator'];

  @Column('boolean', { name: 'include_unpolled' })
  includeUnpolled: boolean;

  @Column('text', { name: 'store_ids', array: true, nullable: true })
  storeIds: string[] | null;

  @Column('text', { name: 'default_zone' })
  defaultZone: string;

  @Column('text', { default: 'waiting' })
  phase: ReportPhase;

  @Column('integer', { default: 0 })
  done: number;

  @Column('integer', { nullable: true })
  total: number | null;

  @Column('integer', { nullable: true })
  stores: number | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;

  /** Whose rows and files these are: its own, or those of the report that it was answered from. */
  @Column({ type: 'uuid', name: 'result_id', insert: false, update: false })
  resultId: string;

  @Column('uuid', { name: 'reused_from', nullable: true })
  reusedFrom: string | null;

  @Column('boolean', { default: false })
  force: boolean;

  /** How far the facts had come in the report's snapshot. */
  @Column('text', { nullable: true })
  watermark: string | null;

  /** Equal for reports with the same rows. */
  @Column('text', { name: 'result_key', nullable: true })
  resultKey: string | null;

  get policy(): Policy {
    return { windows: this.windows, unobserved: this.unobserved, estimator: this.estimator };
  }
}
