import { Module } from '@nestjs/common';
import { StoresModule } from '../stores/stores.module.js';
import { ApplyService } from './applying/apply.service.js';
import { BlueprintApplier } from './applying/blueprint.applier.js';
import { BlueprintsService } from './blueprints.service.js';
import { MappingReader } from './mapping/mapping.reader.js';
import { MappingService } from './mapping/mapping.service.js';
import { RolloutRunner } from './rollouts/rollout.runner.js';
import { RolloutsService } from './rollouts/rollouts.service.js';

/** Layouts under a name, and the mapping that holds for each store. */
@Module({
  imports: [StoresModule],
  providers: [
    ApplyService,
    BlueprintApplier,
    BlueprintsService,
    MappingReader,
    MappingService,
    RolloutRunner,
    RolloutsService,
  ],
  exports: [ApplyService, BlueprintsService, MappingReader, MappingService, RolloutsService],
})
export class BlueprintsModule {}
