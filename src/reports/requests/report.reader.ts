import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { SharedReads } from '../../platform/shared-reads.js';
import { ReportFile } from '../files/report-file.entity.js';
import { MissingStoresReader } from '../reading/missing-stores.reader.js';
import { ReportReuse } from '../reuse/report-reuse.service.js';
import { noSuchReport, ReportLookup, type ReportWait } from './report-lookup.js';
import { Report } from './report.entity.js';
import { presentReport, type ReportView } from './report.view.js';

type ReportWithFiles = Report & { files: ReportFile[] };

/**
 * Answers how reports stand, to many at once: clients ask again and again until theirs has ended. Those who ask at
 * the same time share one query, which began after they asked.
 */
@Injectable()
export class ReportReader {
  private readonly reads = new SharedReads((ids) => this.readAll(ids));

  constructor(
    @InjectRepository(Report) private readonly reports: Repository<Report>,
    private readonly reuse: ReportReuse,
    private readonly missing: MissingStoresReader,
    private readonly lookup: ReportLookup,
  ) {}

  /** @throws Problem 404 when there is no such report; an id that can't be one is none. */
  async find(id: string): Promise<ReportView> {
    const view = isUuid(id) ? await this.reads.get(id.toLowerCase()) : undefined;
    if (view === undefined) throw noSuchReport(id);
    return view;
  }

  private async readAll(ids: readonly string[]): Promise<Map<string, ReportView>> {
    const found = await this.reports
      .createQueryBuilder('report')
      .leftJoinAndMapMany(
        'report.files',
        ReportFile,
        'file',
        'file.report_id IN (report.result_id, report.report_id)',
      )
      .where('report.report_id IN (:...ids)', { ids })
      .orderBy('file.variant')
      .getMany();
    const waits = await this.lookup.waitsFor(found);
    return new Map(
      await Promise.all(
        found.map((report) => this.present(report as ReportWithFiles, waits.get(report.id) ?? null)),
      ),
    );
  }

  private async present(report: ReportWithFiles, waitsFor: ReportWait | null): Promise<[string, ReportView]> {
    const [superseded, missing] = await Promise.all([
      this.reuse.isSuperseded(report),
      this.missing.of(report),
    ]);
    return [report.id, presentReport(report, report.files, { superseded, missing, waitsFor })];
  }
}
