import { Column, Entity, PrimaryColumn } from 'typeorm';

export const REPORT_FORMATS = ['csv', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A finished file of a report: its name in the storage, and what it has to be when it is read again. */
@Entity('report_files')
export class ReportFile {
  @PrimaryColumn('uuid', { name: 'report_id' })
  reportId: string;

  @PrimaryColumn('text')
  format: ReportFormat;

  @Column('text')
  path: string;

  @Column('bigint')
  bytes: string;

  @Column('text')
  sha256: string;
}

export const CONTENT_TYPES: Readonly<Record<ReportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};
