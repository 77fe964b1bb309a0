import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MovementsModule } from '../movements/index.js';
import { StoresModule } from '../stores/stores.module.js';
import { ReportFile } from './files/report-file.entity.js';
import { Report } from './requests/report.entity.js';
import { ReportFiles } from './files/report-files.service.js';
import { ReportRemoval } from './files/report-removal.js';
import { ReportRetention } from './files/report-retention.chore.js';
import { ReportPublisher } from './files/report.publisher.js';
import { ReportCoordinator } from './making/report.coordinator.js';
import { ReportLeftovers } from './making/report-leftovers.js';
import { ReportShards } from './making/report-shards.js';
import { ShardComputer } from './making/shard.computer.js';
import { ShardEvidence } from './making/shard-evidence.js';
import { ShardRunner } from './making/shard.runner.js';
import { ReportRunner } from './making/report.runner.js';
import { LabComputer } from './lab/lab.computer.js';
import { Lab } from './lab/lab.entity.js';
import { LabRunner } from './lab/lab.runner.js';
import { LabsService } from './lab/labs.service.js';
import { KeyOrders } from './reading/key-orders.js';
import { MissingStoresReader } from './reading/missing-stores.reader.js';
import { ReportDiffReader } from './reading/report-diff.reader.js';
import { ReportRowsReader } from './reading/report-rows.reader.js';
import { ReportSummaryReader } from './reading/report-summary.reader.js';
import { ExplainService } from './explain/explain.service.js';
import { ReportControl } from './requests/report-control.service.js';
import { ReportLookup } from './requests/report-lookup.js';
import { ReportAdmission } from './reuse/report-admission.service.js';
import { ReportReuse } from './reuse/report-reuse.service.js';
import { ReportReader } from './requests/report.reader.js';
import { ReportsService } from './requests/reports.service.js';

/** A request for numbers becomes rows and files. */
@Module({
  imports: [TypeOrmModule.forFeature([Report, ReportFile, Lab]), StoresModule, MovementsModule],
  providers: [
    ReportAdmission,
    ReportReuse,
    ReportsService,
    ReportLookup,
    ReportReader,
    ExplainService,
    KeyOrders,
    MissingStoresReader,
    ReportRowsReader,
    ReportSummaryReader,
    ReportDiffReader,
    ReportRunner,
    ReportControl,
    ReportCoordinator,
    ReportLeftovers,
    ReportShards,
    ShardComputer,
    ShardEvidence,
    ShardRunner,
    ReportPublisher,
    ReportFiles,
    ReportRemoval,
    ReportRetention,
    LabsService,
    LabComputer,
    LabRunner,
  ],
  exports: [
    LabsService,
    ExplainService,
    ReportsService,
    ReportLookup,
    ReportRowsReader,
    ReportSummaryReader,
    ReportDiffReader,
    ReportRunner,
    ReportRemoval,
    ReportControl,
  ],
})
export class ReportsModule {}
