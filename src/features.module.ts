import { type DynamicModule, Module } from '@nestjs/common';
import { BlueprintsModule } from './blueprints/index.js';
import { DataModule } from './data/index.js';
import { IngestionModule } from './ingestion/index.js';
import { MovementsModule } from './movements/index.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';
import { ReportsModule } from './reports/index.js';
import { StoresModule } from './stores/stores.module.js';

/** What every process shares, whether it serves, works or was called once. */
@Module({})
export class FeaturesModule {
  static forRoot(platform: PlatformOptions): DynamicModule {
    const features = [
      StoresModule,
      IngestionModule,
      BlueprintsModule,
      MovementsModule,
      ReportsModule,
      DataModule,
    ];
    return {
      module: FeaturesModule,
      imports: [PlatformModule.forRoot(platform), ...features],
      exports: features,
    };
  }
}
