import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../../platform/instant.js';
import type { ReportFile } from '../files/report-file.entity.js';
import { choiceOf, ownerOf, queryOf } from '../files/report-variant.js';
import type { MissingStores } from '../reading/missing-stores.reader.js';
import { REPORT_WAITS, type ReportWait } from './report-lookup.js';
import { notesOn } from './report-notes.js';
import type { Report, ReportPhase, ReportStatus } from './report.entity.js';

/** The options of a report, as they were asked for or set by default. */
export class ReportOptionsView {
  windows: string;
  unobserved: string;
  estimator: string;
  include_unpolled: boolean;
  /** Null: all stores, or a list, where ids by the thousand would hide the reports; see `store_ids_count`. */
  store_ids: string[] | null;
  /** How many stores were asked for by name; null: all. */
  store_ids_count: number | null;
}

export class ReportProgressView {
  phase: ReportPhase;
  /** Stores. */
  done: number;
  /** Stores; null before they are counted. */
  total: number | null;
  /** What a pending report waits for: `imports` that were accepted before it, or a `worker`. Null once it has begun, and in lists. */
  @ApiProperty({ enum: REPORT_WAITS, nullable: true })
  waiting_for: ReportWait | null;
}

export class ReportFileView {
  format: string;
  /** With further columns. */
  extended: boolean;
  /** Without text that a spreadsheet would run as a formula. */
  spreadsheet_safe: boolean;
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
  /** How far the facts had come that the report follows from; equal where nothing of them has changed. */
  watermark: string | null;
  /** The report whose rows and files these are; null: they were computed for this one. */
  reused_from: string | null;
  /** Whether facts have changed since that the report follows from; null in lists, and where it is not known. */
  superseded: boolean | null;
  /** Stores that were asked for by name, and are unknown or have no poll; null: none by name, not completed, or a list. */
  missing_stores: number | null;
  /** At most 100 of them. */
  missing_store_ids: string[] | null;
  files: ReportFileView[];
  /** What people had better know of what they asked for, each a sentence. */
  notes: string[];
  /** Why it failed, or why its last attempt did. */
  error: string | null;
  links: ReportLinksView;
}

export class ReportListView {
  data: ReportView[];
  next_cursor: string | null;
}

/** What is told of one report and not in lists. */
export interface ReportDetails {
  superseded: boolean | null;
  missing: MissingStores | null;
  waitsFor: ReportWait | null;
}

export function presentReport(
  report: Report,
  files: readonly ReportFile[],
  details: ReportDetails | null = null,
): ReportView {
  const self = `/api/v1/reports/${report.id}`;
  const asOfUs = report.asOfUs ?? report.requestedAsOfUs;
  return {
    id: report.id,
    label: report.label,
    status: report.status,
    as_of: asOfUs === null ? null : formatInstantUs(Number(asOfUs)),
    options: { ...report.policy, include_unpolled: report.includeUnpolled, ...storeIdsOf(report, details) },
    progress: {
      phase: report.phase,
      done: report.done,
      total: report.total,
      waiting_for: details?.waitsFor ?? null,
    },
    created_at: report.createdAt.toISOString(),
    started_at: report.startedAt?.toISOString() ?? null,
    completed_at: report.completedAt?.toISOString() ?? null,
    stores: report.stores,
    watermark: report.watermark,
    reused_from: report.reusedFrom,
    superseded: details?.superseded ?? null,
    missing_stores: details?.missing?.count ?? null,
    missing_store_ids: details?.missing ? [...details.missing.ids] : null,
    files: files
      .filter((file) => report.status === 'completed' && file.reportId === ownerOf(report, file.variant))
      .map((file) => presentFile(file, self)),
    notes: notesOn(report),
    error: report.error,
    links: { self, file: report.status === 'completed' ? `${self}/file?format=csv` : null },
  };
}

function presentFile({ variant, bytes, sha256 }: ReportFile, self: string): ReportFileView {
  const { format, extended, spreadsheetSafe } = choiceOf(variant);
  const url = `${self}/file${queryOf(variant)}`;
  return { format, extended, spreadsheet_safe: spreadsheetSafe, bytes: Number(bytes), sha256, url };
}

function storeIdsOf(
  { storeIds }: Report,
  details: ReportDetails | null,
): Pick<ReportOptionsView, 'store_ids' | 'store_ids_count'> {
  return { store_ids: details === null ? null : storeIds, store_ids_count: storeIds?.length ?? null };
}
