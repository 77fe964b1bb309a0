import { Module } from '@nestjs/common';
import { StoresModule } from '../stores/stores.module.js';

/** Layouts under a name, and the mapping that holds for each store. */
@Module({
  imports: [StoresModule],
  providers: [],
  exports: [],
})
export class BlueprintsModule {}
