import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { StoredFile } from '../../platform/storage/file-storage.js';
import type { ReportVariant } from './report-variant.js';

/** A file of a result: its name in the storage, and what it has to be when it is read again. */
@Entity('report_files')
export class ReportFile {
  /** Of the report for which the rows were computed; of the report itself for its JSON. */
  @PrimaryColumn('uuid', { name: 'report_id' })
  reportId: string;

  @PrimaryColumn('text')
  variant: ReportVariant;

  @Column('text')
  path: string;

  @Column('bigint')
  bytes: string;

  @Column('text')
  sha256: string;

  get stored(): StoredFile {
    return { name: this.path, bytes: Number(this.bytes), sha256: this.sha256 };
  }
}
