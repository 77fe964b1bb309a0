import { formatInstantUs } from '../../platform/instant.js';
import type { ReportFile } from '../files/report-file.entity.js';
import type { Report, ReportPhase, ReportStatus } from './report.entity.js';

/** The options of a report, as they were asked for or set by default. */
export class ReportOptionsView {
  windows: string;
  unobserved: string;
  estimator: string;
  include_unpolled: boolean;
  /** Null: all stores. */
  store_ids: string[] | null;
}

export class ReportProgressView {
  phase: ReportPhase;
  /** Stores. */
  done: number;
  /** Stores; null before they are counted. */
  total: number | null;
}

export class ReportFileView {
  format: string;
  bytes: number;
  sha256: string;
  url: string;
}

export class ReportLinksView {
  self: string;
  /** The CSV; null until it is there. */
  file: string | null;
}

/** A report as the interface shows it. */
export class ReportView {
  id: string;
  label: string | null;
  status: ReportStatus;
  /** Null until the report has started, when the newest poll was asked for. */
  as_of: string | null;
  options: ReportOptionsView;
  progress: ReportProgressView;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  /** Rows. */
  stores: number | null;
  files: ReportFileView[];
  /** Why it failed, or why its last attempt did. */
  error: string | null;
  links: ReportLinksView;
}

export class ReportListView {
  data: ReportView[];
  next_cursor: string | null;
}

export function presentReport(report: Report, files: readonly ReportFile[]): ReportView {
  const self = `/api/v1/reports/${report.id}`;
  const asOfUs = report.asOfUs ?? report.requestedAsOfUs;
  return {
    id: report.id,
    label: report.label,
    status: report.status,
    as_of: asOfUs === null ? null : formatInstantUs(Number(asOfUs)),
    options: { ...report.policy, include_unpolled: report.includeUnpolled, store_ids: report.storeIds },
    progress: { phase: report.phase, done: report.done, total: report.total },
    created_at: report.createdAt.toISOString(),
    started_at: report.startedAt?.toISOString() ?? null,
    completed_at: report.completedAt?.toISOString() ?? null,
    stores: report.stores,
    files: files.map((file) => ({
      format: file.format,
      bytes: Number(file.bytes),
      sha256: file.sha256,
      url: `${self}/file?format=${file.format}`,
    })),
    error: report.error,
    links: { self, file: report.status === 'completed' ? `${self}/file?format=csv` : null },
  };
}
