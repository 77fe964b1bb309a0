import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ImportStatus = 'pending' | 'running' | 'completed' | 'rejected' | 'failed' | 'cancelled';

/** `directory`: the data folder; `sample`: the set that comes with the program. */
export const IMPORT_SOURCES = ['directory', 'sample'] as const;
export type ImportSource = (typeof IMPORT_SOURCES)[number];

/** A load that was asked for. Rows are made by the service and moved forward by the runner, in SQL of its own. */
@Entity('imports')
export class Import {
  @PrimaryColumn('uuid', { name: 'import_id' })
  id: string;

  @Column('text', { default: 'pending' })
  status: ImportStatus;

  @Column('text')
  source: ImportSource;

  @Column('text')
  directory: string;

  @Column('timestamptz', { name: 'accepted_at', default: () => 'clock_timestamp()' })
  acceptedAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;

  @Column('text', { nullable: true })
  error: string | null;
}
