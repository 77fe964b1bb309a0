import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StoresModule } from '../stores/stores.module.js';
import { ReportFile } from './files/report-file.entity.js';
import { ReportRowsWriter } from './making/report-rows.writer.js';
import { Report } from './requests/report.entity.js';
import { ReportPublisher } from './files/report.publisher.js';
import { ReportRunner } from './making/report.runner.js';
import { ReportsService } from './requests/reports.service.js';

/** A request for numbers becomes rows and files. */
@Module({
  imports: [TypeOrmModule.forFeature([Report, ReportFile]), StoresModule],
  providers: [ReportsService, ReportRunner, ReportRowsWriter, ReportPublisher],
  exports: [ReportsService, ReportRunner],
})
export class ReportsModule {}
