import { Module } from '@nestjs/common';
import { BlueprintsModule } from '../blueprints/index.js';
import { StoresModule } from '../stores/stores.module.js';

/** What the cameras of the stores see: taken, kept once, and given a meaning by the layout in force. */
@Module({
  imports: [StoresModule, BlueprintsModule],
  providers: [],
  exports: [],
})
export class MovementsModule {}
