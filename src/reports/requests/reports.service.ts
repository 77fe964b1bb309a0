import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, type Repository } from 'typeorm';
import { Environment } from '../../platform/environment.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import type { Attachment } from '../../platform/http/download.js';
import { type ByteRange, FileMissing, FileStorage } from '../../platform/storage/file-storage.js';
import { waitFor } from '../../platform/wait.js';
import type { TriggerReportDto } from './report.dto.js';
import { ReportFile } from '../files/report-file.entity.js';
import { ReportFiles } from '../files/report-files.service.js';
import {
  CONTENT_TYPES,
  fileNameOf,
  type ReportFileChoice,
  type ReportFormat,
  variantOf,
} from '../files/report-variant.js';
import { ReportAdmission } from '../reuse/report-admission.service.js';
import { Report } from './report.entity.js';
import { ENDED, ReportLookup } from './report-lookup.js';
import { ReportReader } from './report.reader.js';
import { presentReport, type ReportListView, type ReportView } from './report.view.js';

/** Takes requests for reports, and answers what became of them. */
@Injectable()
export class ReportsService {
  constructor(
    @InjectRepository(Report) private readonly reports: Repository<Report>,
    @InjectRepository(ReportFile) private readonly files: Repository<ReportFile>,
    private readonly environment: Environment,
    private readonly queue: WorkQueue,
    private readonly storage: FileStorage,
    private readonly reportFiles: ReportFiles,
    private readonly lookup: ReportLookup,
    private readonly admission: ReportAdmission,
    private readonly reader: ReportReader,
  ) {}

  /**
   * Keeps the request and hands it to whoever computes it. What was not asked for is set by default, and kept too.
   * Nothing is computed where an earlier report answers it, or an equal one is being made.
   */
  async trigger(request: TriggerReportDto): Promise<ReportView> {
    const { defaultPolicy, defaultZone } = this.environment;
    const { id, isNew } = await this.admission.admit({
      label: request.label ?? null,
      requestedAsOfUs: instantOf(request.as_of ?? null),
      policy: {
        windows: request.windows ?? defaultPolicy.windows,
        unobserved: request.unobserved ?? defaultPolicy.unobserved,
        estimator: request.estimator ?? defaultPolicy.estimator,
      },
      includeUnpolled: request.include_unpolled ?? false,
      storeIds: request.store_ids ?? null,
      defaultZone,
      force: request.force ?? false,
    });
    if (isNew) await this.queue.enqueue('reports', id);
    return this.find(id);
  }

  /** @throws Problem 404 when there is no such report; an id that can't be one is none. */
  find(id: string): Promise<ReportView> {
    return this.reader.find(id);
  }

  /** As `find`, but only when the report has ended, or when `seconds` are over. */
  async findEnded(id: string, seconds: number): Promise<ReportView> {
    const ended = await waitFor(async () => {
      const report = await this.find(id);
      return ENDED.has(report.status) ? report : null;
    }, seconds * 1000);
    return ended ?? this.find(id);
  }

  /** Newest first. */
  async list(limit: number, cursor: string | undefined): Promise<ReportListView> {
    const page = await this.reports.find({
      // Ids are made in order of time.
      where: cursor === undefined ? {} : { id: LessThan(cursor) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const shown = page.slice(0, limit);
    const files = await this.filesOf(shown.flatMap((report) => [report.id, report.resultId]));
    return {
      data: shown.map((report) => presentReport(report, files)),
      next_cursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  /**
   * A finished file, made where it is asked for the first time, or is not there as it was written.
   *
   * @throws Problem 404 (no such report), 409 (not ready, or failed), 410 (expired, or gone with its rows), 507
   */
  async download(
    id: string,
    format: ReportFormat,
    more: Partial<Omit<ReportFileChoice, 'format'>> = {},
  ): Promise<Attachment> {
    const report = await this.lookup.completed(id);
    const variant = variantOf({ extended: false, spreadsheetSafe: false, ...more, format });
    const file = await this.reportFiles.whole(report, variant);
    return {
      fileName: fileNameOf(id, variant),
      contentType: CONTENT_TYPES[format],
      bytes: file.bytes,
      sha256: file.sha256,
      open: (range) => this.read(id, file.name, range),
    };
  }

  /** @throws Problem as `download`, where the report went since its file was looked at */
  private async read(id: string, name: string, range: ByteRange | undefined): Promise<Readable> {
    try {
      return await this.storage.read(name, range);
    } catch (error) {
      if (!(error instanceof FileMissing)) throw error;
      await this.lookup.completed(id);
      throw new Problem(
        409,
        'file_removed',
        'The file was removed just before it was sent. Ask again, and it is made again.',
      );
    }
  }

  /** Where a person finds the file: a path on this machine, or an address in a bucket. @throws as `download` */
  async pathOf(id: string, format: ReportFormat): Promise<string> {
    const report = await this.lookup.completed(id);
    const { name } = await this.reportFiles.whole(
      report,
      variantOf({ format, extended: false, spreadsheetSafe: false }),
    );
    return this.storage.pathOf(name);
  }

  private filesOf(ids: readonly string[]): Promise<ReportFile[]> {
    return this.files.find({ where: { reportId: In([...ids]) }, order: { variant: 'ASC' } });
  }
}

/** Microseconds since 1970 of text that was checked before. */
function instantOf(text: string | null): number | null {
  return text === null ? null : parseInstantUs(text);
}
