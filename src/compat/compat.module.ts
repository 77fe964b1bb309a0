import { Module } from '@nestjs/common';
import { DataModule } from '../data/index.js';
import { IngestionModule } from '../ingestion/index.js';
import { ReportsModule } from '../reports/index.js';
import { EarlierClientsService } from './earlier-clients.service.js';
import { SystemAController } from './system-a.controller.js';
import { SystemBController } from './system-b.controller.js';
import { SystemCDataController } from './system-c-data.controller.js';
import { SystemCController } from './system-c.controller.js';
import { SystemCReports } from './system-c-reports.js';
import { SystemEController } from './system-e.controller.js';

/** The routes of earlier clients: presenters over the same services, no logic of their own. */
@Module({
  imports: [ReportsModule, IngestionModule, DataModule],
  controllers: [
    SystemAController,
    SystemBController,
    SystemCController,
    SystemCDataController,
    SystemEController,
  ],
  providers: [EarlierClientsService, SystemCReports],
})
export class CompatModule {}
