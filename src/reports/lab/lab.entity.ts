import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Policy } from '../../availability/index.js';
import type { LabResultView, LabStatus } from './lab.view.js';

/** One of the option sets that are compared. */
export interface LabSet extends Policy {
  readonly name: string;
}

/** A request to compare option sets. Rows are made by the service and moved forward by the runner, in SQL of its own. */
@Entity('labs')
export class Lab {
  @PrimaryColumn('uuid', { name: 'lab_id' })
  id: string;

  @Column('text', { default: 'pending' })
  status: LabStatus;

  /** Microseconds since 1970; int8 comes as text from the driver. */
  @Column('bigint', { name: 'requested_as_of_us', nullable: true })
  requestedAsOfUs: string | null;

  @Column('bigint', { name: 'as_of_us', nullable: true })
  asOfUs: string | null;

  @Column('jsonb')
  sets: LabSet[];

  @Column('boolean', { name: 'include_unpolled' })
  includeUnpolled: boolean;

  @Column('text', { name: 'store_ids', array: true, nullable: true })
  storeIds: string[] | null;

  @Column('text', { name: 'default_zone' })
  defaultZone: string;

  @Column('integer', { default: 0 })
  done: number;

  @Column('integer', { nullable: true })
  total: number | null;

  /** Only where it is asked for: lists are long enough without. */
  @Column('json', { nullable: true, select: false })
  result?: LabResultView | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;
}
