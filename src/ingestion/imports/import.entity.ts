import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ImportStatus = 'pending' | 'running' | 'completed' | 'rejected' | 'failed' | 'cancelled';

/** What can be loaded without sending it. `directory`: the data folder; `sample`: the set that comes with the program. */
export const IMPORT_SOURCES = ['directory', 'sample'] as const;
export type ImportSource = (typeof IMPORT_SOURCES)[number];
/** Where the files of an import come from. */
export type ImportOrigin = ImportSource | 'upload';

/** A load that was asked for. Rows are made by the service and moved forward by the runner, in SQL of its own. */
@Entity('imports')
export class Import {
  @PrimaryColumn('uuid', { name: 'import_id' })
  id: string;

  @Column('text', { default: 'pending' })
  status: ImportStatus;

  @Column('text')
  source: ImportOrigin;

  @Column('text')
  directory: string;

  /** Files are loaded although the same bytes were loaded before. */
  @Column('boolean', { default: false })
  force: boolean;

  /** Bounds above which a file is refused whole; null: the configured ones. */
  @Column('double precision', { name: 'reject_limit_share', nullable: true })
  rejectLimitShare: number | null;

  @Column('integer', { name: 'reject_limit_rows', nullable: true })
  rejectLimitRows: number | null;

  @Column('timestamptz', { name: 'accepted_at', default: () => 'clock_timestamp()' })
  acceptedAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;

  @Column('text', { nullable: true })
  error: string | null;
}
