import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ApplyController } from './blueprints/applying/apply.controller.js';
import { BlueprintsController } from './blueprints/blueprints.controller.js';
import { MappingController } from './blueprints/mapping/mapping.controller.js';
import { CompatModule } from './compat/compat.module.js';
import { ClearingController } from './data/clearing.controller.js';
import { DataController } from './data/data.controller.js';
import { TablesController } from './data/tables.controller.js';
import { FeaturesModule } from './features.module.js';
import { HealthModule } from './health/health.module.js';
import { ImportsController } from './ingestion/imports/imports.controller.js';
import { RejectsController } from './ingestion/rejects/rejects.controller.js';
import { PollsController } from './ingestion/live/polls.controller.js';
import { FirstPageController } from './platform/http/first-page.js';
import { KnownQuery } from './platform/http/known-query.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { validation } from './platform/http/validation.js';
import type { PlatformOptions } from './platform/platform.module.js';
import { ExplainController } from './reports/explain/explain.controller.js';
import { LabController } from './reports/lab/lab.controller.js';
import { EvidenceController } from './movements/evidence/evidence.controller.js';
import { FloorController } from './movements/figures/floor.controller.js';
import { MovementIntakeController } from './movements/intake/movement-intake.controller.js';
import { DeadLettersController } from './movements/letters/dead-letters.controller.js';
import { UnmappedNamesController } from './movements/linking/unmapped-names.controller.js';
import { MovementsController } from './movements/reading/movements.controller.js';
import { ReportReadingController } from './reports/reading/report-reading.controller.js';
import { ReportsController } from './reports/requests/reports.controller.js';
import { DataQualityController } from './stores/quality/data-quality.controller.js';
import { StoreExceptionsController } from './stores/calendar/store-exceptions.controller.js';
import { StoreHoursController } from './stores/calendar/store-hours.controller.js';
import { StatusController } from './stores/status/status.controller.js';
import { StoresController } from './stores/stores.controller.js';
import { TimelineController } from './stores/timeline/timeline.controller.js';

/** The API process: the features and every controller. Filter and pipe are providers, so that a test's is the real one. */
@Module({})
export class ApiModule {
  static forRoot(platform: Omit<PlatformOptions, 'role'>): DynamicModule {
    return {
      module: ApiModule,
      imports: [FeaturesModule.forRoot({ ...platform, role: 'producer' }), CompatModule, HealthModule],
      controllers: [
        FirstPageController,
        DataController,
        ClearingController,
        TablesController,
        ImportsController,
        RejectsController,
        PollsController,
        MovementIntakeController,
        DeadLettersController,
        UnmappedNamesController,
        MovementsController,
        // Before the reports, whose `:id` would take `lab` for one.
        LabController,
        ReportsController,
        ReportReadingController,
        ExplainController,
        StoresController,
        StoreHoursController,
        StoreExceptionsController,
        BlueprintsController,
        ApplyController,
        MappingController,
        TimelineController,
        EvidenceController,
        FloorController,
        StatusController,
        DataQualityController,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: KnownQuery },
        { provide: APP_PIPE, useFactory: validation },
      ],
    };
  }
}
