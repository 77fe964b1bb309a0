import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { Claims } from '../../platform/database/claims.js';
import { Problem } from '../../platform/problem.js';
import { Report, type ReportStatus } from './report.entity.js';

export const ENDED: ReadonlySet<ReportStatus> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** What a report waits for that nobody has begun. */
export const REPORT_WAITS = ['imports', 'worker'] as const;
export type ReportWait = (typeof REPORT_WAITS)[number];
const WAITS: Readonly<Record<ReportWait, string>> = {
  imports: 'imports that were accepted before it (GET /api/v1/imports tells how far they are)',
  worker: 'a worker that is free to make it (GET /api/v1/health tells how many there are)',
};

/** Finds the report that an address names, and refuses in one way for all routes. */
@Injectable()
export class ReportLookup {
  constructor(
    @InjectRepository(Report) private readonly reports: Repository<Report>,
    private readonly claims: Claims,
  ) {}

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
    if (report.status !== 'completed') throw notReadable(report, await this.waitsFor([report]));
    return report;
  }

  /** What reports that nobody has begun wait for, by their id: imports that were accepted before them, else a worker. */
  async waitsFor(reports: readonly Report[]): Promise<ReadonlyMap<string, ReportWait>> {
    const pending = reports.filter(({ status }) => status === 'pending').map(({ id }) => id);
    const behind = await this.claims.waitingFor('imports', 'reports', pending);
    return new Map(pending.map((id): [string, ReportWait] => [id, behind.has(id) ? 'imports' : 'worker']));
  }
}

export function noSuchReport(id: string): Problem {
  return new Problem(
    404,
    'report_not_found',
    `There is no report '${id.slice(0, 100)}'. GET /api/v1/reports lists those that exist.`,
  );
}

function notReadable(report: Report, waits: ReadonlyMap<string, ReportWait>): Problem {
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
  const wait = waits.get(report.id);
  const standing =
    wait === undefined
      ? `The report is ${report.status}: ${report.done} of ${report.total ?? '?'} stores are done.`
      : `The report waits for ${WAITS[wait]}.`;
  return new Problem(409, 'report_not_ready', `${standing} Ask again in a moment.`);
}
