import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, type Repository } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import type { Readable } from 'node:stream';
import { Environment } from '../../platform/environment.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { WorkQueue } from '../../platform/queue/work-queue.js';
import { FileStorage } from '../../platform/storage/file-storage.js';
import { waitFor } from '../../platform/wait.js';
import type { TriggerReportDto } from './report.dto.js';
import { ReportFile, type ReportFormat } from '../files/report-file.entity.js';
import { Report, type ReportStatus } from './report.entity.js';
import { presentReport, type ReportListView, type ReportView } from './report.view.js';

/** A finished file on its way to a client. */
export interface ReportDownload {
  fileName: string;
  format: ReportFormat;
  bytes: number;
  sha256: string;
  content: Readable;
}

const ENDED: ReadonlySet<ReportStatus> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** Takes requests for reports, and answers what became of them. */
@Injectable()
export class ReportsService {
  constructor(
    @InjectRepository(Report) private readonly reports: Repository<Report>,
    @InjectRepository(ReportFile) private readonly files: Repository<ReportFile>,
    private readonly environment: Environment,
    private readonly queue: WorkQueue,
    private readonly storage: FileStorage,
  ) {}

  /** Keeps the request and hands it to whoever computes it. What was not asked for is set by default, and kept too. */
  async trigger(request: TriggerReportDto): Promise<ReportView> {
    const { defaultPolicy, defaultZone } = this.environment;
    const id = uuidv7();
    await this.reports.insert({
      id,
      label: request.label ?? null,
      requestedAsOfUs: textOfInstant(request.as_of ?? null),
      windows: request.windows ?? defaultPolicy.windows,
      unobserved: request.unobserved ?? defaultPolicy.unobserved,
      estimator: request.estimator ?? defaultPolicy.estimator,
      includeUnpolled: request.include_unpolled ?? false,
      storeIds: request.store_ids ?? null,
      defaultZone,
    });
    await this.queue.enqueue('reports', id);
    return this.find(id);
  }

  /** @throws Problem 404 when there is no such report; an id that can't be one is none. */
  async find(id: string): Promise<ReportView> {
    return presentReport(await this.require(id), await this.filesOf([id]));
  }

  /** As `find`, but only when the report has ended, or when `seconds` are over. */
  async findEnded(id: string, seconds: number): Promise<ReportView> {
    await waitFor(async () => (ENDED.has((await this.require(id)).status) ? true : null), seconds * 1000);
    return this.find(id);
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
    const files = await this.filesOf(shown.map((report) => report.id));
    return {
      data: shown.map((report) => presentReport(report, files.filter((file) => file.reportId === report.id))),
      next_cursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  /**
   * Opens a finished file.
   *
   * @throws Problem 404 (no such report), 409 (not ready, or failed), 410 (the file is gone or was changed).
   */
  async download(id: string, format: ReportFormat): Promise<ReportDownload> {
    const report = await this.require(id);
    if (report.status !== 'completed') throw notReady(report);
    const file = await this.files.findOneByOrFail({ reportId: id, format });
    // Looked at before the first byte is sent: a torn file must never pass for a whole one.
    if ((await this.storage.bytesOf(file.path)) !== Number(file.bytes)) throw fileGone(file);
    return {
      fileName: file.path,
      format,
      bytes: Number(file.bytes),
      sha256: file.sha256,
      content: this.storage.read(file.path),
    };
  }

  /** Where a person finds the file on this machine. */
  pathOf(id: string, format: ReportFormat): string {
    return this.storage.pathOf(`${id}.${format}`);
  }

  private async require(id: string): Promise<Report> {
    const report = isUuid(id) ? await this.reports.findOneBy({ id }) : null;
    if (report === null) {
      throw new Problem(404, 'report_not_found', `There is no report '${id.slice(0, 100)}'. GET /api/v1/reports lists those that exist.`);
    }
    return report;
  }

  private filesOf(ids: readonly string[]): Promise<ReportFile[]> {
    return this.files.find({ where: { reportId: In([...ids]) }, order: { format: 'ASC' } });
  }
}

function notReady(report: Report): Problem {
  if (ENDED.has(report.status)) {
    return new Problem(409, `report_${report.status}`, `The report is ${report.status} and has no file. ${report.error ?? ''}`.trim());
  }
  return new Problem(
    409,
    'report_not_ready',
    `The report is ${report.status}: ${report.done} of ${report.total ?? '?'} stores are done. Ask again in a moment.`,
  );
}

function fileGone(file: ReportFile): Problem {
  return new Problem(
    410,
    'file_gone',
    `The file ${file.path} is not there as it was written (${file.bytes} bytes). Its rows are kept; trigger the report again.`,
  );
}

/** Microseconds since 1970 of text that was checked before, as the database's driver wants an int8. */
function textOfInstant(text: string | null): string | null {
  return text === null ? null : String(parseInstantUs(text));
}
