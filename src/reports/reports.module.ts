import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StoresModule } from '../stores/stores.module.js';
import { ReportFile } from './report-file.entity.js';
import { ReportRowsWriter } from './report-rows.writer.js';
import { Report } from './report.entity.js';
import { ReportPublisher } from './report.publisher.js';
import { ReportRunner } from './report.runner.js';
import { ReportsService } from './reports.service.js';

/** A request for numbers becomes rows and files. */
@Module({
  imports: [TypeOrmModule.forFeature([Report, ReportFile]), StoresModule],
  providers: [ReportsService, ReportRunner, ReportRowsWriter, ReportPublisher],
  exports: [ReportsService, ReportRunner],
})
export class ReportsModule {}
