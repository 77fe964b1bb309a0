import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/index.js';
import { ReportsModule } from '../reports/index.js';
import { EarlierClientsService } from './earlier-clients.service.js';
import { SystemAController } from './system-a.controller.js';
import { SystemBController } from './system-b.controller.js';
import { SystemCController } from './system-c.controller.js';
import { SystemCReports } from './system-c-reports.js';
import { SystemEController } from './system-e.controller.js';

/** The routes of earlier clients: presenters over the same services, no logic of their own. */
@Module({
  imports: [ReportsModule, IngestionModule],
  controllers: [SystemAController, SystemBController, SystemCController, SystemEController],
  providers: [EarlierClientsService, SystemCReports],
})
export class CompatModule {}
