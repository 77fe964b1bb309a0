import { Module } from '@nestjs/common';
import { BlueprintsModule } from '../blueprints/index.js';
import { DataModule } from '../data/index.js';
import { IngestionModule } from '../ingestion/index.js';
import { MovementsModule } from '../movements/index.js';
import { ReportsModule } from '../reports/index.js';
import { EarlierClientsService } from './earlier-clients.service.js';
import { SystemAController } from './system-a.controller.js';
import { SystemBController } from './system-b.controller.js';
import { SystemCDataController } from './system-c-data.controller.js';
import { SystemCController } from './system-c.controller.js';
import { SystemCReports } from './system-c-reports.js';
import { SystemDBlueprintsController } from './system-d-blueprints.controller.js';
import { SystemDBlueprints } from './system-d-blueprints.js';
import { SystemDController } from './system-d.controller.js';
import { SystemDMovements } from './system-d-movements.js';
import { SystemEController } from './system-e.controller.js';

/** The routes of earlier clients: presenters over the same services, no logic of their own. */
@Module({
  imports: [ReportsModule, IngestionModule, DataModule, MovementsModule, BlueprintsModule],
  controllers: [
    SystemAController,
    SystemBController,
    SystemCController,
    SystemCDataController,
    SystemDController,
    SystemDBlueprintsController,
    SystemEController,
  ],
  providers: [EarlierClientsService, SystemCReports, SystemDMovements, SystemDBlueprints],
})
export class CompatModule {}
