import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/index.js';
import { MovementsModule } from '../movements/index.js';
import { StoresModule } from '../stores/stores.module.js';
import { ClearedDataChore } from './cleared-data.chore.js';
import { ClearingService } from './clearing.service.js';
import { TablesService } from './tables.service.js';

/** What the database holds as a whole: look at it, clear it, take it back. */
@Module({
  imports: [IngestionModule, MovementsModule, StoresModule],
  providers: [TablesService, ClearingService, ClearedDataChore],
  exports: [TablesService, ClearingService],
})
export class DataModule {}
