import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { FileKind } from '../file-kind.js';

/** `duplicate`: the same bytes were loaded before, so they were not loaded again. */
export type ImportFileStatus =
  | 'pending'
  | 'running'
  | 'completed'
  | 'rejected'
  | 'failed'
  | 'cancelled'
  | 'duplicate';

/** One file of an import and what became of it. Numbers are int8, which the driver gives as text. */
@Entity('import_files')
export class ImportFile {
  @PrimaryColumn('uuid', { name: 'import_id' })
  importId: string;

  @PrimaryColumn('smallint')
  position: number;

  @Column('text')
  name: string;

  /** Where the bytes lie below the import's directory; null: under `name`. */
  @Column('text', { nullable: true })
  path: string | null;

  @Column('text')
  kind: FileKind;

  @Column('text', { default: 'pending' })
  status: ImportFileStatus;

  @Column('text', { nullable: true })
  sha256: string | null;

  @Column('bigint', { default: 0 })
  bytes: string;

  @Column('bigint', { name: 'bytes_read', default: 0 })
  bytesRead: string;

  @Column('bigint', { default: 0 })
  read: string;

  @Column('bigint', { default: 0 })
  inserted: string;

  @Column('bigint', { default: 0 })
  replaced: string;

  @Column('bigint', { default: 0 })
  unchanged: string;

  @Column('bigint', { default: 0 })
  superseded: string;

  @Column('bigint', { default: 0 })
  rejected: string;

  @Column('bigint', { name: 'range_start_us', nullable: true })
  rangeStartUs: string | null;

  @Column('bigint', { name: 'range_end_us', nullable: true })
  rangeEndUs: string | null;

  /** The import that loaded the same bytes. */
  @Column('uuid', { name: 'duplicate_of', nullable: true })
  duplicateOf: string | null;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'merging_at', nullable: true })
  mergingAt: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt: Date | null;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { nullable: true })
  error: string | null;
}
