import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { Problem } from '../../platform/problem.js';
import { Report, type ReportStatus } from './report.entity.js';

export const ENDED: ReadonlySet<ReportStatus> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** Finds the report that an address names, and refuses in one way for all routes. */
@Injectable()
export class ReportLookup {
  constructor(@InjectRepository(Report) private readonly reports: Repository<Report>) {}

  /** @throws Problem 404 when there is no such report; an id that can't be one is none. */
  async require(id: string): Promise<Report> {
    const report = isUuid(id) ? await this.reports.findOneBy({ id }) : null;
    if (report === null) throw noSuchReport(id);
    return report;
  }

  /**
   * A report whose figures can be read, by its `resultId`.
   *
   * @throws Problem 404 (none such), 409 (not ready, failed or cancelled), 410 (expired).
   */
  async completed(id: string): Promise<Report> {
    const report = await this.require(id);
    if (report.status !== 'completed') throw notReadable(report);
    return report;
  }
}

export function noSuchReport(id: string): Problem {
  return new Problem(
    404,
    'report_not_found',
    `There is no report '${id.slice(0, 100)}'. GET /api/v1/reports lists those that exist.`,
  );
}

function notReadable(report: Report): Problem {
  if (report.status === 'expired') {
    return new Problem(
      410,
      'report_expired',
      'The report was kept as long as configured, and its figures are gone. Trigger it again with its as_of and options.',
    );
  }
  if (ENDED.has(report.status)) {
    return new Problem(
      409,
      `report_${report.status}`,
      `The report is ${report.status} and has no file. ${report.error ?? ''}`.trim(),
    );
  }
  return new Problem(
    409,
    'report_not_ready',
    `The report is ${report.status}: ${report.done} of ${report.total ?? '?'} stores are done. Ask again in a moment.`,
  );
}
